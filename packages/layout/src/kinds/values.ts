import { FieldError, LayoutError } from '../errors.ts'
import type { Kind, Placed, StructKind } from './kind.ts'

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** Whether a kind may hold a value, all the way down. */
export function accepts(kind: Kind, value: unknown): boolean {
  if (kind.form === 'struct') return isObject(value) && kind.fields.every(field => accepts(field.kind, value[field.name]))
  if (kind.form !== 'array') return kind.accepts(value)
  if (!Array.isArray(value) || value.length !== kind.length) return false
  for (let i = 0; i < value.length; i++) if (!accepts(kind.element, value[i])) return false
  return true
}

/** Reads each part of a value once, so that it cannot be another when it is written than when it was checked. What is of the wrong form stays as it is. */
export function take(kind: Kind, value: unknown): unknown {
  if (kind.form === 'struct') {
    if (!isObject(value)) return value
    const taken: Record<string, unknown> = {}
    for (const field of kind.fields) taken[field.name] = take(field.kind, value[field.name])
    return taken
  }
  if (kind.form !== 'array' || !Array.isArray(value) || value.length !== kind.length) return value
  const taken: unknown[] = []
  for (let i = 0; i < kind.length; i++) taken.push(take(kind.element, value[i]))
  return taken
}

/** Throws what a refused value is refused with: the innermost part that is at fault. */
export function refuse(kind: Kind, value: unknown, path: string): never {
  if (kind.form === 'struct' && isObject(value)) {
    const field = kind.fields.find(({ name, kind }) => !accepts(kind, value[name]))
    if (field !== undefined) refuse(field.kind, value[field.name], path === '' ? field.name : `${path}.${field.name}`)
  }
  if (kind.form === 'array' && Array.isArray(value) && value.length === kind.length) {
    for (let i = 0; i < kind.length; i++) if (!accepts(kind.element, value[i])) refuse(kind.element, value[i], `${path}[${i}]`)
  }
  if (path === '') throw new LayoutError('a value', value, 'an object with the fields of the layout')
  throw new FieldError(path, value, kind.range)
}

/** Reads a value into memory of its own. `at` is the byte of the value; of the struct for a tail. */
export function copy(kind: Kind, data: DataView, at: number, path: string): unknown {
  if (kind.form === 'struct') {
    const value: Record<string, unknown> = {}
    for (const field of kind.fields) value[field.name] = copy(field.kind, data, startOf(field, at), field.path)
    return value
  }
  if (kind.form === 'array') {
    const { element, length } = kind
    const list: unknown[] = []
    for (let i = 0; i < length; i++) list.push(copy(element, data, at + i * element.size, path))
    return list
  }
  if (kind.form === 'tail') return kind.copy(data, at)
  return (kind.copy ?? kind.read)(data, at, path)
}

/** Writes a value that was taken and accepted, and zeros between fields. `at` as for {@link copy}. */
export function write(kind: Kind, data: DataView, at: number, value: unknown): void {
  if (kind.form === 'struct') writeStruct(kind, data, at, value as Fields)
  else if (kind.form === 'array') {
    const list = value as readonly unknown[]
    for (let i = 0; i < list.length; i++) write(kind.element, data, at + i * kind.element.size, list[i])
  } else kind.write(data, at, value as never)
}

function writeStruct(kind: StructKind, data: DataView, at: number, value: Fields): void {
  writeFields(
    kind,
    data,
    at,
    kind.fields.map(({ name }) => value[name]),
  )
}

/** {@link write} for a struct whose values are given in the order of its fields. */
export function writeFields({ fields, gaps }: StructKind, data: DataView, at: number, values: readonly unknown[]): void {
  // The tail first: it throws when the memory has no room for it, and then nothing was written.
  for (let i = 0; i < fields.length; i++) {
    const { kind } = fields[i] as Placed
    if (kind.form === 'tail') kind.write(data, at, values[i] as never)
  }
  for (let i = 0; i < fields.length; i++) {
    const { kind, offset } = fields[i] as Placed
    if (kind.form !== 'tail') write(kind, data, at + offset, values[i])
  }
  for (const { from, to } of gaps) for (let i = from; i < to; i++) data.setUint8(at + i, 0)
}

/** Where the functions of a field count from: a tail's from the struct. */
export function startOf({ kind, offset }: Placed, struct: number): number {
  return kind.form === 'tail' ? struct : struct + offset
}
