import { Worker } from 'node:worker_threads'
import { ClosedError, DisruptorError } from '@disruptorx/contracts'
import { errorFromData } from '@disruptorx/contracts/internal'
import { JournalStoppedError } from '../errors.ts'
import { SqliteChannel } from '../sqlite/channel.ts'
import { sqliteErrors } from '../sqlite/errors.ts'
import type { SqliteJournal } from '../sqlite/journal-face.ts'
import { resolveSqliteOptions, type SqliteJournalOptions } from '../sqlite/options.ts'
import type { DatabaseThread } from '../sqlite/sqlite-backend.ts'
import { OpenSqliteJournal } from '../sqlite/sqlite-journal.ts'
import type { SqliteThreadData, SqliteThreadMessage } from '../sqlite/thread-messages.ts'

type Opened = Extract<SqliteThreadMessage, { kind: 'opened' }>

/**
 * Opens logs in a SQLite database of its own, which a thread of its own writes.
 *
 * @example
 * await using journal = await openSqliteJournal({ dir: './orders' })
 * const { lsn } = journal.log(1).append(record, 1)
 * await journal.durable(lsn)
 *
 * @throws {SqliteMissingError} better-sqlite3 is not installed
 * @throws {DatabaseInUseError} {@link DatabaseCorruptError} {@link DatabaseFullError} {@link ForeignDatabaseError} {@link DatabaseFailedError}
 * @throws {FormatTooNewError} {@link OptionError}, or the file system's error
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<SqliteJournal> {
  const resolved = resolveSqliteOptions(options)
  const channel = SqliteChannel.create(resolved.bufferBytes)
  const workerData: SqliteThreadData = { channel: channel.handle, options: resolved }
  const worker = new Worker(options.workerUrl ?? new URL('./sqlite-worker.js', import.meta.url), { workerData, name: 'disruptorx-sqlite' })
  const opened = Promise.withResolvers<Opened>()
  const ended = Promise.withResolvers<void>()
  // Whoever waits gets it; that nobody waits is no fault of the process.
  ended.promise.catch(() => {})
  const fail = (error: DisruptorError) => {
    opened.reject(error)
    ended.reject(error)
  }
  const thread: DatabaseThread = {
    ended: ended.promise,
    hold: held => (held ? worker.ref() : worker.unref()),
    onRead: () => {},
  }
  let closed = false
  worker.on('message', (message: SqliteThreadMessage) => {
    if (message.kind === 'entries') thread.onRead(message.request, message.entries)
    else if (message.kind === 'unread') thread.onRead(message.request, errorFromData(message.error, sqliteErrors))
    else if (message.kind === 'opened') opened.resolve(message)
    else if (message.kind === 'closed') closed = true
    else if (message.kind === 'failed') fail(errorFromData(message.error, sqliteErrors))
    else fail(new JournalStoppedError(message.operation, channel.durableLsn.get(), errorFromData(message.error, sqliteErrors)))
  })
  worker.on('error', error =>
    fail(new DisruptorError('DX_THREAD_DIED', `the journal's thread died: ${error.message}`, {}, { cause: error })),
  )
  worker.on('exit', () => (closed ? ended.resolve() : fail(new ClosedError("the journal's thread"))))
  const log = await opened.promise
  thread.hold(false)
  return new OpenSqliteJournal(resolved, channel, thread, log)
}
