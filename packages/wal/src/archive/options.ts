import type { Archive } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'

/** How a journal's full segments are archived. */
export interface ArchiveOptions {
  /** Where they go: `directoryArchive(dir)`, or an object store behind the port `Archive`. This journal's alone. */
  readonly to: Archive
  /** Most segments that the archive keeps: the oldest are removed from it beyond that. 1 to 1,000,000. @default all */
  readonly keepSegments?: number
  /** The wait in milliseconds after a failure, doubled with each one that follows: 10 to 60,000. @default 1,000 */
  readonly retryMs?: number
  /** The longest such wait in milliseconds: `retryMs` to 3,600,000. @default 60,000 */
  readonly maxRetryMs?: number
  /** Longest time in milliseconds for archiving one segment, reading it back included: 1,000 to 86,400,000. @default 600,000 */
  readonly timeoutMs?: number
  /**
   * Most bytes of segments that wait to be archived. Beyond that the oldest is given up, which the report counts: the journal may free it, and the archive will
   * lack it. From 1. @default no bound: a segment waits as long as it takes, and the disk is the bound
   */
  readonly maxHeldBytes?: number
  /** Called for each failure, before it is tried again, and for what ends the archiving. @default a warning of the process */
  readonly onFailure?: (error: Error) => void
}

/** Options with defaults filled in. */
export interface ResolvedArchiveOptions {
  readonly to: Archive
  readonly keepSegments: number
  readonly retryMs: number
  readonly maxRetryMs: number
  readonly timeoutMs: number
  readonly maxHeldBytes: number
  readonly onFailure: (error: Error) => void
}

/** Checks options once and fills in the defaults. @throws {OptionError} names the option, its value and its range. */
export function resolveArchiveOptions(options: ArchiveOptions, onFailure: (error: Error) => void): ResolvedArchiveOptions {
  const retryMs = wholeNumber('archive.retryMs', options.retryMs ?? 1000, 10, 60_000)
  const most = Number.MAX_SAFE_INTEGER
  return {
    to: options.to,
    keepSegments: options.keepSegments === undefined ? most : wholeNumber('archive.keepSegments', options.keepSegments, 1, 1_000_000),
    retryMs,
    maxRetryMs: wholeNumber('archive.maxRetryMs', options.maxRetryMs ?? Math.max(retryMs, 60_000), retryMs, 3_600_000),
    timeoutMs: wholeNumber('archive.timeoutMs', options.timeoutMs ?? 600_000, 1000, 86_400_000),
    maxHeldBytes: options.maxHeldBytes === undefined ? most : wholeNumber('archive.maxHeldBytes', options.maxHeldBytes, 1, most),
    onFailure: options.onFailure ?? onFailure,
  }
}
