import { BatchBuffer } from '../src/format/batch-buffer.ts'
import { BatchHeader } from '../src/format/batch-header.ts'
import { BodyWriter } from '../src/format/body-writer.ts'
import {
  BATCH_HEADER_BYTES,
  KIND_CLOSED,
  KIND_COPY,
  KIND_CUT,
  KIND_DROP,
  KIND_ENTRY,
  KIND_MARK,
  KIND_OPENED,
  KIND_RESET,
  KIND_TRIM,
  KIND_VALUE,
} from '../src/format/descriptor.ts'
import { encodeFooter } from '../src/format/footer.ts'
import { JournalId } from '../src/format/journal-id.ts'
import { encodeSegmentHeader } from '../src/format/segment-header.ts'
import { emptySummary } from '../src/logs/log-summary.ts'
import { encodeValue } from '../src/logs/summary-bytes.ts'
import { cipherKeys } from '../src/platform/cipher.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** A record by the numbers that make it up. */
export interface VectorRecord {
  readonly title: string
  readonly kind: number
  readonly log: number
  readonly index: number
  readonly term: number
  readonly data: Uint8Array
}

const none = new Uint8Array(0)

/** A record of every kind. */
export const vectorRecords: readonly VectorRecord[] = [
  { title: 'entry: log 7, index 2, term 3, "sell it."', kind: KIND_ENTRY, log: 7, index: 2, term: 3, data: bytes('sell it.') },
  { title: 'copy: log 7, index 1, term 1, "buy 100 at 42"', kind: KIND_COPY, log: 7, index: 1, term: 1, data: bytes('buy 100 at 42') },
  { title: 'cut: log 7 ends at index 1, of term 1', kind: KIND_CUT, log: 7, index: 1, term: 1, data: none },
  { title: 'trim: log 7 starts at index 2, behind term 1', kind: KIND_TRIM, log: 7, index: 2, term: 1, data: none },
  { title: 'reset: log 7 is empty behind index 2^32 + 5, of term 4', kind: KIND_RESET, log: 7, index: 2 ** 32 + 5, term: 4, data: none },
  { title: 'mark: a snapshot of log 7 covers index 9, of term 4', kind: KIND_MARK, log: 7, index: 9, term: 4, data: none },
  { title: 'value: "vote" of log 7 is "node 3"', kind: KIND_VALUE, log: 7, index: 0, term: 0, data: encodeValue('vote', bytes('node 3')) },
  { title: 'drop: log 7 is gone', kind: KIND_DROP, log: 7, index: 0, term: 0, data: none },
  { title: 'opened', kind: KIND_OPENED, log: 0, index: 0, term: 0, data: none },
  { title: 'closed', kind: KIND_CLOSED, log: 0, index: 0, term: 0, data: none },
]

const journalId = new JournalId(Uint32Array.of(0x0302_0100, 0x0706_0504, 0x0b0a_0908, 0x0f0e_0d0c))
const key = Uint8Array.from({ length: 32 }, (_, i) => i)
/** The key of the vectors: 32 bytes, 00 to 1f. */
export const vectorKeys = cipherKeys({ write: 'k1', keys: { k1: key } })
const plainPlace = { journalId, id: 2, bytes: 65_536, firstLsn: 10, epoch: 3, key: undefined }
/** The segment that the vectors lie in. */
export const vectorPlace = { ...plainPlace, key: vectorKeys.markFor(journalId) }
export const vectorLog = {
  ...emptySummary(7),
  firstIndex: 2,
  baseTerm: 1,
  lastIndex: 5,
  lastTerm: 3,
  snapshotIndex: 4,
  snapshotTerm: 2,
  values: new Map([['vote', bytes('node 3')]]),
}
export const vectorRun = { first: 6, last: 7, term: 3, segment: 2, lsn: 10, bytes: 80, open: false, hints: [6, 10, 1] }

export function encodeRecord({ kind, log, index, term, data }: VectorRecord): Uint8Array {
  const batch = new BatchBuffer(new Uint8Array(4096))
  batch.append(kind, log, index, term, data, 0, data.length)
  return batch.bytes.slice(BATCH_HEADER_BYTES, batch.usedBytes)
}

/** A batch of one entry, the first of segment 2. */
export function encodeBatch(encrypted: boolean): Uint8Array {
  const batch = new BatchBuffer(new Uint8Array(4096))
  const { kind, log, index, term, data } = { ...(vectorRecords[0] as VectorRecord), index: 6 }
  batch.append(kind, log, index, term, data, 0, data.length)
  const header = Object.assign(new BatchHeader(), { segment: 2, offset: 4096, epoch: 3, firstLsn: 10, durableLsn: 9, chain: 0x1234_5678 })
  const writer = new BodyWriter(undefined)
  writer.cipher = encrypted ? vectorKeys.forSegment(vectorPlace) : undefined
  batch.seal(header, journalId, writer)
  return batch.bytes.slice(0, BATCH_HEADER_BYTES + header.bodyLength)
}

/** Everything that FORMAT.md shows the bytes of, by its title there. */
export function vectors(): Map<string, Uint8Array> {
  const { bytes: head } = encodeSegmentHeader(vectorPlace, [vectorLog])
  const footer = encodeFooter(plainPlace, 11, [{ logId: 7, keep: 5, runs: [vectorRun] }])
  return new Map([
    ...vectorRecords.map(record => [record.title, encodeRecord(record)] as const),
    ['a batch, up to the end of its records', encodeBatch(false)],
    ['the same batch, encrypted with the key 00 01 02 to 1f', encodeBatch(true)],
    ['the start of a segment that is encrypted with that key, up to the end of its state', head.slice(0, 128 + 72)],
    ['the last 152 bytes of a footer', footer.slice(-152)],
  ])
}

/** Bytes as lines of 16, in hexadecimal. */
export function hexLines(content: Uint8Array): string[] {
  return Array.from({ length: Math.ceil(content.length / 16) }, (_, line) =>
    Array.from(content.subarray(line * 16, line * 16 + 16), byte => byte.toString(16).padStart(2, '0')).join(' '),
  )
}
