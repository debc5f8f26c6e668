import type { Files } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { FileCall, type FileTask, perform } from '@disruptorx/contracts/internal'
import { IndexTruncatedError, JournalCorruptError } from '../errors.ts'
import { BatchHeader, bodyIsGood, decodeBatchHeader } from '../format/batch-header.ts'
import { BATCH_HEADER_BYTES, KIND_ENTRY, SECTOR_BYTES } from '../format/descriptor.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { segmentPath } from '../segments/directory.ts'
import { RecordCursor } from '../segments/record.ts'
import { FileWindow } from '../segments/window.ts'
import type { LogPosition } from './log-table.ts'

/** Where a reader finds segments. */
export interface ReadableSegments {
  readonly dir: string
  /** Segments that hold records, oldest first. */
  readonly headers: readonly SegmentHeader[]
}

/** How far a reader may read. */
export interface ReadableJournal {
  readonly durableLsn: number
}

/** An open segment and the batch that is being read in it. */
interface Place {
  readonly header: SegmentHeader
  readonly handle: number
  readonly window: FileWindow
}

/**
 * Reads the durable entries of one log in order, while the journal goes on.
 *
 * Every batch is checked before an entry of it is shown. Used on the journal's thread.
 */
export class JournalReader {
  readonly #files: Files
  readonly #segments: ReadableSegments
  readonly #journal: ReadableJournal
  readonly #log: LogPosition
  readonly #batch = new BatchHeader()
  readonly #record = new RecordCursor()
  #place: Place | undefined
  #offset = SECTOR_BYTES
  #nextLsn = 0
  /** What the window holds of batches behind this LSN may have been read before they were written. */
  #windowLsn = 0
  #nextIndex: number
  #task: FileTask<boolean> | undefined
  #closed = false
  /** Of the entry that `poll` found. */
  index = 0
  term = 0
  /** Memory in which the entry lies, from `offset` on for `length` bytes, until the next call of `poll`. */
  bytes: Uint8Array = new Uint8Array(0)
  offset = 0
  length = 0

  /** Readers come from a journal. @throws {IndexTruncatedError} {@link OptionError} */
  constructor(files: Files, segments: ReadableSegments, journal: ReadableJournal, log: LogPosition, fromIndex: number) {
    if (!Number.isSafeInteger(fromIndex) || fromIndex < 1 || fromIndex > log.lastIndex + 1)
      throw new OptionError('fromIndex', fromIndex, `a whole number from ${log.firstIndex} to ${log.lastIndex + 1}`)
    if (fromIndex < log.firstIndex) throw new IndexTruncatedError(log.logId, fromIndex, log.firstIndex)
    this.#files = files
    this.#segments = segments
    this.#journal = journal
    this.#log = log
    this.#nextIndex = fromIndex
  }

