import type { LogJournal } from '@disruptorx/contracts'
import type { JournalProgressHandle } from '../thread/progress.ts'

/**
 * Logs in one SQLite database, which a thread of its own writes: everything that arrives during one commit goes into the next. Use it from the thread that opened
 * it; other threads may wait for it by {@link progress}.
 */
export interface SqliteJournal extends LogJournal {
  /** How far the journal is, in shared memory: for `durableBarrier` of `@disruptorx/wal` on other threads. */
  readonly progress: JournalProgressHandle
}
