import type { InputFault } from '../model.ts'

/** What a field of an input can be. */
interface FieldType {
  /** In words. */
  readonly allowed: string
  has(value: unknown): boolean
}

export const text: FieldType = { allowed: 'a text', has: value => typeof value === 'string' }
export const number: FieldType = { allowed: 'a number', has: value => typeof value === 'number' }
export const textOrNumber: FieldType = { allowed: 'a text or a number', has: value => text.has(value) || number.has(value) }
export const textNumberOrNull: FieldType = {
  allowed: 'a text, a number or null',
  has: value => value === null || textOrNumber.has(value),
}

/** The fields, beside the kind, of those inputs that are of one kind. */
type FieldsOf<Input, Kind> = Input extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? Exclude<keyof Input, 'kind'>
    : never
  : never

/** What the fields of each kind of input are. */
type InputShapes<Input extends { readonly kind: string }> = {
  readonly [Kind in Input['kind']]: { readonly [Field in FieldsOf<Input, Kind>]: FieldType }
}

/** A {@link SequentialModel.checkInput} that refuses other kinds, and fields that are missing or of another type. Further fields are nobody's concern. */
export function inputsOfShape<Input extends { readonly kind: string }>(
  shapes: InputShapes<Input>,
): (input: unknown) => InputFault | undefined {
  const kinds = new Map<unknown, [string, FieldType][]>()
  for (const [kind, fields] of Object.entries<Record<string, FieldType>>(shapes)) kinds.set(kind, Object.entries(fields))
  const allowed = `one of ${[...kinds.keys()].join(', ')}`
  return input => {
    if (typeof input !== 'object' || input === null) return { value: input, allowed: `an object whose kind is ${allowed}` }
    const values = input as { readonly kind?: unknown; readonly [field: string]: unknown }
    const fields = kinds.get(values.kind)
    if (fields === undefined) return { field: 'kind', value: values.kind, allowed }
    for (const [field, type] of fields) if (!type.has(values[field])) return { field, value: values[field], allowed: type.allowed }
    return undefined
  }
}
