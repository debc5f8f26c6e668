import type { DisruptorError, Files, Index, LogId, Lsn, Step, Term } from '@disruptorx/contracts'
import { ClosedError, OptionError } from '@disruptorx/contracts'
import { type FileTask, perform, wholeNumber } from '@disruptorx/contracts/internal'
import { KIND_CLOSED, KIND_OPENED } from '../format/descriptor.ts'
import type { LogTable } from '../logs/log-table.ts'
import type { ResolvedJournalStepOptions } from '../options.ts'
import { type Repaired, Repairer } from '../segments/repair.ts'
import type { Cut } from '../segments/scan.ts'
import type { SegmentStore } from '../segments/segment-store.ts'
import { Committer, type CommitterStart } from './committer.ts'
import { JournalLog } from './journal-log.ts'
import { JournalReader } from './reader.ts'
import { Recorder } from './recorder.ts'
import { Rewriter } from './rewriter.ts'
import { Scrubber, type ScrubberOptions } from './scrubber.ts'
import { Waiters } from './waiters.ts'

/** What opening found. */
export interface Recovery {
  /** The last LSN that was kept: everything up to it is on stable storage. 0 for a new journal. */
  readonly durableLsn: number
  /** Records in the segments that are still there, marks of the journal itself included. */
  readonly records: number
  /** What was cut off the end; `undefined` when nothing was. */
  readonly cut: Cut | undefined
  /** Sealed segments whose footer was missing or damaged: they were read from start to end. */
  readonly reindexed: readonly number[]
  /** Batches that were damaged, and made good by the option `repair`. */
  readonly repaired: readonly Repaired[]
}

/** What `openJournalStep` hands to a journal. For that function only. */
export interface JournalParts extends CommitterStart {
  readonly files: Files
  readonly options: ResolvedJournalStepOptions
  readonly lock: number
  readonly segments: SegmentStore
  readonly logs: LogTable
  readonly recovery: Recovery
}

/**
 * One node's journal: many logs in one append-only file, made durable by one sync for all.
 *
 * For one thread. Appends gather in memory; `step()` hands them to the disk, and what arrives meanwhile goes into the next batch. Promises settle in
 * `step()`, so somebody has to call it, as its result says.
 */
export class JournalStep implements Step {
  readonly recovery: Recovery
  readonly #parts: JournalParts
  readonly #segments: SegmentStore
  readonly #logs: LogTable
  readonly #committer: Committer
  readonly #recorder: Recorder
  readonly #waiters = new Waiters()
  /** The newest object handed out for each log. */
  readonly #handles = new Map<number, JournalLog>()
  readonly #rewriter: Rewriter
  #toldLsn: number
  #closing = false

