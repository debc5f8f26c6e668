import { sqliteErrors } from '../sqlite/errors.ts'
import { resolveSqliteOptions, type SqliteJournalOptions } from '../sqlite/options.ts'
import type { SqliteJournal } from '../sqlite/sqlite-journal.ts'
import { JournalChannel } from '../thread/channel.ts'
import { ThreadedJournal } from '../thread/threaded-journal.ts'
import { startJournalThread } from './start-journal-thread.ts'

/**
 * Opens logs in a SQLite database of its own, which a thread of its own writes.
 *
 * @param dir made if missing; the database is its file `logs.sqlite`
 * @example
 * await using journal = await openSqliteJournal('./orders')
 * const { lsn } = journal.log(1).append(new TextEncoder().encode('buy 100 at 42'))
 * await journal.durable(lsn)
 *
 * @throws {SqliteMissingError} better-sqlite3 is not installed
 * @throws {DatabaseInUseError} {@link DatabaseCorruptError} {@link DatabaseFullError} {@link ForeignDatabaseError} {@link DatabaseFailedError}
 * @throws {DirectoryReadOnlyError} {@link FormatTooNewError} {@link OptionError}, or the file system's error
 */
export async function openSqliteJournal(dir: string, given: SqliteJournalOptions = {}): Promise<SqliteJournal> {
  const options = resolveSqliteOptions(dir, given)
  const channel = JournalChannel.create(options.bufferBytes)
  const url = given.workerUrl ?? new URL('./sqlite-worker.js', import.meta.url)
  const started = await startJournalThread({ url, name: 'disruptorx-sqlite', channel, options, errors: sqliteErrors })
  return new ThreadedJournal({ channel, ...started, maxRecordBytes: options.maxRecordBytes })
}
