import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { JournalCorruptError } from '../errors.ts'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import { decodeFooter, encodeFooter, footerIndexBytes, footerLastLsn, runsIn, type SegmentRuns } from '../format/footer.ts'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { LogTable } from '../logs/log-table.ts'
import { BatchSource } from './batch-source.ts'
import { readPlace, readState, readUpTo } from './directory.ts'
import type { Repairer } from './repair.ts'
import { SegmentScan } from './scan.ts'
import { isUnreadable, writeFully } from './window.ts'

/**
 * What a full segment holds of each log, as its footer says; `undefined` when it has none, or a damaged one.
 *
 * @param next of the segment behind it
 * @throws {JournalCorruptError} the footer reaches beyond the first LSN of `next`: that header is one of an earlier attempt to make that segment, whose file
 *   has kept it where the disk has lost the newer one
 */
export function* readFooter(
  files: Files,
  handle: number,
  header: SegmentHeader,
  next: Pick<SegmentHeader, 'id' | 'firstLsn'>,
): FileTask<SegmentRuns[] | undefined> {
  const lastLsn = next.firstLsn - 1
  const end = yield* readIfReadable(files, handle, header.bytes - SECTOR_BYTES, SECTOR_BYTES)
  if (end.length < SECTOR_BYTES) return undefined
  const indexBytes = footerIndexBytes(end, header, lastLsn)
  if (indexBytes === undefined) {
    refuseStale(footerLastLsn(end, header), next)
    return undefined
  }
  const direct = decodeFooter(end, header)
  if (direct !== undefined) return direct
  const more = Math.min(header.bytes, indexBytes + SECTOR_BYTES)
  const all = yield* readIfReadable(files, handle, header.bytes - more, more)
  // The fixed part was read anew.
  if (all.length < more || footerIndexBytes(all, header, lastLsn) === undefined) return undefined
  return decodeFooter(all, header)
}

/** @param reached the LSN that the segment before has reached, as far as its footer says @throws {JournalCorruptError} */
function refuseStale(reached: number | undefined, next: Pick<SegmentHeader, 'id' | 'firstLsn'>): void {
  if (reached === undefined || reached < next.firstLsn) return
  const reason = `the header says that LSN ${next.firstLsn} is its first, and the segment before holds up to ${reached}`
  throw new JournalCorruptError({ segment: next.id, offset: 0, reason })
}

/** As {@link readUpTo}; nothing, when the disk cannot read it. */
function* readIfReadable(files: Files, handle: number, position: number, length: number): FileTask<Uint8Array> {
  try {
    return yield* readUpTo(files, handle, position, length)
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return new Uint8Array(0)
  }
}

/**
 * What the footer of the segment that was written last, if it has one, proves to have been durable: everything up to the result.
 *
 * @throws {JournalCorruptError} the file is shorter than it was made: no write that was torn does that, and nobody can say what was lost with its end
 */
export function* provenByFooter(files: Files, handle: number, header: SegmentHeader): FileTask<number | undefined> {
  const piece = { segment: header.id, offset: header.bytes - SECTOR_BYTES, what: 'the end of the segment' }
  const end = yield* readPlace(files, handle, piece, SECTOR_BYTES)
  if (end.length === SECTOR_BYTES) return footerLastLsn(end, header)
  const { result: offset } = yield* perform(files, { operation: 'size', handle })
  throw new JournalCorruptError({
    segment: header.id,
    offset,
    reason: `the file ends here instead of at ${header.bytes.toLocaleString('en-US')}`,
  })
}

/** What a sealed segment holds of each log, found by reading all of it. @throws {JournalCorruptError} it does not reach `lastLsn` */
export function* rebuildIndex(
  files: Files,
  handle: number,
  header: SegmentHeader,
  lastLsn: number,
  keys: Keys,
  repairer?: Repairer,
): FileTask<SegmentRuns[]> {
  const logs = new LogTable(yield* readState(files, handle, header), Number.MAX_SAFE_INTEGER)
  yield* new SegmentScan(new BatchSource(files, handle, header, keys), logs, repairer).sealed(lastLsn + 1)
  return segmentRuns(logs, header.id)
}

/** What a segment holds of each log, as the logs have it. */
export function segmentRuns(logs: LogTable, segment: number): SegmentRuns[] {
  const found: SegmentRuns[] = []
  for (const log of logs.placed()) {
    const runs = runsIn(log, segment)
    if (runs !== undefined) found.push(runs)
  }
  return found
}

/** Writes the footer of a segment that takes no more batches, if there is room for it behind `end`. Not synced. */
export function* writeFooter(
  files: Files,
  handle: number,
  header: SegmentHeader,
  end: number,
  lastLsn: number,
  runs: readonly SegmentRuns[],
): FileTask<void> {
  const footer = encodeFooter(header, lastLsn, runs)
  const position = header.bytes - footer.length
  if (position >= end) yield* writeFully(files, handle, footer, 0, footer.length, position)
}
