import { OptionError } from '@disruptorx/contracts'
import { checkRange, type Range } from '../simulation/range.ts'

/** How long a simulated disk takes. */
export interface DiskLatency {
  /** A read, in microseconds. @default { least: 20, most: 200 } */
  readonly readUs: Range
  /** A write into the system's cache, in microseconds. @default { least: 5, most: 50 } */
  readonly writeUs: Range
  /** A sync of a file or a directory, in microseconds. @default { least: 80, most: 2_000 } */
  readonly syncUs: Range
  /** Anything else, in microseconds. @default { least: 5, most: 100 } */
  readonly otherUs: Range
  /** A sync that the fault `slowSyncs` chose, in milliseconds. @default { least: 20, most: 2_000 } */
  readonly slowSyncMs: Range
  /** How long the fault `stalls` stops the disk, in milliseconds. @default { least: 50, most: 5_000 } */
  readonly stallMs: Range
  /** Bytes read or written in a second, besides the times above. @default 1_000_000_000 */
  readonly bytesPerSecond: number
}

const LATENCY: DiskLatency = {
  readUs: { least: 20, most: 200 },
  writeUs: { least: 5, most: 50 },
  syncUs: { least: 80, most: 2_000 },
  otherUs: { least: 5, most: 100 },
  slowSyncMs: { least: 20, most: 2_000 },
  stallMs: { least: 50, most: 5_000 },
  bytesPerSecond: 1_000_000_000,
}

/** The latency of a disk that was given in part. @throws {OptionError} */
export function resolveLatency(given: Partial<DiskLatency> = {}): DiskLatency {
  const latency = { ...LATENCY, ...given }
  for (const name of ['readUs', 'writeUs', 'syncUs', 'otherUs', 'slowSyncMs', 'stallMs'] as const)
    checkRange(`latency.${name}`, latency[name])
  if (!(latency.bytesPerSecond > 0)) throw new OptionError('latency.bytesPerSecond', latency.bytesPerSecond, 'a number above 0')
  return latency
}
