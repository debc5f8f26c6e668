import type { Closeable, LogJournal, LogStore, Lsn } from '@disruptorx/contracts'
import type { Recovery } from '../journal/journal-step.ts'
import type { Archiving } from '../platform/start-archiving.ts'
import type { JournalProgressHandle } from './progress.ts'

/** The figures of a journal: a snapshot, for monitoring. */
export interface JournalStats {
  /** Bytes of all files of the journal, spare ones included. */
  readonly bytesOnDisk: number
  /** Bytes of all batches written since the opening, padding included. */
  readonly bytesWritten: number
  /** Segments that the journal's thread had to make itself, because no spare was ready. */
  readonly segmentsMadeInline: number
  /** Bytes of changes that are on their way to the journal's thread. */
  readonly bufferedBytes: number
}

/**
 * Many logs in one directory, made durable by a thread of their own: one fdatasync for everything that arrives during the one before. A slow disk does not hold
 * up the thread that uses it, and a busy thread does not hold up the disk.
 *
 * Use it from the thread that opened it; other threads may wait for it by {@link progress}. LSNs count the changes that were asked for. Where the journal writes
 * entries again by itself, the records in its files, as the tools show them, have higher ones; the next opening goes on from those.
 */
export interface Journal extends LogJournal {
  /** What opening found. */
  readonly recovery: Recovery
  /** Everything up to this LSN is on stable storage, whatever the option `durability` says. */
  readonly syncedLsn: Lsn
  /** How far the journal is, in shared memory: for `durableBarrier` on other threads. */
  readonly progress: JournalProgressHandle
  /** How full segments are archived; `undefined` without the option `archive`. */
  readonly archiving: Pick<Archiving, 'report' | 'settled'> | undefined
  /** Reads the figures. */
  stats(): JournalStats
}

/** One log with a journal of its own. Use it from the thread that opened it. */
export interface Log
  extends LogStore,
    Closeable,
    Pick<Journal, 'recovery' | 'lastLsn' | 'durableLsn' | 'syncedLsn' | 'failure' | 'progress' | 'archiving' | 'stats'> {}
