import type { DisruptorError, Files, Index, LogId, Lsn, Step, Term } from '@disruptorx/contracts'
import { ClosedError, OptionError } from '@disruptorx/contracts'
import { type FileTask, perform, wholeNumber } from '@disruptorx/contracts/internal'
import { EntryTooLargeError, JournalFullError } from '../errors.ts'
import { KIND_CLOSED, KIND_ENTRY, KIND_OPENED, KIND_RESET } from '../format/descriptor.ts'
import type { ResolvedJournalOptions } from '../options.ts'
import type { Cut } from '../segments/scan.ts'
import type { SegmentStore } from '../segments/segment-store.ts'
import { Committer } from './committer.ts'
import type { LogPosition, LogTable } from './log-table.ts'
import { JournalReader } from './reader.ts'

const nothing = new Uint8Array(0)

/** What opening found. */
export interface Recovery {
  /** The last LSN that was kept: everything up to it is on stable storage. 0 for a new journal. */
  readonly durableLsn: number
  /** Records in the segments that are still there, marks of the journal itself included. */
  readonly records: number
  /** What was cut off the end; `undefined` when nothing was. */
  readonly cut: Cut | undefined
}

/** What `openJournal` hands to a journal. For that function only. */
export interface JournalParts {
  readonly files: Files
  readonly options: ResolvedJournalOptions
  readonly lock: number
  readonly segments: SegmentStore
  readonly logs: LogTable
  readonly nextLsn: number
  readonly epoch: number
  readonly recovery: Recovery
}

/**
 * One node's journal: many logs in one append-only file, made durable by one sync for all.
 *
 * For one thread. Appends gather in memory; `step()` hands them to the disk, and what arrives meanwhile goes into the next batch.
 */
export class Journal implements Step {
  readonly recovery: Recovery
  readonly #files: Files
  readonly #options: ResolvedJournalOptions
  readonly #lock: number
  readonly #segments: SegmentStore
  readonly #logs: LogTable
  readonly #committer: Committer
  #nextLsn: number
  /** Why appends are refused. */
  #refusal: DisruptorError | undefined

  /** Journals come from `openJournal`. */
  constructor(parts: JournalParts) {
    this.recovery = parts.recovery
    this.#files = parts.files
    this.#options = parts.options
    this.#lock = parts.lock
    this.#segments = parts.segments
    this.#logs = parts.logs
    this.#nextLsn = parts.nextLsn
    this.#committer = new Committer(parts.files, parts.options, parts.segments, parts.logs, parts.nextLsn, parts.epoch)
  }

  /** Everything up to this LSN counts as durable, in the sense of the option `durability`. */
  get durableLsn(): Lsn {
    return this.#committer.durableLsn
  }

  /** Everything up to this LSN is on stable storage, whatever the option `durability` says. */
  get syncedLsn(): Lsn {
    return this.#committer.syncedLsn
  }

