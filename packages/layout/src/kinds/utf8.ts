/** Texts of up to so many characters are dealt with one by one; longer ones by the platform, whose calls cost 40 to 70 ns each. */
const SHORT = 24

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Memory that is not shared: browsers neither encode into shared memory nor decode from it. Grows up to the longest text there may be. */
let scratch = new Uint8Array(256)

function scratchOf(bytes: number): Uint8Array<ArrayBuffer> {
  if (scratch.length < bytes) scratch = new Uint8Array(bytes)
  return scratch.subarray(0, bytes)
}

/** Whether a text has only characters from U+0001 to U+007F. For short ones. */
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) - 1) >>> 0 > 126) return false
  return true
}

/**
 * Bytes that a text takes as UTF-8; -1 when they are more than `most`, when it holds half a surrogate pair, which UTF-8 has not, or U+0000 where
 * that is not `allowed`.
 */
export function utf8Length(text: string, most: number, allowed: 'any' | 'no U+0000'): number {
  const { length } = text
  // No character takes less than a byte.
  if (length > most) return -1
  if (length <= SHORT && isAscii(text)) return length
  if (!text.isWellFormed() || (allowed !== 'any' && text.includes('\0'))) return -1
  const { read, written } = encoder.encodeInto(text, scratchOf(Math.min(most, length * 3)))
  return read === length ? written : -1
}

/** Writes a text that {@link utf8Length} has found to fit `most` bytes, and returns how many it takes. */
export function writeUtf8(data: DataView, at: number, text: string, most: number): number {
  const { length } = text
  if (length > SHORT) return encode(data, at, text, most)
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return encode(data, at, text, most)
    data.setUint8(at + i, code)
  }
  return length
}

function encode(data: DataView, at: number, text: string, most: number): number {
  const encoded = scratchOf(Math.min(most, text.length * 3))
  const { written } = encoder.encodeInto(text, encoded)
  new Uint8Array(data.buffer, data.byteOffset + at, written).set(encoded.subarray(0, written))
  return written
}

/** The text of so many bytes. @throws {TypeError} they are no UTF-8 */
export function readUtf8(data: DataView, at: number, bytes: number): string {
  if (bytes > 12) return decode(data, at, bytes)
  let text = ''
  let i = 0
  for (; i + 4 <= bytes; i += 4) {
    const word = data.getUint32(at + i, true)
    if ((word & 0x80808080) !== 0) return decode(data, at, bytes)
    text += String.fromCharCode(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24)
  }
  for (; i < bytes; i++) {
    const byte = data.getUint8(at + i)
    if (byte > 127) return decode(data, at, bytes)
    text += String.fromCharCode(byte)
  }
  return text
}

function decode(data: DataView, at: number, bytes: number): string {
  const copied = scratchOf(bytes)
  copied.set(new Uint8Array(data.buffer, data.byteOffset + at, bytes))
  return decoder.decode(copied)
}
