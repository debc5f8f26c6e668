import type { FileTask } from '@disruptorx/contracts/internal'
import { type Damage, JournalCorruptError, otherwiseError, unreadableError } from '../errors.ts'
import type { BatchHeader } from '../format/batch-header.ts'
import { BATCH_HEADER_BYTES, KIND_CLOSED, KIND_ENTRY, KIND_OPENED, SECTOR_BYTES } from '../format/descriptor.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import type { LogTable } from '../logs/log-table.ts'
import { replayRecord } from '../logs/replay.ts'
import type { BatchSource } from './batch-source.ts'
import { RecordCursor } from './record.ts'
import type { Repairer } from './repair.ts'

/** Why a segment cannot be followed on where nothing was written, and at its end. Only damage makes that a reason for anything. */
export const NO_BATCH = 'no batch where one belongs'
export const SEGMENT_ENDS = 'the segment ends before its last batch'

/** Why a segment cannot be followed on whose batches have passed the LSN with which the next one starts. */
export const BATCH_GOES_ON = 'a batch goes on into the next segment'

/**
 * Why a segment cannot be followed whose first batch names a newer header: the one that stands there is of an earlier attempt to make that segment, where the
 * disk has lost the newer one. No write that was torn does that, because a header is durable before any batch is begun.
 */
export const ANOTHER_HEADER = 'the first batch follows a newer header of the segment'

/**
 * Why a batch does not follow a segment's last one, whose header it does not name.
 *
 * An attempt to make the segment that never came to its end may have left its copy of a tail in the file: that starts with no higher LSN than the header that
 * was written over it, and where it starts with the same one, it is of no higher epoch.
 */
export function misfit({ offset, firstLsn, epoch }: BatchHeader, segment: SegmentHeader): string {
  const isNewer = firstLsn > segment.firstLsn || (firstLsn === segment.firstLsn && epoch > segment.epoch)
  return offset === segment.dataOffset && isNewer ? ANOTHER_HEADER : 'a batch that follows another one'
}

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

/** A batch that was found good. */
export interface GoodBatch {
  readonly offset: number
  readonly lastLsn: number
  /** Of its header. */
  readonly crc: number
  /** The window's count when its records were checked. */
  readonly load: number
}

/** How far a segment could be followed. */
export interface Scan {
  /** Where the next batch would start. */
  readonly end: number
  readonly nextLsn: number
  readonly epoch: number
  /** Header CRC of the last batch, or of the segment. */
  readonly chain: number
  /** Where the first batch starts that is not proven to have been durable; `end` when all are. The logs are as they were before it. */
  readonly unprovenFrom: number
  /** LSN of the first record there. */
  readonly unprovenLsn: number
  readonly cut: Cut | undefined
}

/**
 * Follows the batches of one segment from its start, checks every byte, and brings `logs` up to date with what is proven to have been durable.
 *
 * A batch is believed when journal, segment, place and check sums are right, its LSN is the next one, its epoch does not go back, and it names the batch
 * before it: what an earlier run left behind a cut names another one.
 */
export class SegmentScan {
  readonly #source: BatchSource
  readonly #logs: LogTable
  readonly #repairer: Repairer | undefined
  readonly #record = new RecordCursor()
  /** What is not replayed yet. */
  #waiting: GoodBatch[] = []
  #offset: number
  #nextLsn: number
  #epoch: number
  #chain: number
  #provenLsn: number
  #replayedLsn: number
  /** What the disk said, when the next batch is not one because it cannot be read. */
  #fault: Error | undefined

  constructor(source: BatchSource, logs: LogTable, repairer?: Repairer) {
    const { segment } = source
    this.#source = source
    this.#logs = logs
    this.#repairer = repairer
    this.#offset = segment.dataOffset
    this.#nextLsn = segment.firstLsn
    this.#epoch = segment.epoch
    this.#chain = segment.chain
    this.#provenLsn = this.#replayedLsn = segment.firstLsn - 1
  }

  /** Takes note that everything up to an LSN was durable. */
  prove(lsn: number): void {
    this.#provenLsn = Math.max(this.#provenLsn, lsn)
  }

  /** The good batches that nothing proves to have been durable, in order. They are not replayed. */
  get unproven(): readonly GoodBatch[] {
    return this.#waiting
  }

  /** The LSN that the next batch has to start with. */
  get nextLsn(): number {
    return this.#nextLsn
  }