  /** The LSN of the newest append. */
  get lastLsn(): Lsn {
    return this.#nextLsn - 1
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

  /** How a log stands. The object is live. A log that nothing was ever appended to starts at index 1. @throws {OptionError} {@link TooManyLogsError} */
  log(logId: LogId): LogPosition {
    return this.#logs.get(checkLogId(logId))
  }

  /** Whether an entry of `length` bytes fits the batch being gathered. */
  hasRoom(length: number): boolean {
    return this.#committer.gathering.hasRoom(length)
  }

  // Hot: benchmark `wal/append64`. No allocation; one copy.
  /**
   * Appends one entry: `length` bytes from `offset`, copied before it returns. It is durable when {@link durableLsn} reaches the result.
   *
   * @throws {EntryOrderError} `index` is not `lastIndex + 1`, or `term` goes back
   * @throws {JournalFullError} the batch being gathered has no room: step, then append again
   * @throws {EntryTooLargeError} it is longer than `maxRecordBytes`
   * @throws {JournalStoppedError} the journal stopped
   */
  append(logId: LogId, index: Index, term: Term, bytes: Uint8Array, offset = 0, length = bytes.length - offset): Lsn {
    if (this.#refusal !== undefined) throw this.#refusal
    const log = this.#logs.find(logId) ?? this.#logs.get(checkLogId(logId))
    if (index !== log.lastIndex + 1 || !(term >= log.lastTerm)) this.#logs.checkOrder(log, index, term)
    if (length > this.#options.maxRecordBytes || !this.#committer.gathering.hasRoom(length)) this.#refuseLength(length)
    if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) throw new OptionError('length', length, 'within the bytes given')
    this.#committer.gathering.append(KIND_ENTRY, logId, index, term, bytes, offset, length)
    log.lastIndex = index
    log.lastTerm = term
    return this.#nextLsn++
  }

  /**
   * Says that everything up to `index`, of `term`, lives elsewhere, in a snapshot: the next entry is `index + 1`. Never behind the end of
   * the log. What lies before can no longer be read; {@link release} frees its space.
   *
   * @throws {EntryOrderError} {@link JournalFullError} {@link JournalStoppedError}
   */
  resetLog(logId: LogId, index: Index, term: Term): Lsn {
    if (this.#refusal !== undefined) throw this.#refusal
    if (!this.#committer.gathering.hasRoom(0)) this.#refuseLength(0)
    this.#logs.reset(checkLogId(logId), index, term)
    this.#committer.gathering.append(KIND_RESET, logId, index, term, nothing, 0, 0)
    return this.#nextLsn++
  }

  /** Allows everything of a log up to `index` to go: whole segments are freed, in later steps, once no log needs them. */
  release(logId: LogId, index: Index): void {
    const log = this.#logs.find(logId)
    if (log === undefined) return
    log.releasedIndex = Math.max(log.releasedIndex, Math.min(wholeNumber('index', index, 0, Number.MAX_SAFE_INTEGER), log.durableIndex))
    this.#segments.free(this.#logs)
    for (const start of this.#segments.headers[0]?.logs ?? []) {
      const freed = this.#logs.get(start.logId)
      freed.firstIndex = Math.max(freed.firstIndex, start.lastIndex + 1)
    }
  }

  /** Reads durable entries of a log from an index on. @throws {IndexTruncatedError} {@link OptionError} the log does not reach `fromIndex - 1` */
  reader(logId: LogId, fromIndex: Index): JournalReader {
    return new JournalReader(this.#files, this.#segments, this, this.#logs.get(checkLogId(logId)), fromIndex)
  }

  /**
   * Hands gathered records to the disk and takes note of what it finished: at most one batch. Never throws: a fault of the disk stops the
   * journal, and {@link Journal.failure} tells.
   */
  step(): number {
    const delayMs = this.#committer.step()
    if (this.#committer.failure !== undefined) this.#refusal ??= this.#committer.failure
    return delayMs
  }

  /** Makes everything appended durable on stable storage, in every mode. @throws {JournalStoppedError} */
  *flush(): FileTask<void> {
    const committer = this.#committer
    const until = this.#nextLsn - 1
    while (committer.syncedLsn < until && committer.failure === undefined) {
      committer.syncNow()
      if (this.step() !== 0) yield
    }
    if (committer.failure !== undefined) throw committer.failure
  }

  /** Makes everything durable, ends the journal and gives its directory back. Safe to call twice. @throws {JournalStoppedError} after giving it back */
  *close(): FileTask<void> {
    if (this.#refusal?.code === 'DX_CLOSED') return
    try {
      yield* this.#finish()
    } finally {
      this.#refusal = new ClosedError('the journal')
      this.#options.spares?.stop()
      try {
        yield* this.#segments.close()
      } finally {
        yield* perform(this.#files, { operation: 'close', handle: this.#lock })
      }
    }
  }

  /** Marks this opening: from here on batches carry the new epoch. For `openJournal` only. */
  *begin(): FileTask<void> {
    this.#mark(KIND_OPENED)
    yield* this.flush()
  }

  *#finish(): FileTask<void> {
    const committer = this.#committer
    if (committer.failure !== undefined) return
    yield* this.flush()
    while (this.#segments.hasFreed && committer.failure === undefined) if (this.step() !== 0) yield
    // The mark proves all before it durable to the next opening. A segment of its own is too much for that.
    this.#mark(KIND_CLOSED)
    if (this.#segments.hasRoom(this.#committer.gathering.paddedBytes)) yield* this.flush()
  }

  #mark(kind: number): void {
    this.#committer.gathering.append(kind, 0, 0, 0, nothing, 0, 0)
    this.#nextLsn++
  }

  #refuseLength(length: number): never {
    if (length > this.#options.maxRecordBytes) throw new EntryTooLargeError(length, this.#options.maxRecordBytes)
    throw new JournalFullError(length, this.#options.maxBatchBytes)
  }
}

function checkLogId(logId: number): number {
  return wholeNumber('logId', logId, 0, 2 ** 32 - 1)
}
