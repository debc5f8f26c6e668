import type { DisruptorError, LogId, LogStore, Lsn } from '@disruptorx/contracts'
import { ClosedError } from '@disruptorx/contracts'
import { LogObjects } from '../memory/log-objects.ts'
import type { SqliteChannel } from './channel.ts'
import type { SqliteJournal } from './journal-face.ts'
import type { ResolvedSqliteOptions } from './options.ts'
import { type DatabaseThread, SqliteBackend } from './sqlite-backend.ts'
import type { SqliteThreadMessage } from './thread-messages.ts'

/** What {@link SqliteJournal} is on the thread that uses it. */
export class OpenSqliteJournal implements SqliteJournal {
  readonly #backend: SqliteBackend
  readonly #logs: LogObjects
  readonly #channel: SqliteChannel
  readonly #thread: DatabaseThread
  #closing: Promise<void> | undefined

  /** Made by `openSqliteJournal`. */
  constructor(
    options: ResolvedSqliteOptions,
    channel: SqliteChannel,
    thread: DatabaseThread,
    opened: Extract<SqliteThreadMessage, { kind: 'opened' }>,
  ) {
    this.#backend = new SqliteBackend(options, channel, thread, opened.lastLsn)
    this.#logs = new LogObjects(this.#backend, opened.logs)
    this.#channel = channel
    this.#thread = thread
    thread.ended.catch((error: DisruptorError) => this.#end(error))
  }

  get lastLsn(): Lsn {
    return this.#backend.lastLsn
  }

  get durableLsn(): Lsn {
    return this.#backend.durableLsn
  }

  get logIds(): readonly LogId[] {
    return this.#logs.ids
  }

  get failure(): DisruptorError | undefined {
    return this.#backend.refusal
  }

  log(id: LogId): LogStore {
    return this.#logs.get(id)
  }

  dropLog(id: LogId): Lsn {
    return this.#logs.drop(id)
  }

  durable(lsn: Lsn, signal?: AbortSignal): Promise<void> {
    return this.#backend.durable(lsn, signal)
  }

  room(signal?: AbortSignal): Promise<void> {
    return this.#backend.room(signal)
  }

  /** Makes everything durable, and gives the database back. @throws what stopped it */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const closed = new ClosedError('the journal')
    this.#backend.refuse(closed)
    this.#logs.ended()
    this.#thread.hold(true)
    this.#channel.stop.raise()
    try {
      await this.#thread.ended
    } finally {
      this.#end(closed)
    }
  }

  #end(error: DisruptorError): void {
    this.#backend.ended(error)
    this.#logs.ended()
  }
}
