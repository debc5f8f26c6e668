/** Whole numbers are named by sign and bits; `u53` and `i53` take 8 bytes and hold every whole number that a JavaScript number holds exactly. */
export type NumberType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u53' | 'i53' | 'f32' | 'f64'

/** 64-bit whole numbers as `bigint`s, which allocate: prefer `u53` and `i53` where they do. */
export type BigIntType = 'u64' | 'i64'

/** A type that is told by its name alone. */
export type ScalarType = NumberType | BigIntType | 'bool'

/** One of up to 256 names, in one byte. Zeroed memory holds the first. */
export interface EnumType {
  readonly enum: readonly string[]
}

/** A text of up to so many bytes of UTF-8, from 1 to 65,535, padded with zeros. It holds no character U+0000. */
export interface StringType {
  readonly string: number
}

/** Exactly so many bytes, from 1 to 65,535. */
export interface BytesType {
  readonly bytes: number
}

/** A struct within the struct: a spec, or the `spec` of another layout. */
export interface NestedType {
  readonly struct: StructSpec
}

/** So many elements of one type, from 1 to 65,535. */
export interface ArrayType {
  readonly array: FieldType
  readonly length: number
}

/** A text or bytes of any length up to `max`, from 1 to 1,000,000 bytes, which lie behind all other fields. One for each layout, on its top level. */
export interface TailType {
  readonly tail: 'string' | 'bytes'
  readonly max: number
}

/** The type of one field. */
export type FieldType = ScalarType | EnumType | StringType | BytesType | NestedType | ArrayType | TailType

/** Fields by name, in the order in which they lie in memory. A plain object: this is how a layout crosses a thread or a network. */
export interface StructSpec {
  readonly [field: string]: FieldType
}

/** The plain readonly value of a field. */
export type FieldValue<F> = F extends 'bool'
  ? boolean
  : F extends NumberType
    ? number
    : F extends BigIntType
      ? bigint
      : F extends { readonly enum: readonly (infer Name)[] }
        ? Name
        : F extends StringType | { readonly tail: 'string' }
          ? string
          : F extends BytesType | { readonly tail: 'bytes' }
            ? Uint8Array
            : F extends { readonly struct: infer S }
              ? StructValue<S>
              : F extends { readonly array: infer E }
                ? readonly FieldValue<E>[]
                : never

/** The plain readonly value of a spec: what {@link FieldValue} says, field by field. */
export type StructValue<S> = { readonly [Field in keyof S]: FieldValue<S[Field]> }
