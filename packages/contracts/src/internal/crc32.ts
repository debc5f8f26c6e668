import { platformCrc32 } from '#platform'

/** CRC-32 (ISO-HDLC, as zlib and Ethernet have it) of `length` bytes from `offset`, continuing from `seed`. 32 bits, unsigned. */
export function crc32(bytes: Uint8Array, offset: number, length: number, seed = 0): number {
  return platformCrc32(bytes, offset, length, seed)
}
