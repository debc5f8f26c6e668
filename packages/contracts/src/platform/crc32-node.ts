import { crc32 } from 'node:zlib'

/** CRC-32 by Node's own zlib. */
export function platformCrc32(bytes: Uint8Array, seed: number): number {
  return crc32(bytes, seed)
}
