import { RecordError } from '../errors.ts'
import type { LeafKind } from './kind.ts'
import { readUtf8, utf8Length, writeUtf8 } from './utf8.ts'

/** {@link readUtf8} for a field. @throws {RecordError} */
export function readText(data: DataView, at: number, bytes: number, what: string): string {
  try {
    return readUtf8(data, at, bytes)
  } catch (error) {
    if (error instanceof TypeError) throw new RecordError(`field ${what}`, 'holds bytes that are no UTF-8')
    throw error
  }
}

/** Text in a fixed room: UTF-8, then zeros. */
export function textKind(size: number): LeafKind {
  return {
    form: 'leaf',
    text: `string(${size})`,
    size,
    alignment: 1,
    range: `a text of at most ${size} bytes as UTF-8, without U+0000 or half a surrogate pair`,
    accepts: value => typeof value === 'string' && utf8Length(value, size, 'no U+0000') >= 0,
    read(data, at, what) {
      let length = 0
      while (length < size && data.getUint8(at + length) !== 0) length++
      return readText(data, at, length, what)
    },
    write(data, at, value: string) {
      const length = writeUtf8(data, at, value, size)
      for (let i = length; i < size; i++) data.setUint8(at + i, 0)
    },
  }
}
