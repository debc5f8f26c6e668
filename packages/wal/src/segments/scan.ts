import type { Files } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { JournalCorruptError } from '../errors.ts'
import { BatchHeader, bodyIsGood, decodeBatchHeader, type HeaderFinding } from '../format/batch-header.ts'
import { BATCH_HEADER_BYTES, KIND_CLOSED, KIND_ENTRY, KIND_OPENED, KIND_RESET, SECTOR_BYTES } from '../format/descriptor.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import type { LogTable } from '../journal/log-table.ts'
import { RecordCursor } from './record.ts'
import { FileWindow } from './window.ts'

/** What opening cut off the end: writes that nobody was told were durable. */
export interface Cut {
  /** Number of the segment. */
  readonly segment: number
  /** Where the cut is, in bytes from the start of the segment. */
  readonly offset: number
  /** How much behind it still looked written, in bytes. */
  readonly bytes: number
  readonly reason: string
}

/** How far a segment could be followed. */
export interface Scan {
  /** Where the next batch would start. */
  readonly end: number
  readonly nextLsn: number
  readonly epoch: number
  readonly batches: number
  /** Every LSN up to this one is proven to have been durable. */
  readonly provenLsn: number
  /** Where the first batch starts that is not proven to have been durable; `end` when all are. */
  readonly unprovenFrom: number
  readonly cut: Cut | undefined
}

/**
 * Follows the batches of one segment from its start, checks every byte, and brings `logs` up to date.
 *
 * A batch is believed when journal, segment, place and check sums are right, its LSN is the next one, and its epoch does not go back: what an
 * earlier run left behind a cut has a lower epoch than the batches written over that cut.
 */
export class SegmentScan {
  readonly #segment: SegmentHeader
  readonly #window: FileWindow
  readonly #place
  readonly #logs: LogTable
  readonly #header = new BatchHeader()
  readonly #record = new RecordCursor()
  readonly #starts: number[] = []
  readonly #lastLsns: number[] = []
  #offset = SECTOR_BYTES
  #nextLsn: number
  #epoch: number
  #provenLsn: number

  constructor(files: Files, handle: number, segment: SegmentHeader, logs: LogTable) {
    this.#segment = segment
    this.#window = new FileWindow(files, handle)
    this.#place = { journalId: segment.journalId, segment: segment.id, segmentBytes: segment.bytes }
    this.#logs = logs
    this.#nextLsn = segment.firstLsn
    this.#epoch = segment.epoch
    this.#provenLsn = segment.firstLsn - 1
  }

