/**
 * Logs in a SQLite database, for small installs: the same contract as the journal's, on one file that any SQLite tool can read. Needs the package
 * better-sqlite3.
 *
 * @example
 * import { openSqliteJournal } from '@disruptorx/wal/sqlite'
 *
 * await using journal = await openSqliteJournal('./orders')
 * const { lsn } = journal.log(1).append(new TextEncoder().encode('buy 100 at 42'))
 * await journal.durable(lsn)
 * @packageDocumentation
 */
export { openSqliteJournal } from './platform/open-sqlite-journal.ts'
export {
  DatabaseCorruptError,
  DatabaseFailedError,
  DatabaseFullError,
  DatabaseInUseError,
  ForeignDatabaseError,
  SqliteMissingError,
  sqliteErrors,
} from './sqlite/errors.ts'
export type { SqliteJournalOptions } from './sqlite/options.ts'
export type { SqliteJournal } from './sqlite/sqlite-journal.ts'
export type { JournalProgressHandle } from './thread/progress.ts'
