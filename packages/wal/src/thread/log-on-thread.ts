import type { DisruptorError, Lsn } from '@disruptorx/contracts'
import type { Recovery } from '../journal/journal-step.ts'
import { StoreLog } from '../log/store-log.ts'
import type { JournalChannel } from './channel.ts'
import type { JournalStats, Log } from './journal.ts'
import type { JournalProgressHandle } from './progress.ts'
import { ThreadBackend, type ThreadParts } from './thread-backend.ts'

/** The log of a journal that has only one. */
const ONLY_LOG = 0

/** What {@link Log} is on the thread that uses it. */
export class LogOnThread extends StoreLog implements Log {
  readonly recovery: Recovery
  readonly progress: JournalProgressHandle
  readonly archiving: Log['archiving']
  readonly #thread: ThreadBackend
  readonly #channel: JournalChannel

  constructor(parts: ThreadParts, recovery: Recovery, archiving: Log['archiving']) {
    const backend = new ThreadBackend(parts)
    const image = parts.opened.logs.find(({ summary }) => summary.logId === ONLY_LOG)
    super(backend, ONLY_LOG, image)
    this.recovery = recovery
    this.archiving = archiving
    this.progress = parts.channel.progress.handle
    this.#thread = backend
    this.#channel = parts.channel
    backend.onEnd = () => this.changes.tell()
  }

  get lastLsn(): Lsn {
    return this.#thread.lastLsn
  }

  get durableLsn(): Lsn {
    return this.#thread.durableLsn
  }

  get syncedLsn(): Lsn {
    return this.#channel.syncedLsn
  }

  get failure(): DisruptorError | undefined {
    return this.#thread.refusal
  }

  stats(): JournalStats {
    return this.#channel.stats()
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