  /**
   * Follows a segment that another one comes after: it has to reach `nextLsn`.
   *
   * @throws {JournalCorruptError}
   */
  *sealed(nextLsn: number): FileTask<void> {
    for (;;) {
      if (this.#nextLsn === nextLsn) return
      const reason = yield* this.#follow()
      if (reason !== undefined) throw yield* this.#corrupt(reason)
    }
  }

  /**
   * Follows the segment that was written last, and tells a torn end from damage.
   *
   * @throws {JournalCorruptError} a later batch proves that what cannot be read was durable
   */
  *last(): FileTask<Scan> {
    let reason = yield* this.#follow()
    while (reason === undefined) reason = yield* this.#follow()
    const cut = yield* this.#judgeEnd(reason)
    let unproven = this.#starts.length
    while (unproven > 0 && (this.#lastLsns[unproven - 1] as number) > this.#provenLsn) unproven--
    return {
      end: this.#offset,
      nextLsn: this.#nextLsn,
      epoch: this.#epoch,
      batches: this.#starts.length,
      provenLsn: this.#provenLsn,
      unprovenFrom: this.#starts[unproven] ?? this.#offset,
      cut,
    }
  }

  /** Takes one more batch. Returns why not, when there is none. */
  *#follow(): FileTask<string | undefined> {
    const header = this.#header
    if (this.#offset + SECTOR_BYTES > this.#segment.bytes) return 'the end of the segment'
    const found = yield* this.#headerAt(this.#offset)
    if (found === 'damaged') return 'the header of the batch is damaged'
    if (found === 'nothing' || header.epoch < this.#epoch) return 'no batch'
    if (header.firstLsn !== this.#nextLsn) return `a batch with LSN ${header.firstLsn} where ${this.#nextLsn} belongs`
    const at = yield* this.#window.need(this.#offset, header.paddedBytes)
    if (!bodyIsGood(this.#window.bytes, this.#window.view, at, header)) return 'the records of the batch are damaged'
    if (header.count === 0 || !this.#applyRecords(at)) return 'the records of the batch contradict those before'
    this.#starts.push(this.#offset)
    this.#lastLsns.push(header.lastLsn)
    this.#offset += header.paddedBytes
    this.#nextLsn = header.lastLsn + 1
    this.#epoch = header.epoch
    this.#provenLsn = Math.max(this.#provenLsn, header.durableLsn)
    return undefined
  }

  *#headerAt(offset: number): FileTask<HeaderFinding> {
    const at = yield* this.#window.need(offset, BATCH_HEADER_BYTES)
    return decodeBatchHeader(this.#window.view, at, offset, this.#place, this.#header)
  }

  #applyRecords(at: number): boolean {
    const { bodyLength, count } = this.#header
    this.#record.start(this.#window.view, at, bodyLength)
    for (let i = 0; i < count; i++) if (!this.#record.next() || !this.#applyRecord()) return false
    return true
  }

  #applyRecord(): boolean {
    const { kind, logId, index, term } = this.#record
    if (kind === KIND_OPENED || kind === KIND_CLOSED) return true
    const log = this.#logs.get(logId)
    if (kind === KIND_RESET) {
      if (!(index >= log.lastIndex && term >= log.lastTerm)) return false
      this.#logs.reset(logId, index, term)
      return true
    }
    if (kind !== KIND_ENTRY || index !== log.lastIndex + 1 || !(term >= log.lastTerm)) return false
    log.lastIndex = index
    log.lastTerm = term
    return true
  }

  /** Looks at everything behind the last good batch: proof that something is missing, or the remains of a write that never finished. */
  *#judgeEnd(reason: string): FileTask<Cut | undefined> {
    const header = this.#header
    let remainsEnd = reason === 'no batch' || reason === 'the end of the segment' ? this.#offset : this.#offset + SECTOR_BYTES
    for (let offset = this.#offset; offset + SECTOR_BYTES <= this.#segment.bytes; offset += SECTOR_BYTES) {
      if ((yield* this.#headerAt(offset)) !== 'batch') continue
      if (header.durableLsn >= this.#nextLsn) throw yield* this.#corrupt(reason)
      if (header.epoch >= this.#epoch && header.firstLsn >= this.#nextLsn) remainsEnd = Math.max(remainsEnd, offset + header.paddedBytes)
    }
    if (remainsEnd === this.#offset) return undefined
    return { segment: this.#segment.id, offset: this.#offset, bytes: remainsEnd - this.#offset, reason }
  }

  /** Names the entry at which the damage starts: the next one of the log that the damaged batch, if it can still be read, belongs to. */
  *#corrupt(reason: string): FileTask<JournalCorruptError> {
    const place = { segment: this.#segment.id, offset: this.#offset, reason }
    if (this.#offset + SECTOR_BYTES > this.#segment.bytes) return new JournalCorruptError(place)
    const record = this.#record
    const at = yield* this.#window.need(this.#offset, SECTOR_BYTES)
    record.start(this.#window.view, at, SECTOR_BYTES - BATCH_HEADER_BYTES)
    record.next()
    const named = this.#logs.find(record.logId)
    const plausible = record.kind === KIND_ENTRY && record.index === (named?.lastIndex ?? 0) + 1
    if (plausible) return new JournalCorruptError({ ...place, logId: record.logId, index: record.index, term: record.term })
    const only = this.#logs.all.length === 1 ? this.#logs.all[0] : undefined
    return new JournalCorruptError(only === undefined ? place : { ...place, logId: only.logId, index: only.lastIndex + 1 })
  }
}