  /** @internal Journals come from `openJournalStep`. */
  constructor(parts: JournalParts) {
    const { files, options, segments, logs, nextLsn } = parts
    this.recovery = parts.recovery
    this.#parts = parts
    this.#segments = segments
    this.#logs = logs
    this.#committer = new Committer(files, options, segments, logs, parts)
    this.#recorder = new Recorder(options, logs, this.#committer, nextLsn)
    this.#rewriter = new Rewriter({ files, segments, logs, keys: parts.keys, recorder: this.#recorder, use: this.#committer.use })
    this.#toldLsn = nextLsn - 1
    options.durableCell?.set(this.#toldLsn)
  }

  /** Everything up to this LSN counts as durable, in the sense of the option `durability`. */
  get durableLsn(): Lsn {
    return this.#committer.durableLsn
  }

  /** Everything up to this LSN is on stable storage, whatever the option `durability` says. */
  get syncedLsn(): Lsn {
    return this.#committer.syncedLsn
  }

  /** The LSN of the newest record. */
  get lastLsn(): Lsn {
    return this.#recorder.nextLsn - 1
  }

  /** Why the journal stopped for good: `undefined` while it works. */
  get failure(): DisruptorError | undefined {
    return this.#committer.failure
  }

  /** Bytes written since this opening: batches with their padding. What decides when a snapshot is due. */
  get bytesWritten(): number {
    return this.#committer.bytesWritten
  }

  /** Bytes of all files of this journal, spares included. */
  get bytesOnDisk(): number {
    return this.#segments.bytesOnDisk
  }

  /** Segments that this thread had to make itself, because no spare was ready. */
  get segmentsMadeInline(): number {
    return this.#segments.madeInline
  }

  /** The logs that there are, ascending. */
  get logIds(): readonly LogId[] {
    return [...this.#logs.all].map(log => log.logId).sort((a, b) => a - b)
  }

  /** @internal What the state of all logs may take. */
  get mostStateBytes(): number {
    return this.#logs.stateRoom.mostBytes
  }

  /** A log. One that is new or was dropped is empty, starts at index 1, and exists from its first change on. @throws {OptionError} */
  log(logId: LogId): JournalLog {
    const known = this.#handles.get(logId)
    if (known !== undefined && !known.dropped) return known
    const log = this.#logs.find(checkLogId(logId)) ?? this.#logs.fresh(logId)
    const made = new JournalLog(this, this.#recorder, log)
    this.#handles.set(logId, made)
    return made
  }

  /** Drops a log with all of its entries and values. Objects that were handed out for it refuse everything; the id may be used anew. @throws {JournalStoppedError} {@link JournalFullError} */
  dropLog(logId: LogId): Lsn {
    const lsn = this.#recorder.drop(this.log(logId).state)
    this.#handles.delete(logId)
    return lsn
  }

  /** Whether an entry of `length` bytes fits the batch being gathered. */
  hasRoom(length: number): boolean {
    return this.#committer.gathering.hasRoom(length)
  }

  /**
   * Appends one entry: `length` bytes from `offset`, copied before it returns. It is durable when {@link durableLsn} reaches the result.
   *
   * @throws {EntryOrderError} `index` is not `lastIndex + 1`, or `term` goes back
   * @throws {JournalFullError} the batch being gathered has no room: step, then append again
   * @throws {EntryTooLargeError} it is longer than `maxRecordBytes`
   * @throws {JournalStoppedError} the journal stopped
   */
  append(logId: LogId, index: Index, term: Term, bytes: Uint8Array, offset = 0, length = bytes.length - offset): Lsn {
    const log = this.#logs.find(logId) ?? this.log(logId).state
    return this.#recorder.append(log, index, term, bytes, offset, length)
  }

  /** Resolves when everything up to `lsn` is durable. @throws {JournalStoppedError} {@link AbortedError} {@link ClosedError} {@link OptionError} */
  durable(lsn: Lsn, signal?: AbortSignal): Promise<void> {
    if (!Number.isSafeInteger(lsn) || lsn < 0 || lsn > this.lastLsn)
      return Promise.reject(new OptionError('lsn', lsn, `a whole number up to ${this.lastLsn}`))
    return this.#waiters.until(() => this.durableLsn >= lsn, `waiting for LSN ${lsn}`, signal)
  }

  /** Resolves when the batch being gathered is at most half full. @throws {JournalStoppedError} {@link AbortedError} {@link ClosedError} */
  room(signal?: AbortSignal): Promise<void> {
    if (this.#recorder.refusal !== undefined) return Promise.reject(this.#recorder.refusal)
    const { maxBatchBytes } = this.#parts.options
    return this.#waiters.until(() => this.#committer.gathering.usedBytes * 2 <= maxBatchBytes, 'waiting for room', signal)
  }

  /** Resolves after the next step that may have moved anything. @throws as {@link durable} */
  progress(signal?: AbortSignal): Promise<void> {
    return this.#waiters.next('waiting for the journal', signal)
  }

  /** Reads a log's durable entries from `fromIndex` on, also those that become durable later. @throws {IndexTruncatedError} {@link IndexPastEndError} */
  reader(logId: LogId, fromIndex: Index): JournalReader {
    return this.readerOf(this.log(logId), fromIndex)
  }

  /** @internal As {@link reader}, of a log in hand. */
  readerOf(log: JournalLog, fromIndex: Index): JournalReader {
    if (this.#recorder.refusal?.code === 'DX_CLOSED') throw this.#recorder.refusal
    return new JournalReader(this.#parts.files, this.#segments, this, log.state, this.#parts.keys, fromIndex)
  }

  /**
   * A step that checks full segments, again and again, and repairs what it can by the option `repair`. For this thread, beside the journal's own step.
   *
   * @throws {OptionError}
   */
  scrubber(options: ScrubberOptions = {}): Scrubber {
    const { files, keys } = this.#parts
    const { clock, dir, repair } = this.#parts.options
    const repairer = repair === undefined ? undefined : new Repairer(files, dir, repair)
    return new Scrubber({ files, segments: this.#segments, keys, clock, repairer }, options)
  }

  /**
   * Hands at most one batch to the disk, and takes note of what the disk finished. Never throws: {@link failure} tells. Returns 0 when there was
   * work, otherwise after how many milliseconds to call again.
   */
  step(): number {
    const rewriteMs = this.#rewrite()
    this.#committer.use.release()
    const delayMs = this.#committer.step()
    const { failure, durableLsn } = this.#committer
    if (failure !== undefined) {
      this.#recorder.refusal ??= failure
      this.#waiters.end(failure)
    }
    if (durableLsn !== this.#toldLsn) {
      this.#toldLsn = durableLsn
      this.#parts.options.durableCell?.set(durableLsn)
      this.#parts.options.parkingLot?.unparkAll()
    }
    this.#waiters.look()
    return Math.min(rewriteMs, delayMs)
  }

  /** Puts everything appended so far on stable storage, whatever the option `durability` says. @throws {JournalStoppedError} */
  *flush(): FileTask<void> {
    const committer = this.#committer
    const { lastLsn } = this
    while (committer.failure === undefined && committer.syncedLsn < (lastLsn as number)) {
      committer.syncNow()
      if (this.step() !== 0) yield
    }
    if (committer.failure !== undefined) throw committer.failure
  }

  /** Makes everything durable, ends the journal and gives its directory back. Safe to call twice. @throws {JournalStoppedError} after giving it back */
  *close(): FileTask<void> {
    if (this.#recorder.refusal?.code === 'DX_CLOSED') return
    this.#closing = true
    try {
      yield* this.#finish()
    } finally {
      const closed = new ClosedError('the journal')
      this.#recorder.refusal = closed
      this.#parts.options.spares?.stop()
      this.#parts.options.archive?.stop()
      try {
        yield* this.#rewriter.close()
        yield* this.#segments.close()
      } finally {
        yield* perform(this.#parts.files, { operation: 'close', handle: this.#parts.lock })
        this.#waiters.end(closed)
      }
    }
  }

  /**
   * @internal Marks this opening, which proves the tail that was kept. Where there is no room for the mark, the header of the next segment tells of the new
   * epoch, with the first change: a disk may have no room for it yet. For `openJournalStep` only.
   */
  *begin(): FileTask<void> {
    if (!this.#committer.hasRoomForMark) {
      this.#committer.skipEpoch()
      // All that was found and is no mark is proven already: what no log needs may go without waiting for a change.
      return this.#committer.use.synced(this.syncedLsn)
    }
    this.#recorder.mark(KIND_OPENED)
    yield* this.flush()
  }

  /** Empties the oldest segment a little further, if that is worth it. A segment that cannot be opened stops the journal no less than one that cannot be written. */
  #rewrite(): number {
    if (!this.#parts.options.rewrite || this.#closing || this.#committer.failure !== undefined) return Number.POSITIVE_INFINITY
    try {
      return this.#rewriter.step()
    } catch (error) {
      this.#committer.fail('reading a segment', error)
      return Number.POSITIVE_INFINITY
    }
  }

  *#finish(): FileTask<void> {
    const committer = this.#committer
    if (committer.failure !== undefined) return
    yield* this.flush()
    while (this.#segments.hasFreed && committer.failure === undefined) if (this.step() !== 0) yield
    // The mark proves all before it durable to the next opening. Where there is no room for it, the segment's footer does.
    if (!committer.hasRoomForMark) return yield* committer.seal()
    this.#recorder.mark(KIND_CLOSED)
    yield* this.flush()
  }
}

function checkLogId(logId: number): number {
  return wholeNumber('logId', logId, 0, 2 ** 32 - 1)
}
