import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { SeededRandom } from '@disruptorx/testkit'
import { BatchBuffer } from '../src/format/batch-buffer.ts'
import { BatchHeader } from '../src/format/batch-header.ts'
import { KIND_ENTRY, SECTOR_BYTES } from '../src/format/descriptor.ts'
import { encodeFooter } from '../src/format/footer.ts'
import { JournalId } from '../src/format/journal-id.ts'
import { encodeSegmentHeader } from '../src/format/segment-header.ts'
import { emptySummary } from '../src/logs/log-summary.ts'

/** Makes a journal of full-sized segments, sparse files with one entry of log 1 in each: much to open, quick to make. */
export function makeSparseJournal(dir: string, segments: number, segmentBytes: number): void {
  mkdirSync(dir, { recursive: true })
  const journalId = JournalId.draw(new SeededRandom(1))
  for (let id = 1; id <= segments; id++) {
    const logs = id === 1 ? [] : [{ ...emptySummary(1), lastIndex: id - 1, lastTerm: 1 }]
    const place = { journalId, id, bytes: segmentBytes, firstLsn: id, epoch: 1, key: undefined }
    const { header, bytes } = encodeSegmentHeader(place, logs)
    const file = openSync(join(dir, `${String(id).padStart(6, '0')}.seg`), 'w')
    ftruncateSync(file, segmentBytes)
    writeSync(file, bytes, 0, bytes.length, 0)
    const batch = new BatchBuffer(new Uint8Array(SECTOR_BYTES))
    const data = new TextEncoder().encode(`entry ${id}`)
    batch.append(KIND_ENTRY, 1, id, 1, data, 0, data.length)
    const batchHeader = Object.assign(new BatchHeader(), { ...place, segment: id, offset: header.dataOffset, chain: header.chain })
    batchHeader.durableLsn = id - 1
    const length = batch.seal(batchHeader, journalId)
    writeSync(file, batch.bytes, 0, length, header.dataOffset)
    if (id < segments) {
      const hints = [id, id, header.dataOffset / SECTOR_BYTES]
      const run = { first: id, last: id, term: 1, segment: id, lsn: id, bytes: 48, open: false, hints }
      const footer = encodeFooter(place, id, [{ logId: 1, keep: Number.MAX_SAFE_INTEGER, runs: [run] }])
      writeSync(file, footer, 0, footer.length, segmentBytes - footer.length)
    }
    closeSync(file)
  }
}
