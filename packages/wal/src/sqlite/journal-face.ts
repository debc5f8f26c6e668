import type { DisruptorError, LogJournal } from '@disruptorx/contracts'

/**
 * Logs in one SQLite database, which a thread of its own writes: everything that arrives during one commit goes into the next. Use it from one thread.
 *
 * As the contract of {@link LogJournal} says; changes are also refused with `DX_LOG_FULL`, when the database is behind.
 */
export interface SqliteJournal extends LogJournal {
  /** Why it takes nothing any more; `undefined` while it works. */
  readonly failure: DisruptorError | undefined
  /** Resolves when at least half of the buffer is free. @throws {JournalStoppedError} {@link AbortedError} {@link ClosedError} */
  room(signal?: AbortSignal): Promise<void>
}
