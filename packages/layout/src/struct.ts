import { crc32 } from '@disruptorx/contracts/internal'
import { viewClassFor } from './accessors.ts'
import { FieldError, LayoutError } from './errors.ts'
import { BYTE_OFFSET, DATA_VIEW, type FieldKind, type FieldType, fieldKinds } from './field-types.ts'
import type { StructField, StructLayout, StructSpec, StructValue } from './types.ts'

/** More fields than any event needs; it bounds the code that is generated and the size, to 2 KiB. */
const MOST_FIELDS = 256
const NAME = /^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/
const VIEW_NAMES = new Set(['copy', 'set', 'moveTo', 'offset', 'toJSON', DATA_VIEW, BYTE_OFFSET])

function checkName(name: string): void {
  // `in` finds what every object inherits: constructor, __proto__, toString, ...
  if (VIEW_NAMES.has(name) || name in Object.prototype)
    throw new LayoutError('a field name', name, 'another word: this one means something on every view')
  if (!NAME.test(name))
    throw new LayoutError('a field name', name, 'a letter, _ or $, followed by at most 63 letters, digits, _ or $ (ASCII)')
}

const alignUp = (offset: number, alignment: number) => Math.ceil(offset / alignment) * alignment

/** Places fields as declared, each at the next multiple of its size. */
function place(spec: StructSpec): StructField[] {
  if (typeof spec !== 'object' || spec === null) throw new LayoutError('a struct spec', spec, 'an object of field names and types')
  const entries = Object.entries(spec)
  if (entries.length === 0 || entries.length > MOST_FIELDS)
    throw new LayoutError('the number of fields', entries.length, `from 1 to ${MOST_FIELDS}`)
  let end = 0
  return entries.map(([name, type]) => {
    checkName(name)
    const kind = fieldKinds.get(type)
    if (kind === undefined) throw new LayoutError(`the type of field ${name}`, type, `one of ${[...fieldKinds.keys()].join(', ')}`)
    const offset = alignUp(end, kind.size)
    end = offset + kind.size
    return Object.freeze({ name, type, offset, size: kind.size })
  })
}

function describe(fields: readonly StructField[], size: number): string {
  return `struct/1 ${fields.map(({ name, type, offset }) => `${name}:${type}@${offset}`).join(' ')} size=${size}`
}

/**
 * Makes a layout from fields in the order in which they shall lie in memory.
 *
 * Little-endian on every machine; each field at the next multiple of its own size; the struct's size is a multiple of its largest
 * field. The accessors are generated here, once: make a layout at set-up, never per event.
 *
 * @throws {LayoutError} names the field or the type that cannot be
 */
export function struct<const S extends StructSpec>(spec: S): StructLayout<S> {
  const fields = Object.freeze(place(spec))
  const alignment = Math.max(...fields.map(field => field.size))
  const size = alignUp(Math.max(...fields.map(field => field.offset + field.size)), alignment)
  const description = describe(fields, size)
  const bytes = new TextEncoder().encode(description)
  const ViewClass = viewClassFor<StructValue<S>>(fields)
  const kinds = fields.map(field => fieldKinds.get(field.type) as FieldKind)
  return Object.freeze({
    size,
    alignment,
    description,
    hash: crc32(bytes, 0, bytes.length),
    fields,
    spec: Object.freeze(Object.fromEntries(fields.map(({ name, type }): [string, FieldType] => [name, type]))) as S,

    view(buffer: ArrayBufferLike, byteOffset = 0) {
      if (!Number.isSafeInteger(byteOffset) || byteOffset < 0 || byteOffset + size > buffer.byteLength)
        throw new LayoutError('the byte offset of a view', byteOffset, `a whole number from 0 to ${buffer.byteLength - size}`)
      return new ViewClass(new DataView(buffer), byteOffset)
    },

    check(value: unknown) {
      if (typeof value !== 'object' || value === null) throw new LayoutError('a value', value, 'an object with the fields of the layout')
      for (const [i, { name }] of fields.entries()) {
        const given = (value as Record<string, unknown>)[name]
        const kind = kinds[i] as FieldKind
        if (!kind.accepts(given)) throw new FieldError(name, given, kind.range)
      }
      return value as StructValue<S>
    },
  })
}
