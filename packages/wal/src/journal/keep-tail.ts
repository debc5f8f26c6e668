import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { BatchHeader, encodeBatchHeader } from '../format/batch-header.ts'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import { footerBytes } from '../format/footer.ts'
import { segmentHeaderBytes } from '../format/segment-header.ts'
import type { LogTable } from '../logs/log-table.ts'
import type { BatchSource } from '../segments/batch-source.ts'
import type { Scan, SegmentScan } from '../segments/scan.ts'
import { segmentRuns } from '../segments/segment-index.ts'
import type { SegmentStore } from '../segments/segment-store.ts'
import { writeFully } from '../segments/window.ts'

/** What {@link keepTail} works on: the last segment, followed to its end, whose store stands where its unproven tail begins. */
export interface TailParts {
  readonly files: Files
  readonly segments: SegmentStore
  readonly logs: LogTable
  readonly source: BatchSource
  readonly scan: SegmentScan
  /** Number of a spare file to copy it to, when there is one. */
  readonly spare: number | undefined
}

/** Where the journal goes on. */
export interface Tail {
  readonly nextLsn: number
  readonly chain: number
}

/**
 * Makes the end of the journal durable before it counts: what no header proves durable is copied to a new segment, which gets its name when the copy is on
 * stable storage. After a sync that failed, the bytes may sit in the system's cache, read well, and never reach the disk where they lie.
 *
 * Where the disk is full, the new segment is as small as can be.
 *
 * Marks of the journal itself are written once more where they lie: nothing is lost with them.
 */
export function* keepTail(parts: TailParts, end: Scan): FileTask<Tail> {
  const { files, segments, logs, source, scan, spare } = parts
  if (yield* holdsOnlyMarks(parts)) return yield* rewrite(parts, end)
  const { id } = source.segment
  const header = new BatchHeader()
  const summaries = logs.summaries()
  const runs = segmentRuns(logs, id)
  yield* placeTail(parts, id + 1, segmentHeaderBytes(summaries))
  const next = {
    firstLsn: end.unprovenLsn,
    epoch: end.epoch + 1,
    logs: summaries,
    synced: true,
    firstBytes: end.end - end.unprovenFrom,
    footerBytes: footerBytes(segmentRuns(logs, id + 1)),
    spare,
  }
  yield* segments.roll(next, runs, function* (handle, encoded): FileTask<void> {
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
  })
  return { nextLsn: end.nextLsn, chain: header.crc }
}

/** Replays the tail as it will lie in a segment, of which the header takes the first so many bytes. */
function* placeTail({ logs, source, scan }: TailParts, segment: number, headerBytes: number): FileTask<void> {
  logs.startSegment()
  let to = headerBytes
  for (const batch of scan.unproven) {
    yield* scan.replay(batch)
    logs.place({ segment, sector: to / SECTOR_BYTES, lsn: source.header.firstLsn })
    logs.markDurable()
    to += source.header.paddedBytes
  }
}

function* rewrite({ files, segments, source, scan }: TailParts, end: Scan): FileTask<Tail> {
  for (const batch of scan.unproven) {
    yield* scan.revisit(batch)
    const bytes = yield* source.copyAt(batch.offset)
    yield* writeFully(files, segments.handle, bytes, 0, bytes.length, batch.offset)
  }
  yield* perform(files, { operation: 'datasync', handle: segments.handle })
  segments.advance(end.end - end.unprovenFrom)
  return { nextLsn: end.nextLsn, chain: end.chain }
}

function* holdsOnlyMarks({ scan }: TailParts): FileTask<boolean> {
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
