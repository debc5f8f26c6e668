import * as zlib from 'node:zlib'
import type { Zstd } from '../internal/zstd.ts'

/** Quick, and most of what there is to gain in small records of one shape. */
const LEVEL = 1
/** The smallest window that zstd knows, as a power of two. */
const LEAST_WINDOW_LOG = 10

/** zstd of this Node; `undefined` where it has none, before 22.15. */
export function platformZstd(): Zstd | undefined {
  const { zstdCompressSync, zstdDecompressSync, constants } = zlib
  if (typeof zstdCompressSync !== 'function') return undefined
  const params = { [constants.ZSTD_c_compressionLevel]: LEVEL }
  return {
    compress: bytes => zstdCompressSync(bytes, { params }),
    decompress(bytes, length) {
      // A frame may ask for a window of 128 MiB before it has given a byte: it gets no more than its bytes can refer to.
      const windowLog = Math.max(LEAST_WINDOW_LOG, Math.ceil(Math.log2(Math.max(1, length))))
      try {
        const raw = zstdDecompressSync(bytes, {
          maxOutputLength: Math.max(1, length),
          params: { [constants.ZSTD_d_windowLogMax]: windowLog },
        })
        return raw.length === length ? raw : undefined
      } catch {
        return undefined
      }
    },
  }
}