  /**
   * Follows a segment that another one comes after: it has to reach `nextLsn`.
   *
   * @throws {JournalCorruptError}
   */
  *sealed(nextLsn: number): FileTask<void> {
    this.#provenLsn = nextLsn - 1
    for (;;) {
      if (this.#nextLsn === nextLsn) return
      const reason = this.#nextLsn > nextLsn ? BATCH_GOES_ON : yield* this.#follow()
      if (reason !== undefined && !(yield* this.#repaired(reason))) throw yield* this.#corrupt(reason)
    }
  }

  /**
   * Follows the segment that was written last, and tells a torn end from damage.
   *
   * @throws {JournalCorruptError} a later batch proves that what cannot be read was durable
   */
  *last(): FileTask<Scan> {
    let cut: Cut | undefined
    for (;;) {
      let reason = yield* this.#follow()
      while (reason === undefined) reason = yield* this.#follow()
      const verdict = yield* this.#judgeEnd(reason)
      if (verdict === 'corrupt') {
        if (!(yield* this.#repaired(reason))) throw yield* this.#corrupt(reason)
      } else {
        cut = verdict
        break
      }
    }
    const unproven = this.#waiting[0]
    return {
      end: this.#offset,
      nextLsn: this.#nextLsn,
      epoch: this.#epoch,
      chain: this.#chain,
      unprovenFrom: unproven?.offset ?? this.#offset,
      unprovenLsn: this.#replayedLsn + 1,
      cut,
    }
  }

  /**
   * Has the source look at a good batch once more. Where its window had to be read anew, all of the batch is checked again.
   *
   * @throws a file system's error, when the disk shows something else by now
   */
  *revisit({ offset, crc, load }: GoodBatch): FileTask<void> {
    const { header, segment, window } = this.#source
    const isThere = (yield* this.#source.headerAt(offset)) === 'batch' && header.crc === crc
    if (isThere) yield* window.need(offset, header.paddedBytes)
    if (!isThere || (window.loads !== load && !(yield* this.#source.bodyAt(offset)))) throw otherwiseError(segment.id, offset)
  }

  /**
   * Replays a good batch, which stays in the source's window.
   *
   * @throws {JournalCorruptError} its records contradict those before
   */
  *replay(batch: GoodBatch): FileTask<void> {
    const source = this.#source
    yield* this.revisit(batch)
    const { header, body } = source
    const { offset } = batch
    const good = yield* source.open(offset)
    const record = this.#record
    record.start(body.view, body.offset, body.length, header.firstLsn)
    for (let i = 0; i < header.count; i++)
      if (!good || !record.next() || !replayRecord(this.#logs, record, body.bytes))
        throw new JournalCorruptError({ segment: header.segment, offset, reason: 'the records of the batch contradict those before' })
  }

  /** Whether a good batch holds marks of the journal itself only. */
  *isMark(batch: GoodBatch): FileTask<boolean> {
    const source = this.#source
    yield* this.revisit(batch)
    if (!(yield* source.open(batch.offset))) return false
    this.#record.start(source.body.view, source.body.offset, source.body.length, 0)
    while (this.#record.next()) if (this.#record.kind !== KIND_OPENED && this.#record.kind !== KIND_CLOSED) return false
    return true
  }

  /** Takes one more batch. Returns why not, when there is none. */
  *#follow(): FileTask<string | undefined> {
    const { header, segment } = this.#source
    const offset = this.#offset
    if (offset + SECTOR_BYTES > segment.bytes) return SEGMENT_ENDS
    const found = yield* this.#source.headerAt(offset)
    this.#fault = this.#source.fault
    if (found === 'damaged') return 'the header of the batch is damaged'
    if (found === 'nothing' || header.epoch < this.#epoch) return NO_BATCH
    if (header.chain !== this.#chain) return misfit(header, segment)
    if (header.firstLsn !== this.#nextLsn) return `a batch with LSN ${header.firstLsn} where ${this.#nextLsn} belongs`
    if (!(yield* this.#source.bodyAt(offset))) {
      this.#fault = this.#source.fault
      return 'the records of the batch are damaged'
    }
    if (header.count === 0) return 'a batch without records'
    const { lastLsn, epoch, crc, durableLsn, paddedBytes } = header
    this.#waiting.push({ offset, lastLsn, crc, load: this.#source.window.loads })
    this.#offset += paddedBytes
    this.#nextLsn = lastLsn + 1
    this.#epoch = epoch
    this.#chain = crc
    this.#provenLsn = Math.max(this.#provenLsn, durableLsn)
    yield* this.#replayProven()
    return undefined
  }

  *#replayProven(): FileTask<void> {
    let done = 0
    for (; done < this.#waiting.length; done++) {
      const batch = this.#waiting[done] as GoodBatch
      const { offset, lastLsn } = batch
      if (lastLsn > this.#provenLsn) break
      yield* this.replay(batch)
      const { header } = this.#source
      this.#replayedLsn = lastLsn
      this.#logs.place({ segment: header.segment, sector: offset / SECTOR_BYTES, lsn: header.firstLsn })
      this.#logs.markDurable()
    }
    if (done > 0) this.#waiting.splice(0, done)
  }

  /**
   * Looks at everything behind the last good batch: proof that something is missing, or the remains of a write that never finished.
   *
   * @throws {JournalCorruptError} the header of the segment is not the newest
   * @throws the disk's error, when it cannot read something there and nothing else is proof: that may be what was acknowledged, or the proof
   */
  *#judgeEnd(reason: string): FileTask<Cut | 'corrupt' | undefined> {
    const { header, segment, window } = this.#source
    // No batch is to blame, so none is repaired.
    if (reason === ANOTHER_HEADER) throw yield* this.#corrupt(reason)
    if (this.#provenLsn >= this.#nextLsn) return 'corrupt'
    // What could not be read a moment ago may be there now: that makes it no torn write.
    let unreadable = this.#fault === undefined ? -1 : this.#offset
    let remainsEnd = reason === NO_BATCH || reason === SEGMENT_ENDS ? this.#offset : this.#offset + SECTOR_BYTES
    for (let offset = this.#offset; offset + SECTOR_BYTES <= segment.bytes; offset += SECTOR_BYTES) {
      const found = yield* this.#source.headerAt(offset)
      if (!window.isReadable(offset, SECTOR_BYTES)) unreadable = offset
      if (found !== 'batch') continue
      if (header.durableLsn >= this.#nextLsn) {
        this.#provenLsn = this.#nextLsn
        return 'corrupt'
      }
      if (header.epoch >= this.#epoch && header.firstLsn >= this.#nextLsn) remainsEnd = Math.max(remainsEnd, offset + header.paddedBytes)
    }
    if (unreadable >= 0) throw unreadableError(segment.id, unreadable, 'what may have been written there', window.fault)
    if (remainsEnd === this.#offset) return undefined
    return { segment: segment.id, offset: this.#offset, bytes: remainsEnd - this.#offset, reason }
  }

  /** Whether what is damaged could be had from elsewhere, and is good now. */
  *#repaired(reason: string): FileTask<boolean> {
    const expected = { offset: this.#offset, firstLsn: this.#nextLsn, chain: this.#chain, reason }
    return this.#repairer !== undefined && (yield* this.#repairer.repair(this.#source, expected))
  }

  /** Names the entry at which the damage starts: the next one of the log that the damaged batch, if it can still be read, belongs to. */
  *#corrupt(reason: string): FileTask<Error> {
    const { segment, window } = this.#source
    if (this.#fault !== undefined) return unreadableError(segment.id, this.#offset, 'a batch that was durable', this.#fault)
    yield* this.#replayProven()
    const place: Damage = { segment: segment.id, offset: this.#offset, reason }
    if (this.#offset + SECTOR_BYTES > segment.bytes) return new JournalCorruptError(place)
    const record = this.#record
    const at = yield* window.need(this.#offset, SECTOR_BYTES)
    record.start(window.view, at + BATCH_HEADER_BYTES, SECTOR_BYTES - BATCH_HEADER_BYTES, 0)
    record.next()
    const named = this.#logs.find(record.logId)
    const plausible = record.kind === KIND_ENTRY && record.index === (named?.lastIndex ?? 0) + 1
    if (plausible) return new JournalCorruptError({ ...place, logId: record.logId, index: record.index, term: record.term })
    const only = this.#logs.size === 1 ? this.#logs.all.next().value : undefined
    return new JournalCorruptError(only === undefined ? place : { ...place, logId: only.logId, index: only.lastIndex + 1 })
  }
}
