import { crc32 } from '@disruptorx/contracts/internal'

/** A value as a line of JSON, with its CRC-32 in a line behind it: a flipped bit shows. */
export function encodeChecked(value: unknown): Uint8Array {
  const text = new TextEncoder().encode(`${JSON.stringify(value)}\n`)
  const check = new TextEncoder().encode(`${crc32(text, 0, text.length).toString(16).padStart(8, '0')}\n`)
  const bytes = new Uint8Array(text.length + check.length)
  bytes.set(text)
  bytes.set(check, text.length)
  return bytes
}

/** The value that {@link encodeChecked} made bytes of; `undefined` of any other bytes. */
export function decodeChecked(bytes: Uint8Array): unknown {
  const length = bytes.length - 9
  if (length < 1) return undefined
  const check = crc32(bytes, 0, length).toString(16).padStart(8, '0')
  try {
    const text = new TextDecoder('utf-8', { fatal: true })
    if (text.decode(bytes.subarray(length)) !== `${check}\n`) return undefined
    return JSON.parse(text.decode(bytes.subarray(0, length)))
  } catch {
    return undefined
  }
}
