import type { DisruptorError, LogId, LogJournal, LogStore, Lsn } from '@disruptorx/contracts'
import { LogObjects } from '../log/log-objects.ts'
import type { JournalProgressHandle } from './progress.ts'
import { ThreadBackend, type ThreadParts } from './thread-backend.ts'

/** Many logs whose changes a thread of its own makes durable: what every such journal is on the thread that uses it. */
export class ThreadedJournal implements LogJournal {
  readonly progress: JournalProgressHandle
  readonly #backend: ThreadBackend
  readonly #logs: LogObjects

  constructor(parts: ThreadParts) {
    this.progress = parts.channel.progress.handle
    this.#backend = new ThreadBackend(parts)
    this.#logs = new LogObjects(this.#backend, parts.opened.logs)
    this.#backend.onEnd = () => this.#logs.ended()
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

  close(): Promise<void> {
    return this.#backend.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
