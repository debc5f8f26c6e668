import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { BatchHeader, encodeBatchHeader } from '../format/batch-header.ts'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import { footerBytes, type SegmentRuns } from '../format/footer.ts'
import { segmentHeaderBytes } from '../format/segment-header.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import type { LogTable } from '../logs/log-table.ts'
import type { BatchSource } from '../segments/batch-source.ts'
import type { Scan, SegmentScan } from '../segments/scan.ts'
import { segmentRuns } from '../segments/segment-index.ts'
import type { SegmentStore } from '../segments/segment-store.ts'
import { writeFully } from '../segments/window.ts'

/** The segment that was written last, followed to its end. */
export interface LastSegment {
  readonly logs: LogTable
  readonly source: BatchSource
  readonly scan: SegmentScan
  readonly end: Scan
}

/** How the logs stood before the unproven tail, when that is to be copied to a new segment. */
export interface TailCopy {
  /** What the header of the new segment says. */
  readonly summaries: readonly LogSummary[]
  /** What the footer of the old one says. */
  readonly runs: readonly SegmentRuns[]
}

const NOTHING = new Uint8Array(SECTOR_BYTES)

/** What {@link keepTail} writes to: the store stands where the unproven tail begins. */
export interface TailPlace {
  readonly files: Files
  readonly segments: SegmentStore
  /** Number of a spare file to copy it to, when there is one. */
  readonly spare: number | undefined
}

/** Where the journal goes on. */
export interface Tail {
  readonly nextLsn: number
  readonly chain: number
}

/**
 * Brings the logs up to date with what no header proves durable, as it will lie when {@link keepTail} has copied it, and writes nothing: what the journal
 * holds has to be known before an opening changes anything. `undefined` when there are only marks of the journal itself, which stay where they lie.
 *
 * @throws {JournalCorruptError} its records contradict those before
 */
export function* replayTail(last: LastSegment): FileTask<TailCopy | undefined> {
  if (yield* holdsOnlyMarks(last)) return undefined
  const { logs, source, scan } = last
  const { id } = source.segment
  const summaries = logs.summaries()
  const runs = segmentRuns(logs, id)
  logs.startSegment()
  let to = segmentHeaderBytes(summaries)
  for (const batch of scan.unproven) {
    yield* scan.replay(batch)
    logs.place({ segment: id + 1, sector: to / SECTOR_BYTES, lsn: source.header.firstLsn })
    logs.markDurable()
    to += source.header.paddedBytes
  }
  return { summaries, runs }
}

/**
 * Makes the end of the journal durable before it counts: what no header proves durable is copied to a new segment, which gets its name when the copy is on
 * stable storage. After a sync that failed, the bytes may sit in the system's cache, read well, and never reach the disk where they lie.
 *
 * Where the disk is full, the new segment is as small as can be.
 *
 * Marks of the journal itself are written once more where they lie: nothing is lost with them.
 */
export function* keepTail(place: TailPlace, last: LastSegment, copy: TailCopy | undefined): FileTask<Tail> {
  if (copy === undefined) return yield* rewrite(place, last)
  const { files, segments, spare } = place
  const { logs, source, scan, end } = last
  const header = new BatchHeader()
  const next = {
    firstLsn: end.unprovenLsn,
    epoch: end.epoch + 1,
    logs: copy.summaries,
    synced: true,
    firstBytes: end.end - end.unprovenFrom,
    footerBytes: footerBytes(segmentRuns(logs, source.segment.id + 1)),
    spare,
  }
  yield* segments.roll(next, copy.runs, function* (handle, encoded): FileTask<void> {
    header.crc = encoded.chain
    let to = encoded.dataOffset
    for (const batch of scan.unproven) {
      yield* scan.revisit(batch)
      copyHeader(source.header, header)
      Object.assign(header, { segment: encoded.id, offset: to, epoch: next.epoch, durableLsn: next.firstLsn - 1, chain: header.crc })
      const bytes = yield* source.copyAt(batch.offset)
      encodeBatchHeader(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), header, encoded.journalId)
      yield* writeFully(files, handle, bytes, 0, bytes.length, to)
      to += header.paddedBytes
    }
    // The mark of this opening comes next: a disk that has no room for it says so while there is nothing yet that was changed.
    yield* writeFully(files, handle, NOTHING, 0, SECTOR_BYTES, to)
  })
  return { nextLsn: end.nextLsn, chain: header.crc }
}

function* rewrite({ files, segments }: TailPlace, { source, scan, end }: LastSegment): FileTask<Tail> {
  for (const batch of scan.unproven) {
    yield* scan.revisit(batch)
    const bytes = yield* source.copyAt(batch.offset)
    yield* writeFully(files, segments.handle, bytes, 0, bytes.length, batch.offset)
  }
  yield* perform(files, { operation: 'datasync', handle: segments.handle })
  segments.advance(end.end - end.unprovenFrom)
  return { nextLsn: end.nextLsn, chain: end.chain }
}

function* holdsOnlyMarks({ scan }: LastSegment): FileTask<boolean> {
  for (const batch of scan.unproven) if (!(yield* scan.isMark(batch))) return false
  return true
}

function copyHeader(from: BatchHeader, to: BatchHeader): void {
  to.firstLsn = from.firstLsn
  to.count = from.count
  to.bodyLength = from.bodyLength
  to.rawLength = from.rawLength
  to.flags = from.flags
  to.cipherEpoch = from.cipherEpoch
  to.tag.set(from.tag)
}
