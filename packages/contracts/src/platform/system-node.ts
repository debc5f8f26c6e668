import { hrtime } from 'node:process'

export { platformCrc32 } from './crc32-node.ts'
export { platformZstd } from './zstd-node.ts'

/** Nanoseconds of the machine's monotonic clock, the same in every thread and process. */
export function platformMonotonicNs(): number {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1e9 + nanoseconds
}
