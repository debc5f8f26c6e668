export { platformCrc32 } from './crc32-default.ts'
export { platformZstd } from './zstd-default.ts'

/** Nanoseconds since the time origin that the pages and workers of one site agree on. */
export function platformMonotonicNs(): number {
  return (performance.timeOrigin + performance.now()) * 1e6
}
