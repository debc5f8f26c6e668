import type { Index, LogId, Lsn, Term } from '../brands.ts'
import type { DisruptorError } from '../errors.ts'
import type { Closeable } from './closeable.ts'

/** One entry of a logical log: one proposal, a batch of events. */
export interface LogEntry {
  readonly index: Index
  readonly term: Term
  readonly data: Uint8Array
}

/** What an append returns at once. The entry is durable when the store's durable LSN has reached `lsn`. */
export interface Appended {
  readonly index: Index
  readonly lsn: Lsn
}

/** The last entry that a snapshot covers. */
export interface SnapshotMark {
  readonly index: Index
  readonly term: Term
}

/** How a range of a log is read. */
export interface LogReadOptions {
  /** The last index to read: from `from - 1` on. @default the end of what is durable */
  readonly to?: Index
  /** Whether to wait for more at the end of what is durable, until `to` is read or the signal ends it. @default false */
  readonly follow?: boolean
  /** Most entries in a batch: 1 to 65,536. @default 1024 */
  readonly maxBatchEntries?: number
  /** A batch that holds so many bytes of data is given out as it is: 1 to 64 MiB. @default 1 MiB */
  readonly maxBatchBytes?: number
  readonly signal?: AbortSignal
}

/**
 * A logical log: an ordered list of entries without gaps, with a few small values beside it.
 *
 * What is changed is seen at once by whoever asks this object, and is durable when the store's durable LSN has reached the LSN that the change returned.
 * A crash before that takes it back, together with everything that came after it. Reads show only what is durable.
 *
 * | code | when |
 * |---|---|
 * | `DX_INDEX_TRUNCATED` | an index below {@link firstIndex}; a reader that the log was cut or reset past |
 * | `DX_INDEX_PAST_END` | an index above {@link lastIndex} |
 * | `DX_LOG_REWOUND` | a reader that has shown entries which a conflict or a reset removed. It comes before any other entry, and before `DX_INDEX_TRUNCATED`; `details.index` is the last entry that still holds of what was shown, so undo those after it and read on from `details.index + 1` |
 * | `DX_ENTRY_ORDER` | a term that goes back |
 * | `DX_ENTRY_TOO_LARGE` | an entry over the store's limit, which is far below the size of a file of it |
 * | `DX_LOG_FULL`, `DX_JOURNAL_FULL` | the store is behind: nothing was taken; await {@link room} and try again |
 * | `DX_LOG_DROPPED`, `DX_CLOSED`, `DX_JOURNAL_STOPPED` | the log, or all of the store, takes nothing any more |
 * | `DX_OPTION` | an argument that cannot be |
 */
export interface LogStore {
  readonly id: LogId
  /** The lowest index that can still be read; one more than {@link lastIndex} when the log is empty. */
  readonly firstIndex: Index
  /** The highest index appended; 0 when nothing ever was. */
  readonly lastIndex: Index
  /** The term of the entry at {@link lastIndex}, also when that entry is no longer held; 0 when nothing ever was. */
  readonly lastTerm: Term
  /** The highest index that is durable. A conflict takes it back to where the log was cut. */
  readonly durableIndex: Index
  /** The newest snapshot mark; `undefined` when there is none. */
  readonly snapshot: SnapshotMark | undefined
  /** The term of an entry from `firstIndex - 1` to `lastIndex`; `undefined` of any other, and of entry 0, which is none. */
  termAt(index: Index): Term | undefined
  /** Appends one entry after {@link lastIndex}. The bytes are copied before it returns. Without a term: of the last entry's, or 1 where there never was one. */
  append(data: Uint8Array, term?: Term): Appended
  /**
   * Appends entries of one term, at least one; returns what the last one got. All of them are taken or none, and the bytes are copied before it returns. A
   * crash before the last one is durable may keep the first ones.
   */
  appendBatch(batch: readonly Uint8Array[], term?: Term): Appended
  /**
   * Conflict: removes the entries after `index`, which is from `firstIndex - 1` to `lastIndex`. The next entry is `index + 1`, of a term not below that of `index`. A
   * snapshot mark above `index` goes with them.
   */
  truncateAfter(index: Index): Lsn
  /** Retention: removes the entries before `index`, which is up to `lastIndex + 1`. At `firstIndex` and below it changes nothing, and returns the newest LSN. */
  truncateBefore(index: Index): Lsn
  /**
   * Says that everything up to `index`, of `term`, lives elsewhere: the log is empty, and the next entry is `index + 1`. A snapshot mark above `index` is
   * forgotten. `index` is at least `firstIndex - 1`, and `term` not below that of the entry there: what lives elsewhere already never goes back. It may be below
   * {@link lastTerm}, for what a leader that lost left in this log is given up by this.
   */
  reset(index: Index, term: Term): Lsn
  /**
   * Notes that a snapshot covers everything up to `index`, of `term`; not below the one noted before, and at most `lastIndex`. Removes nothing. The mark lasts
   * until a newer one, or until {@link truncateAfter} or {@link reset} go back behind it.
   */
  markSnapshot(index: Index, term: Term): Lsn
  /**
   * Sets a small value, such as a term or a vote; an empty one removes it. A name has 1 to 32 characters of `a` to `z`, `0` to `9` and `-`, a value at most
   * 256 bytes, a log at most 16 values. The bytes are copied before it returns.
   */
  setValue(name: string, value: Uint8Array): Lsn
  /** What a value was set to last; `undefined` when it never was or was removed. The bytes are the caller's. */
  value(name: string): Uint8Array | undefined
  /** Resolves when everything up to `lsn` is on stable storage; rejects when the journal stopped or was closed before. */
  durable(lsn: Lsn, signal?: AbortSignal): Promise<void>
  /** Resolves when there is room again for what was refused because the store is behind; rejects when the journal stopped or was closed before. */
  room(signal?: AbortSignal): Promise<void>
  /** Reads one entry, once it is durable. */
  entry(index: Index, signal?: AbortSignal): Promise<LogEntry>
  /** Reads entries from `from` on, in batches, up to what is durable at each read. The batches are the caller's. */
  read(from: Index, options?: LogReadOptions): AsyncIterable<readonly LogEntry[]>
}

/** Many logs that become durable together. */
export interface LogJournal extends Closeable {
  /** The LSN of the newest change. */
  readonly lastLsn: Lsn
  /** Everything up to this LSN is durable. */
  readonly durableLsn: Lsn
  /** The logs that there are, ascending. */
  readonly logIds: readonly LogId[]
  /** Why it takes nothing any more, by a fault or by {@link close}; `undefined` while it works. */
  readonly failure: DisruptorError | undefined
  /** A log. One that is new or was dropped is empty, starts at index 1, and exists from its first change on, which also survives. */
  log(id: LogId): LogStore
  /** Drops a log with all of its entries and values. Objects that were handed out for it refuse everything; the id may be used anew. */
  dropLog(id: LogId): Lsn
  /** Resolves when everything up to `lsn` is on stable storage; rejects when the journal stopped or was closed before. */
  durable(lsn: Lsn, signal?: AbortSignal): Promise<void>
  /** Resolves when there is room again for what was refused because the store is behind; rejects when the journal stopped or was closed before. */
  room(signal?: AbortSignal): Promise<void>
}
