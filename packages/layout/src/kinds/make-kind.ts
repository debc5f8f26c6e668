import { LayoutError } from '../errors.ts'
import type { FieldType, ScalarType, TailType } from '../spec.ts'
import { bytesKind } from './byte-arrays.ts'
import { enumKind } from './enums.ts'
import type { ArrayKind, Gap, Kind, LeafKind, Placed, StructKind } from './kind.ts'
import { checkEnumNames, checkName } from './names.ts'
import { scalars } from './scalars.ts'
import { TAIL_FIELD_BYTES, tailKind } from './tails.ts'
import { textKind } from './texts.ts'

/** More fields than any event needs; it bounds the code that is generated. */
const MOST_FIELDS = 256
/** Fields of a layout with those of its nested structs. */
const MOST_FIELDS_IN_ALL = 1024
const MOST_DEPTH = 8
const MOST_NAMES = 256
const MOST_LENGTH = 65_535
const MOST_TAIL_BYTES = 1_000_000
/** Of the fixed part, so that no spec from outside makes anybody set aside more. */
const MOST_BYTES = 1024 * 1024

const FORMS = `one of ${[...scalars.keys()].join(', ')}, or { enum }, { string }, { bytes }, { struct }, { array, length }, { tail, max }`

/** The next multiple. */
export const alignUp = (offset: number, alignment: number) => Math.ceil(offset / alignment) * alignment

/** Where in a layout a type is, and how much of the layout was seen before it. */
interface Place {
  /** The names that lead here, such as `legs[].price`. */
  readonly path: string
  readonly depth: number
  readonly seen: { fields: number; tails: number }
}

/** The kind of a whole struct. The spec may come from anybody. @throws {LayoutError} names what cannot be */
export function makeStructKind(spec: unknown): StructKind {
  return structKind(spec, { path: '', depth: 0, seen: { fields: 0, tails: 0 } })
}

function structKind(spec: unknown, place: Place): StructKind {
  const { path, depth, seen } = place
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec))
    throw new LayoutError(path === '' ? 'a struct spec' : `the struct of ${path}`, spec, 'an object of field names and types')
  if (depth >= MOST_DEPTH) throw new LayoutError(`the depth of ${path}`, depth + 1, `at most ${MOST_DEPTH}`)
  const entries = Object.entries(spec)
  if (entries.length === 0 || entries.length > MOST_FIELDS)
    throw new LayoutError('the number of fields', entries.length, `from 1 to ${MOST_FIELDS}`)
  seen.fields += entries.length
  if (seen.fields > MOST_FIELDS_IN_ALL)
    throw new LayoutError('the number of fields with nested ones', seen.fields, `at most ${MOST_FIELDS_IN_ALL}`)
  let end = 0
  let alignment = 1
  const placed = entries.map(([name, type]) => {
    checkName(name)
    const at = path === '' ? name : `${path}.${name}`
    const tail = tailOf(type, at)
    if (tail !== undefined && (depth > 0 || seen.tails++ > 0))
      throw new LayoutError(`the tail ${at}`, type, 'the only one of its layout, on the top level')
    const kind = tail === undefined ? makeKind(type, { path: at, depth, seen }) : { size: TAIL_FIELD_BYTES, alignment: 4 }
    const offset = alignUp(end, kind.alignment)
    end = offset + kind.size
    alignment = Math.max(alignment, kind.alignment)
    if (end > MOST_BYTES) throw new LayoutError(`the end of field ${at}`, end, `at most ${MOST_BYTES} bytes from the start`)
    return { name, type: type as FieldType, offset, path: at, kind }
  })
  const size = alignUp(end, alignment)
  const fields = placed.map(({ kind, ...field }): Placed => {
    const tail = tailOf(field.type, field.name)
    if (tail === undefined) return Object.freeze({ ...field, kind: kind as Kind })
    return Object.freeze({ ...field, kind: tailKind({ ...field, content: tail.tail, max: tail.max, fixedSize: size }) })
  })
  const text = `{${fields.map(fieldText).join(' ')}}`
  return { form: 'struct', text, size, alignment, range: 'an object with the fields of the struct', fields, gaps: gapsOf(fields, size) }
}

