import type { LeafKind } from './kind.ts'

/** So few bytes are copied one by one: a window on memory costs some 30 ns. */
const FEW = 32

/** The bytes that lie there, without a copy. */
export function windowOn(data: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset + at, length)
}

/** The bytes that lie there, in memory of their own. */
export function copyOf(data: DataView, at: number, length: number): Uint8Array {
  const copy = new Uint8Array(length)
  copy.set(windowOn(data, at, length))
  return copy
}

/** Bytes of a fixed number. */
export function bytesKind(size: number): LeafKind {
  return {
    form: 'leaf',
    text: `bytes(${size})`,
    size,
    alignment: 1,
    range: `a Uint8Array of exactly ${size} bytes`,
    accepts: value => value instanceof Uint8Array && value.length === size,
    read: (data, at) => windowOn(data, at, size),
    copy: (data, at) => copyOf(data, at, size),
    write(data, at, value: Uint8Array) {
      if (size > FEW) windowOn(data, at, size).set(value)
      else for (let i = 0; i < size; i++) data.setUint8(at + i, value[i] as number)
    },
  }
}
