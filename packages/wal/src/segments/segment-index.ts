import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { JournalCorruptError } from '../errors.ts'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import { decodeFooter, encodeFooter, footerIndexBytes, footerLastLsn, runsIn, type SegmentRuns } from '../format/footer.ts'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { LogTable } from '../logs/log-table.ts'
import { BatchSource } from './batch-source.ts'
import { readState, readUpTo } from './directory.ts'
import type { Repairer } from './repair.ts'
import { SegmentScan } from './scan.ts'
import { isUnreadable, writeFully } from './window.ts'

/** What a sealed segment holds of each log, as its footer says; `undefined` when it has none, or a damaged one. */
export function* readFooter(files: Files, handle: number, header: SegmentHeader, lastLsn: number): FileTask<SegmentRuns[] | undefined> {
  const end = yield* readIfReadable(files, handle, header.bytes - SECTOR_BYTES, SECTOR_BYTES)
  if (end.length < SECTOR_BYTES) return undefined
  const indexBytes = footerIndexBytes(end, header, lastLsn)
  if (indexBytes === undefined) return undefined
  const direct = decodeFooter(end, header)
  if (direct !== undefined) return direct
  const more = Math.min(header.bytes, indexBytes + SECTOR_BYTES)
  const all = yield* readIfReadable(files, handle, header.bytes - more, more)
  // The fixed part was read anew.
  if (all.length < more || footerIndexBytes(all, header, lastLsn) === undefined) return undefined
  return decodeFooter(all, header)
}

/**
 * Checks that the footer of a full segment, if it has one, does not reach beyond the first LSN of the next one. Where it does, the next segment's header is
 * one of an earlier attempt to make that segment: its file has kept it, and the disk has lost the newer one.
 *
 * @throws {JournalCorruptError}
 */
export function* checkNext(files: Files, handle: number, header: SegmentHeader, next: SegmentHeader): FileTask<void> {
  const reached = footerLastLsn(yield* readIfReadable(files, handle, header.bytes - SECTOR_BYTES, SECTOR_BYTES), header)
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
  const end = yield* readUpTo(files, handle, header.bytes - SECTOR_BYTES, SECTOR_BYTES)
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
