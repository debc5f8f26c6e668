import type { FieldType, StructSpec, StructValue } from './spec.ts'

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
  /** The field lies at a multiple of so many bytes. */
  readonly alignment: number
  /** Name, type and offset as the layout's description has them, such as `price:u32@8`. */
  readonly description: string
}

/** What every view has beside its fields. */
export interface ViewMethods<T> {
  /** Where the struct begins, in bytes from the start of what the view was laid over. */
  readonly offset: number
  /** Bytes that the struct takes now: more than the fixed part only with a tail. */
  readonly byteLength: number
  /**
   * Lays the view over another struct of the same memory. Any whole number will do: accessors need no alignment.
   * Not checked, because it is on the hot path: an access outside the memory throws a `RangeError`.
   */
  moveTo(byteOffset: number): this
  /** A plain object with the fields of now, which stays valid. @throws {RecordError} the memory holds what no field can */
  copy(): T
  /** Writes every field, and zeros between them: all of them, or none when one is refused. @throws {FieldError} */
  set(value: T): this
  /** As {@link copy}, in what JSON has: `bigint`s as decimal digits, bytes as hexadecimal ones. Lets `JSON.stringify` show the fields. */
  toJSON(): unknown
}

/** A flyweight over a fixed array. */
export interface ArrayView<E> extends ReadonlyArrayView<E> {
  /** One element: a value, or for structs a flyweight, which the next call moves. @throws {LayoutError} an index out of range */
  get(index: number): ViewField<E>
  /** Writes one element. @throws {FieldError | LayoutError} */
  set(index: number, value: E): void
  /** Writes every element: all of them, or none when one is refused. @throws {FieldError} */
  setAll(values: readonly E[]): void
  [Symbol.iterator](): IterableIterator<ViewField<E>>
}

/** {@link ArrayView} for reading. */
export interface ReadonlyArrayView<E> {
  readonly length: number
  /** One element: a value, or for structs a flyweight, which the next call moves. @throws {LayoutError} an index out of range */
  get(index: number): ReadonlyViewField<E>
  /** The elements of now, which stay valid. */
  copy(): readonly E[]
  [Symbol.iterator](): IterableIterator<ReadonlyViewField<E>>
}

/** A flyweight over a nested struct. */
export type NestedView<T> = ViewFields<T> & Pick<ViewMethods<T>, 'copy' | 'offset' | 'set' | 'toJSON'>

/** {@link NestedView} for reading. */
export type ReadonlyNestedView<T> = ReadonlyViewFields<T> & Pick<ViewMethods<T>, 'copy' | 'offset' | 'toJSON'>

/**
 * What the property of a view is, by the value of its field: numbers, texts and the like themselves; bytes a window on the memory; structs and
 * arrays flyweights, which are written by their `set` and `setAll`.
 */
export type ViewField<V> = V extends Uint8Array ? V : V extends readonly (infer E)[] ? ArrayView<E> : V extends object ? NestedView<V> : V

/** {@link ViewField} for reading. */
export type ReadonlyViewField<V> = V extends Uint8Array
  ? V
  : V extends readonly (infer E)[]
    ? ReadonlyArrayView<E>
    : V extends object
      ? ReadonlyNestedView<V>
      : V

/** The properties of a view. */
export type ViewFields<T> = { -readonly [Field in keyof T]: ViewField<T[Field]> }

/** {@link ViewFields} for reading. */
export type ReadonlyViewFields<T> = { readonly [Field in keyof T]: ReadonlyViewField<T[Field]> }

/**
 * A flyweight over one struct in memory: reading and writing a property reads and writes memory. Every setter checks its value and
 * throws a {@link FieldError} rather than wrap it.
 */
export type View<T> = ViewFields<T> & ViewMethods<T>

/** What an event handler gets: the fields for reading, and `copy()` to keep them. Valid only during the call. */
export type ReadonlyView<T> = ReadonlyViewFields<T> & Pick<ViewMethods<T>, 'copy' | 'offset' | 'toJSON'>

/** What a layout is, apart from the type of its values. */
export interface LayoutDescription {
  /** Bytes to set aside for one struct, with its tail at its longest: a multiple of {@link alignment}. */
  readonly size: number
  /** Bytes of all fields but the tail's content: a multiple of {@link alignment}. Without a tail the same as {@link size}. */
  readonly fixedSize: number
  /** The largest alignment of a field: 1, 2, 4 or 8. */
  readonly alignment: number
  /** Which one of the layouts of its records this is, from 1; fields are added under a higher one. Not part of {@link hash}. */
  readonly version: number
  /** 32 bits, unsigned: the CRC-32 of {@link description}. Layouts with different bytes have, in all likelihood, different hashes. */
  readonly hash: number
  /** Everything that decides the bytes, as text: the same on every machine and in every release. */
  readonly description: string
  readonly fields: readonly StructField[]
  /** Makes the layout anew: `struct(spec, { version })`. Plain and frozen. */
  readonly spec: StructSpec
}

/** Reads records that this version of a layout wrote, an older or a newer one. */
export interface RecordReader<T> {
  /**
   * Lays the reader's one flyweight over a record: no copy is made, unless the record is older and lacks fields. Valid until the next call.
   * Fields that an older record lacks read as zeros do: 0, false, '', the first name of an enum; what a newer one has more is passed over.
   *
   * @throws {RecordError} these bytes are no record of the layout
   */
  read(bytes: Uint8Array, offset: number, length: number): ReadonlyView<T>
}

/** A layout of values of type `T`. */
export interface ValueLayout<T> extends LayoutDescription {
  /**
   * A view of the struct at a byte of a buffer, or of a window on one, which it never leaves. Make one and move it; making one allocates.
   * @throws {LayoutError} when the struct does not fit there, with an empty tail
   */
  view(memory: ArrayBufferLike | ArrayBufferView, byteOffset?: number): View<T>
  /** A reader of records of whatever version. It keeps hold of the buffer that it read last. */
  reader(): RecordReader<T>
  /** Bytes that a value takes: {@link fixedSize} and its tail. The value itself is not checked. */
  sizeOf(value: T): number
  /** Checks a value from outside, field by field, and returns it. @throws {FieldError | LayoutError} */
  check(value: unknown): T
}

/** A fixed binary layout, made by {@link struct}. Immutable. */
export interface StructLayout<S extends StructSpec> extends ValueLayout<StructValue<S>> {
  readonly spec: S
}
