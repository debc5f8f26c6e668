import type { DisruptorError } from '@disruptorx/contracts'
import { powerOfTwo, wholeNumber } from '@disruptorx/contracts/internal'
import type { ArchiveOptions } from '../archive/options.ts'
import { type JournalStepOptions, resolveJournalStepOptions } from '../options.ts'
import { MOST_SPARES } from '../segments/spare-queue.ts'
import { REQUEST_HEADER_BYTES } from './request.ts'

/** How a journal, or a log with one of its own, is opened on a thread of its own. */
export interface JournalOptions
  extends Pick<
    JournalStepOptions,
    'segmentBytes' | 'durability' | 'intervalMs' | 'maxBatchBytes' | 'maxRecordBytes' | 'verify' | 'rewrite' | 'compression' | 'encryption'
  > {
  /**
   * Room for changes on their way to the journal's thread: a power of two from 64 KiB to 1 GiB, and at least four times `maxRecordBytes`. When it is
   * full, changes are refused with `DX_LOG_FULL`, and `room()` waits. @default 4 MiB
   */
  readonly bufferBytes?: number
  /** How many segments to prepare ahead on a thread of their own: 0 to 8; with 0 there is no such thread. @default 1 */
  readonly spareSegments?: number
  /**
   * A module whose default export is a {@link RepairSource}: where damaged batches are repaired from. Its code runs on the journal's thread, which then leaves
   * its event loop free between steps, so that what it asks for may come from elsewhere. @default damage is refused
   */
  readonly repairUrl?: URL
  /** Most bytes of full segments that are checked in a second, again and again: 4 KiB to 1 GiB; 0 for none. @default 0 */
  readonly scrubBytesPerSecond?: number
  /** Called for each damage that scrubbing finds and cannot repair: a {@link JournalCorruptError}, or the file system's error. @default a warning of the process */
  readonly onDamage?: (damage: DisruptorError) => void
  /**
   * Copies full segments to an archive, from the event loop of the thread that opens the journal; a segment is freed when it is there. See `openArchive`.
   * @default segments are freed when no log needs them
   */
  readonly archive?: ArchiveOptions
  /** Where the code of the journal's thread is, for programs that were bundled. @default beside this module */
  readonly workerUrl?: URL
  /** Where the code of the thread that prepares segments is. @default beside this module */
  readonly spareWorkerUrl?: URL
  /** Where the code of the thread that waits for syncs is. @default beside this module */
  readonly syncWorkerUrl?: URL
}

/** What crosses to the journal's thread. */
export interface ResolvedJournalOptions {
  readonly journal: JournalStepOptions & { readonly maxRecordBytes: number }
  readonly bufferBytes: number
  readonly spareSegments: number
  readonly spareWorkerUrl: string | undefined
  readonly syncWorkerUrl: string | undefined
  readonly repairUrl: string | undefined
  readonly scrubBytesPerSecond: number
  /** What the journal and its archiving share: the words of an `ArchiveGate`. */
  readonly archive: SharedArrayBuffer | undefined
}

/** Checks options once and fills in the defaults. @throws {OptionError} names the option, its value and its range. */
export function resolveJournalOptions(dir: string, options: JournalOptions): Omit<ResolvedJournalOptions, 'archive'> {
  // The journal itself knows of the archive only what its thread is told.
  const { archive, ...ofJournal } = options
  const resolved = resolveJournalStepOptions({ ...ofJournal, dir })
  const { bufferBytes, maxRecordBytes } = resolveBuffer(options, resolved.maxRecordBytes)
  return {
    journal: {
      dir: resolved.dir,
      segmentBytes: resolved.segmentBytes,
      durability: resolved.durability,
      intervalMs: resolved.intervalMs,
      maxBatchBytes: resolved.maxBatchBytes,
      maxRecordBytes,
      verify: resolved.verify,
      rewrite: resolved.rewrite,
      compression: options.compression ?? 'none',
      ...(options.encryption === undefined ? {} : { encryption: options.encryption }),
    },
    bufferBytes,
    spareSegments: wholeNumber('spareSegments', options.spareSegments ?? 1, 0, MOST_SPARES),
    spareWorkerUrl: options.spareWorkerUrl?.href,
    syncWorkerUrl: options.syncWorkerUrl?.href,
    repairUrl: options.repairUrl?.href,
    scrubBytesPerSecond: resolveScrubRate(options.scrubBytesPerSecond ?? 0),
  }
}

function resolveScrubRate(bytesPerSecond: number): number {
  return bytesPerSecond === 0 ? 0 : wholeNumber('scrubBytesPerSecond', bytesPerSecond, 4 * 1024, 1024 ** 3)
}

/** Room for requests, and the longest entry: one that is asked for has to find room, and the default is what does. @throws {OptionError} */
export function resolveBuffer(
  options: { readonly bufferBytes?: number; readonly maxRecordBytes?: number },
  mostBytes: number,
): { readonly bufferBytes: number; readonly maxRecordBytes: number } {
  const bufferBytes = powerOfTwo('bufferBytes', options.bufferBytes ?? 4 * 1024 ** 2, 64 * 1024, 1024 ** 3)
  // A record of a ring takes up to a quarter of it.
  const fitting = bufferBytes / 4 - REQUEST_HEADER_BYTES - 8
  return { bufferBytes, maxRecordBytes: wholeNumber('maxRecordBytes', options.maxRecordBytes ?? Math.min(mostBytes, fitting), 1, fitting) }
}
