const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 by a table, where there is no zlib: browsers. */
export function platformCrc32(bytes: Uint8Array, seed: number): number {
  let value = ~seed
  for (let i = 0; i < bytes.length; i++) value = (value >>> 8) ^ (table[(value ^ (bytes[i] as number)) & 0xff] as number)
  return ~value >>> 0
}
