import type { Zstd } from '../internal/zstd.ts'

/** Browsers have no zstd that answers at once. */
export function platformZstd(): Zstd | undefined {
  return undefined
}