function gapsOf(fields: readonly Placed[], size: number): Gap[] {
  const starts = [...fields.slice(1).map(({ offset }) => offset), size]
  return fields.map(({ offset, kind }, i) => ({ from: offset + kind.size, to: starts[i] as number })).filter(({ from, to }) => from < to)
}

/** A field as descriptions have it. */
export function fieldText({ name, kind, offset }: Placed): string {
  return `${name}:${kind.text}@${offset}`
}

function makeKind(type: unknown, place: Place): Kind {
  const { path } = place
  const scalar = scalars.get(type as ScalarType)
  if (scalar !== undefined) return scalar
  const keys = typeof type === 'object' && type !== null ? Object.keys(type).sort().join() : ''
  const of = type as Readonly<Record<string, unknown>>
  switch (keys) {
    case 'enum':
      return madeEnum(of.enum, path)
    case 'string':
      return textKind(whole(`the bytes of string ${path}`, of.string, MOST_LENGTH))
    case 'bytes':
      return bytesKind(whole(`the number of bytes of ${path}`, of.bytes, MOST_LENGTH))
    case 'struct':
      return structKind(of.struct, { ...place, depth: place.depth + 1 })
    case 'array,length':
      return madeArray(of.array, of.length, place)
    case 'max,tail':
      throw new LayoutError(`the tail ${path}`, type, 'a field of its layout, not an element of an array')
    default:
      throw new LayoutError(`the type of field ${path}`, type, FORMS)
  }
}

function madeEnum(names: unknown, path: string): LeafKind {
  if (!Array.isArray(names) || names.length === 0 || names.length > MOST_NAMES)
    throw new LayoutError(`the enum ${path}`, names, `a list of 1 to ${MOST_NAMES} names`)
  return enumKind(checkEnumNames(path, names))
}

function madeArray(type: unknown, length: unknown, place: Place): ArrayKind {
  const path = `${place.path}[]`
  if (place.depth >= MOST_DEPTH) throw new LayoutError(`the depth of ${path}`, place.depth + 1, `at most ${MOST_DEPTH}`)
  const count = whole(`the length of array ${place.path}`, length, MOST_LENGTH)
  const element = makeKind(type, { ...place, path, depth: place.depth + 1 })
  const { alignment } = element
  const range = `a list of exactly ${count} elements`
  return { form: 'array', text: `${element.text}[${count}]`, size: element.size * count, alignment, range, element, length: count }
}

/** The type of a tail; undefined for any other. @throws {LayoutError} a tail that cannot be */
function tailOf(type: unknown, path: string): TailType | undefined {
  if (typeof type !== 'object' || type === null || Object.keys(type).sort().join() !== 'max,tail') return undefined
  const { tail, max } = type as { tail: unknown; max: unknown }
  if (tail !== 'string' && tail !== 'bytes') throw new LayoutError(`the tail ${path}`, tail, "'string' or 'bytes'")
  whole(`the most bytes of tail ${path}`, max, MOST_TAIL_BYTES)
  return type as TailType
}

/** Checks a whole number from 1. @throws {LayoutError} */
export function whole(what: string, value: unknown, most: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > most)
    throw new LayoutError(what, value, `a whole number from 1 to ${most}`)
  return value
}

/** A type as plain frozen data of our own, so that nobody changes it any more. For types that a kind was made of. */
export function frozenType(type: FieldType): FieldType {
  if (typeof type === 'string') return type
  if ('enum' in type) return Object.freeze({ enum: Object.freeze([...type.enum]) })
  if ('struct' in type) return Object.freeze({ struct: frozenSpec(type.struct) })
  if ('array' in type) return Object.freeze({ array: frozenType(type.array), length: type.length })
  return Object.freeze({ ...type })
}

/** {@link frozenType}, field by field. */
export function frozenSpec(spec: Readonly<Record<string, FieldType>>): Readonly<Record<string, FieldType>> {
  return Object.freeze(Object.fromEntries(Object.entries(spec).map(([name, type]) => [name, frozenType(type)])))
}
