import type { FileRequest } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { SeededRandom } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { LEAST_SEGMENT_BYTES, MOST_SEGMENT_BYTES, MOST_SEGMENT_FILE_BYTES, SECTOR_BYTES } from '../src/format/descriptor.ts'
import { JournalId } from '../src/format/journal-id.ts'
import { decodeSegmentHeader, encodeSegmentHeader } from '../src/format/segment-header.ts'
import { SegmentStore } from '../src/segments/segment-store.ts'
import { codeOf } from './journals.ts'

const journalId = JournalId.draw(new SeededRandom(1))

function headerOf(bytes: number) {
  return encodeSegmentHeader({ journalId, id: 1, bytes, firstLsn: 1, epoch: 1, key: undefined }, [])
}

/** Files that take everything, and keep what is written at the start of one. */
class Swallowing {
  start = new Uint8Array(0)

  submit(request: FileRequest): void {
    const { operation, buffer, offset, length, position } = request
    if (operation === 'write' && position === 0) this.start = buffer.slice(offset, offset + length)
    request.result = operation === 'write' ? length : 1
    request.state = 'done'
  }

  poll(): void {}
}

describe('the size of a segment', () => {
  it('is believed from the least that one can have to that of one which a full segment was copied to', () => {
    for (const bytes of [LEAST_SEGMENT_BYTES, MOST_SEGMENT_BYTES, MOST_SEGMENT_BYTES + SECTOR_BYTES, MOST_SEGMENT_FILE_BYTES])
      expect(decodeSegmentHeader(headerOf(bytes).bytes, 1).bytes).toBe(bytes)
    for (const bytes of [LEAST_SEGMENT_BYTES - SECTOR_BYTES, MOST_SEGMENT_BYTES + 1, MOST_SEGMENT_FILE_BYTES + SECTOR_BYTES])
      expect(codeOf(() => decodeSegmentHeader(headerOf(bytes).bytes, 1))).toBe('DX_JOURNAL_CORRUPT')
  })

  it('is one that is believed when a segment of the most bytes, full of what nothing proves durable, is copied to another', () => {
    const files = new Swallowing()
    const { header } = headerOf(MOST_SEGMENT_BYTES)
    const store = new SegmentStore(files, {
      dir: 'd',
      segmentBytes: MOST_SEGMENT_BYTES,
      maxBatchBytes: 16 * 1024 ** 2,
      journalId,
      key: undefined,
      headers: [header],
      handle: 1,
      offset: header.dataOffset,
      sealed: false,
      spares: [],
      preparer: undefined,
      keeper: undefined,
    })
    const firstBytes = MOST_SEGMENT_BYTES - 2 * SECTOR_BYTES
    const next = { firstLsn: 1, epoch: 2, logs: [], synced: true, firstBytes, footerBytes: SECTOR_BYTES }
    runBlocking(store.roll(next, [], function* () {}))
    expect(decodeSegmentHeader(files.start, 2).bytes).toBeGreaterThan(MOST_SEGMENT_BYTES)
  })
})
