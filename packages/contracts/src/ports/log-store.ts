import type { Index, Lsn, Term } from '../brands.ts'

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

/** A logical log: an ordered list of entries without gaps. */
export interface LogStore {
  /** The lowest index that can still be read; one more than {@link lastIndex} when the log is empty. */
  readonly firstIndex: Index
  /** The highest index appended; 0 when nothing ever was. */
  readonly lastIndex: Index
  /** The highest index that is durable. */
  readonly durableIndex: Index
  /** Appends one entry after {@link lastIndex}. The bytes are copied before it returns. */
  append(data: Uint8Array, term: Term): Appended
  /** Resolves when everything up to `lsn` is on stable storage; rejects when the journal stopped. */
  durable(lsn: Lsn, signal?: AbortSignal): Promise<void>
  /** Reads entries from `from` on, in batches, up to what is durable at each read. */
  read(from: Index, signal?: AbortSignal): AsyncIterable<readonly LogEntry[]>
  /** Allows everything up to and including `index` to be removed. */
  release(index: Index): void
}
