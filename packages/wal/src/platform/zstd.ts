import * as zlib from 'node:zlib'
import type { Compressor } from '../format/keys.ts'

/** Level of zstd: quick, and most of what there is to gain in small records of one shape. */
const LEVEL = 1

/** zstd of this Node; `undefined` where it has none (before 22.15). */
export function zstd(): Compressor | undefined {
  const { zstdCompressSync, zstdDecompressSync, constants } = zlib
  if (typeof zstdCompressSync !== 'function') return undefined
  const params = { [constants.ZSTD_c_compressionLevel]: LEVEL }
  return {
    compress: bytes => zstdCompressSync(bytes, { params }),
    decompress(bytes, length) {
      try {
        const raw = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) })
        return raw.length === length ? raw : undefined
      } catch {
        return undefined
      }
    },
  }
}
