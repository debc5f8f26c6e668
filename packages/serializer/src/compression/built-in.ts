import { zstd } from '@disruptorx/contracts/internal'
import { deflate, inflate } from '#platform'
import type { Compressor } from './compressor.ts'

const deflateCompressor: Compressor = {
  id: 1,
  name: 'deflate',
  compress: deflate,
  decompress(packed, plainBytes) {
    try {
      const plain = inflate(packed, plainBytes)
      return plain.length === plainBytes ? plain : undefined
    } catch {
      return undefined
    }
  },
}

/**
 * The ways to compress that this platform has by itself, the better ones first: zstd (Node from 22.15 on), then raw deflate (everywhere; in
 * browsers by fflate).
 */
export function builtInCompressors(): readonly Compressor[] {
  const platformZstd = zstd()
  return platformZstd === undefined ? [deflateCompressor] : [{ id: 2, name: 'zstd', ...platformZstd }, deflateCompressor]
}
