import { FieldError, RecordError } from '../errors.ts'
import { copyOf, windowOn } from './byte-arrays.ts'
import type { TailKind } from './kind.ts'
import { readText } from './texts.ts'
import { utf8Length, writeUtf8 } from './utf8.ts'

/** Bytes of a tail's field in the fixed part: where its content starts, and how long that is. */
export const TAIL_FIELD_BYTES = 8

/** Where a tail is, and what. */
export interface TailPlace {
  readonly name: string
  readonly content: 'string' | 'bytes'
  /** Most bytes of its content. */
  readonly max: number
  /** Of its field in the struct. */
  readonly offset: number
  /** Of the struct: where its content starts. */
  readonly fixedSize: number
}

/** The field type of a tail in its place. */
export function tailKind({ name, content, max, offset, fixedSize }: TailPlace): TailKind {
  const isText = content === 'string'
  const range = isText ? `a text of at most ${max} bytes as UTF-8, without half a surrogate pair` : `a Uint8Array of at most ${max} bytes`
  /** -1 for what is refused. */
  function lengthOf(value: unknown): number {
    if (isText) return typeof value === 'string' ? utf8Length(value, max, 'any') : -1
    return value instanceof Uint8Array && value.length <= max ? value.length : -1
  }
  /** A tail that was never written has no content, wherever it starts. */
  function lengthAt(data: DataView, struct: number): number {
    const length = data.getUint32(struct + offset + 4, true)
    const end = struct + data.getUint32(struct + offset, true) + length
    if (length > max || (length > 0 && end > data.byteLength))
      throw new RecordError(`field ${name}`, `has ${length} bytes up to byte ${end}; it has at most ${max}, up to byte ${data.byteLength}`)
    return length
  }
  const startAt = (data: DataView, struct: number) => struct + data.getUint32(struct + offset, true)
  function bytesAt(data: DataView, struct: number, take: typeof copyOf): Uint8Array {
    const length = lengthAt(data, struct)
    return length === 0 ? new Uint8Array(0) : take(data, startAt(data, struct), length)
  }
  function textAt(data: DataView, struct: number): string {
    const length = lengthAt(data, struct)
    return length === 0 ? '' : readText(data, startAt(data, struct), length, name)
  }
  return {
    form: 'tail',
    max,
    text: `tail-${content}(${max})`,
    size: TAIL_FIELD_BYTES,
    alignment: 4,
    range,
    accepts: value => lengthOf(value) >= 0,
    bytesOf: value => Math.max(0, lengthOf(value)),
    lengthAt,
    read: (data, struct) => (isText ? textAt(data, struct) : bytesAt(data, struct, windowOn)),
    copy: (data, struct) => (isText ? textAt(data, struct) : bytesAt(data, struct, copyOf)),
    write(data, struct, value: string | Uint8Array) {
      const length = lengthOf(value)
      const start = struct + fixedSize
      const room = data.byteLength - start
      if (length > room) throw new FieldError(name, value, `at most ${Math.max(0, room)} bytes here, which is where the memory ends`)
      if (typeof value === 'string') writeUtf8(data, start, value, max)
      else windowOn(data, start, length).set(value)
      data.setUint32(struct + offset, fixedSize, true)
      data.setUint32(struct + offset + 4, length, true)
    },
  }
}
