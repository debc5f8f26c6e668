const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 by a table, where there is no zlib: browsers; and of few bytes, where a call of zlib costs more than they do. */
export function platformCrc32(bytes: Uint8Array, offset: number, length: number, seed: number): number {
  const end = Math.min(offset + length, bytes.length)
  let value = ~seed
  for (let i = offset; i < end; i++) value = (value >>> 8) ^ (table[(value ^ (bytes[i] as number)) & 0xff] as number)
  return ~value >>> 0
}
