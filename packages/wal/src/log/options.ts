import { powerOfTwo, wholeNumber } from '@disruptorx/contracts/internal'
import type { KeySet } from '../format/keys.ts'
import { type JournalStepOptions, resolveJournalStepOptions } from '../options.ts'
import { MOST_SPARES } from '../segments/spare-queue.ts'
import { REQUEST_HEADER_BYTES } from './channel.ts'

/** How a log with a journal of its own is opened. */
export interface LogOptions
  extends Pick<
    JournalStepOptions,
    'dir' | 'segmentBytes' | 'durability' | 'intervalMs' | 'maxBatchBytes' | 'maxRecordBytes' | 'verify' | 'compression' | 'encryption'
  > {
  /**
   * Room for entries on their way to the journal's thread: a power of two from 64 KiB to 1 GiB, and at least four times `maxRecordBytes`. When it
   * is full, `append` throws and `room()` waits. @default 4 MiB
   */
  readonly bufferBytes?: number
  /** How many segments to prepare ahead on a thread of their own: 0 to 8; with 0 there is no such thread. @default 1 */
  readonly spareSegments?: number
  /** Where the code of the journal's thread is, for programs that were bundled. @default beside this module */
  readonly workerUrl?: URL
  /** Where the code of the thread that prepares segments is. @default beside this module */
  readonly spareWorkerUrl?: URL
}

/** What crosses to the journal's thread. */
export interface ResolvedLogOptions {
  readonly journal: Required<
    Pick<
      JournalStepOptions,
      'dir' | 'segmentBytes' | 'durability' | 'intervalMs' | 'maxBatchBytes' | 'maxRecordBytes' | 'verify' | 'compression'
    >
  >
  readonly encryption: KeySet | undefined
  readonly bufferBytes: number
  readonly spareSegments: number
  readonly spareWorkerUrl: string | undefined
}

/** Checks options once and fills in the defaults. @throws {OptionError} names the option, its value and its range. */
export function resolveLogOptions(options: LogOptions): ResolvedLogOptions {
  const { dir, segmentBytes, durability, intervalMs, maxBatchBytes, maxRecordBytes, verify } = resolveJournalStepOptions(options)
  const bufferBytes = powerOfTwo('bufferBytes', options.bufferBytes ?? 4 * 1024 ** 2, 64 * 1024, 1024 ** 3)
  // A record of a ring takes up to a quarter of it.
  wholeNumber('maxRecordBytes', maxRecordBytes, 1, bufferBytes / 4 - REQUEST_HEADER_BYTES - 8)
  return {
    journal: {
      dir,
      segmentBytes,
      durability,
      intervalMs,
      maxBatchBytes,
      maxRecordBytes,
      verify,
      compression: options.compression ?? 'none',
    },
    encryption: options.encryption,
    bufferBytes,
    spareSegments: wholeNumber('spareSegments', options.spareSegments ?? 1, 0, MOST_SPARES),
    spareWorkerUrl: options.spareWorkerUrl?.href,
  }
}
