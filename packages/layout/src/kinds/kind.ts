import type { FieldType } from '../spec.ts'

/** Where a field's byte number `plus` lies, as an expression. */
export type At = (plus: number) => string

/**
 * A field type as expressions for generated views. Each takes the expressions of the DataView and of the value.
 *
 * Generated, because it pays: property accessors made as closures are as fast only where V8 puts them into the caller's loop. Where its budget for
 * that is spent, a dozen layouts make them megamorphic: 51 ns for an event of six fields instead of 18. And `set` and `copy` of it take 100 to
 * 200 ns without generated code, and 3 to 9 with it (benchmark `layout`).
 */
export interface InlineCode {
  /** True when the value may NOT be stored. */
  readonly refuses: (value: string) => string
  /** The value as it lies there, where that is no call. */
  readonly read?: (data: string, at: At) => string
  /** Statements that write a value that may be stored. */
  readonly write: (data: string, at: At, value: string) => string
  /** {@link read} where the value leaves for good, if that checks more. `what` is an expression of the field's name. */
  readonly copy?: (data: string, at: At, what: string) => string
  /** The body of a setter, where it can be shorter than check and write: `refusal` is a call that throws. */
  readonly set?: (data: string, at: At, value: string, refusal: string) => string
}

/** What all field types have. Memory of zeros holds a value of every type. */
interface KindBase {
  /** As a layout's description has it. */
  readonly text: string
  /** Bytes. */
  readonly size: number
  readonly alignment: number
  /** What may be stored, as an error says it. */
  readonly range: string
}

/**
 * A field type whose values are read and written whole. The functions are for places where generated code is forbidden, and where it would not pay;
 * where there is inline code too, the two must agree: tests run on both.
 */
export interface LeafKind extends KindBase {
  readonly form: 'leaf'
  readonly accepts: (value: unknown) => boolean
  /** @throws {RecordError} the bytes are no value; `what` names the field */
  readonly read: (data: DataView, at: number, what: string) => unknown
  /** {@link read} into memory of its own, if the former gives a window. */
  readonly copy?: (data: DataView, at: number, what: string) => unknown
  /** Writes what {@link accepts} has accepted. */
  readonly write: (data: DataView, at: number, value: never) => void
  readonly inline?: InlineCode
}

/** A field in its place. */
export interface Placed {
  readonly name: string
  readonly type: FieldType
  readonly kind: Kind
  /** Bytes from the start of the struct. */
  readonly offset: number
  /** Its name in messages, from the top: `legs[].price`. */
  readonly path: string
}

/** Bytes between fields, counted from the start of the struct. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** A nested struct, or the whole one. */
export interface StructKind extends KindBase {
  readonly form: 'struct'
  readonly fields: readonly Placed[]
  /** The bytes that belong to no field. */
  readonly gaps: readonly Gap[]
}

/** A fixed array. Elements lie side by side: a size is a multiple of its alignment. */
export interface ArrayKind extends KindBase {
  readonly form: 'array'
  readonly element: Kind
  readonly length: number
}

/**
 * The tail: in the fixed part, where it starts, counted from the start of the struct, and its length, both u32.
 * The functions take the byte of the STRUCT, not of the field.
 */
export interface TailKind extends KindBase {
  readonly form: 'tail'
  /** Most bytes of its content. */
  readonly max: number
  readonly accepts: (value: unknown) => boolean
  /** Bytes that a value takes; 0 for what would be refused. */
  readonly bytesOf: (value: unknown) => number
  /** Bytes that it takes now. @throws {RecordError} more than there can be */
  readonly lengthAt: (data: DataView, struct: number) => number
  readonly read: (data: DataView, struct: number) => unknown
  readonly copy: (data: DataView, struct: number) => unknown
  /** Checks first that there is room. @throws {FieldError} */
  readonly write: (data: DataView, struct: number, value: never) => void
}

/** What a field type is. */
export type Kind = LeafKind | StructKind | ArrayKind | TailKind
