import type { FieldType } from './field-types.ts'

/** Fields by name, in the order in which they lie in memory. A plain object: this is how a layout crosses a thread. */
export type StructSpec = { readonly [field: string]: FieldType }

/** The plain readonly value of a spec: `bool` fields are booleans, all others numbers. */
export type StructValue<S extends StructSpec> = { readonly [Field in keyof S]: S[Field] extends 'bool' ? boolean : number }

/** The plain readonly value of a layout, as in `type Order = Infer<typeof order>`. */
export type Infer<L> = L extends StructLayout<infer S> ? StructValue<S> : never

/** One field of a layout. */
export interface StructField {
  readonly name: string
  readonly type: FieldType
  /** Bytes from the start of the struct. */
  readonly offset: number
  /** Bytes. */
  readonly size: number
}

/** What every view has beside its fields. */
export interface ViewMethods<T> {
  /** The byte of the buffer at which the struct begins. */
  readonly offset: number
  /**
   * Lays the view over another struct of the same buffer. Any byte will do: accessors need no alignment.
   * Not checked, because it is on the hot path: an access outside the buffer throws a `RangeError`.
   */
  moveTo(byteOffset: number): this
  /** A plain object with the fields of now, which stays valid. */
  copy(): T
  /** Writes every field: all of them, or none when one is refused. @throws {FieldError} */
  set(value: T): this
  /** As {@link copy}: lets `JSON.stringify` show the fields. */
  toJSON(): T
}

/**
 * A flyweight over one struct in a buffer: reading and writing a property reads and writes memory. Every setter checks its value and
 * throws a {@link FieldError} rather than wrap it.
 */
export type View<T> = { -readonly [Field in keyof T]: T[Field] } & ViewMethods<T>

/** What an event handler gets: the fields for reading, and `copy()` to keep them. Valid only during the call. */
export type ReadonlyView<T> = T & Pick<ViewMethods<T>, 'copy' | 'offset' | 'toJSON'>

/** What a layout is, apart from the type of its values. */
export interface LayoutDescription {
  /** Bytes of one struct: a multiple of {@link alignment}. */
  readonly size: number
  /** The largest alignment of a field: 1, 2, 4 or 8. */
  readonly alignment: number
  /** 32 bits, unsigned: the CRC-32 of {@link description}. Layouts with different bytes have, in all likelihood, different hashes. */
  readonly hash: number
  /** Everything that decides the bytes, as text: the same on every machine and in every version. */
  readonly description: string
  readonly fields: readonly StructField[]
  readonly spec: StructSpec
}

/** A layout of values of type `T`. */
export interface ValueLayout<T> extends LayoutDescription {
  /**
   * A view of the struct at a byte of a buffer. Make one and move it; making one allocates.
   * @throws {LayoutError} when the struct does not fit there
   */
  view(buffer: ArrayBufferLike, byteOffset?: number): View<T>
  /** Checks a value from outside, field by field, and returns it. @throws {FieldError | LayoutError} */
  check(value: unknown): T
}

/** A fixed binary layout, made by {@link struct}. Immutable. */
export interface StructLayout<S extends StructSpec> extends ValueLayout<StructValue<S>> {
  readonly spec: S
}
