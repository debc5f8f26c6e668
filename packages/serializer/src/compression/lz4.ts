import { readU32 } from '../frames/descriptor.ts'
import { loadLz4 } from '../platform/lz4-load.ts'
import type { Compressor } from './compressor.ts'

/** Bytes in front of a block: how many it gives. */
const LENGTH_BYTES = 4

/** LZ4 blocks, each with the length that it gives in front, by `lz4-napi`, which is loaded at the first use. @throws {Lz4MissingError} at that use */
export const lz4: Compressor = {
  id: 3,
  name: 'lz4',
  compress: plain => loadLz4().compressSync(plain as Buffer),
  decompress(packed, plainBytes) {
    // The library allocates what is announced: so that has to be what the header of the batch allowed.
    if (packed.length < LENGTH_BYTES || readU32(packed, 0) !== plainBytes) return undefined
    const { uncompressSync } = loadLz4()
    try {
      const plain = uncompressSync(packed)
      return plain.length === plainBytes ? plain : undefined
    } catch {
      return undefined
    }
  },
}