  /**
   * Goes on to the next entry: `entry` when there is one, which the fields then describe; `pending` when the disk has yet to answer;
   * `end` when everything durable was read, which more appends may change.
   *
   * @throws {IndexTruncatedError} the log was released past this reader
   * @throws {JournalCorruptError} what was durable is damaged
   */
  poll(): 'entry' | 'pending' | 'end' {
    if (this.#closed) return 'end'
    for (;;) {
      if (this.#task === undefined) {
        while (this.#record.next()) if (this.#isNext()) return this.#show()
        if (this.#nextIndex < this.#log.firstIndex) throw this.#released()
        if (this.#nextIndex > this.#log.durableIndex) return 'end'
        this.#task = this.#load()
      }
      const { done, value } = this.#task.next()
      if (!done) return 'pending'
      this.#task = undefined
      if (!value) return 'end'
    }
  }

  /** Lets go of the file. Safe to call twice. A file that cannot be closed is nobody's loss. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#place !== undefined) this.#files.submit(Object.assign(new FileCall(), { operation: 'close', handle: this.#place.handle }))
    this.#place = undefined
  }

  #isNext(): boolean {
    const { kind, logId, index } = this.#record
    if (kind !== KIND_ENTRY || logId !== this.#log.logId || index < this.#nextIndex) return false
    if (index > this.#nextIndex) throw this.#released()
    return true
  }

  #show(): 'entry' {
    const record = this.#record
    this.index = record.index
    this.term = record.term
    this.bytes = (this.#place as Place).window.bytes
    this.offset = record.offset
    this.length = record.length
    this.#nextIndex = record.index + 1
    return 'entry'
  }

  /** Loads the next batch. False when there is none that is durable. */
  *#load(): FileTask<boolean> {
    let place = this.#place ?? (yield* this.#open(this.#segmentOf(this.#nextIndex)))
    const next = this.#after(place.header)
    if (next !== undefined && this.#nextLsn === next.firstLsn) {
      yield* this.#leave(place)
      place = yield* this.#open(next)
    }
    if (this.#nextLsn > this.#journal.durableLsn) return false
    if (this.#nextLsn > this.#windowLsn) {
      place.window.forget()
      this.#windowLsn = this.#journal.durableLsn
    }
    yield* this.#check(place)
    return true
  }

  *#check(place: Place): FileTask<void> {
    const { header, window } = place
    const batch = this.#batch
    const expected = { journalId: header.journalId, segment: header.id, segmentBytes: header.bytes }
    if (this.#offset + SECTOR_BYTES > header.bytes) throw this.#damaged(header, 'the segment ends before its last batch')
    const headAt = yield* window.need(this.#offset, BATCH_HEADER_BYTES)
    const found = decodeBatchHeader(window.view, headAt, this.#offset, expected, batch)
    if (found !== 'batch' || batch.firstLsn !== this.#nextLsn || batch.count === 0)
      throw this.#damaged(header, 'the header of the batch is damaged')
    const at = yield* window.need(this.#offset, batch.paddedBytes)
    if (!bodyIsGood(window.bytes, window.view, at, batch)) throw this.#damaged(header, 'the records of the batch are damaged')
    this.#record.start(window.view, at, batch.bodyLength)
    this.#offset += batch.paddedBytes
    this.#nextLsn = batch.lastLsn + 1
  }

  *#open(header: SegmentHeader): FileTask<Place> {
    const path = segmentPath(this.#segments.dir, header.id)
    try {
      const { result } = yield* perform(this.#files, { operation: 'open', path, mode: 'read' })
      const place = { header, handle: result, window: new FileWindow(this.#files, result) }
      this.#place = place
      this.#offset = SECTOR_BYTES
      this.#nextLsn = header.firstLsn
      this.#windowLsn = 0
      return place
    } catch (error) {
      if (this.#isGone(header)) throw this.#released()
      throw error
    }
  }

  *#leave(place: Place): FileTask<void> {
    this.#place = undefined
    yield* perform(this.#files, { operation: 'close', handle: place.handle })
  }

  /** The last segment that starts before an index. */
  #segmentOf(index: number): SegmentHeader {
    const { headers } = this.#segments
    for (let i = headers.length - 1; i > 0; i--) {
      const header = headers[i] as SegmentHeader
      if (this.#lastBefore(header) < index) return header
    }
    return headers[0] as SegmentHeader
  }

  #lastBefore(header: SegmentHeader): number {
    return header.logs.find(log => log.logId === this.#log.logId)?.lastIndex ?? 0
  }

  #after(header: SegmentHeader): SegmentHeader | undefined {
    const { headers } = this.#segments
    const first = headers[0] as SegmentHeader
    if (header.id < first.id) throw this.#released()
    return headers[header.id + 1 - first.id]
  }

  #isGone(header: SegmentHeader): boolean {
    return header.id < (this.#segments.headers[0] as SegmentHeader).id
  }

  #released(): IndexTruncatedError {
    return new IndexTruncatedError(this.#log.logId, this.#nextIndex, this.#log.firstIndex)
  }

  /** A segment that was released while it was read may hold anything by now; in any other this is damage. */
  #damaged(header: SegmentHeader, reason: string): Error {
    if (this.#isGone(header)) return this.#released()
    const { logId } = this.#log
    return new JournalCorruptError({ segment: header.id, offset: this.#offset, logId, index: this.#nextIndex, reason })
  }
}
