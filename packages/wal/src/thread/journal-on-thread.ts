import type { Lsn } from '@disruptorx/contracts'
import type { Recovery } from '../journal/journal-step.ts'
import type { JournalChannel } from './channel.ts'
import type { Journal, JournalStats } from './journal.ts'
import type { ThreadParts } from './thread-backend.ts'
import { ThreadedJournal } from './threaded-journal.ts'

/** What {@link Journal} is on the thread that uses it. */
export class JournalOnThread extends ThreadedJournal implements Journal {
  readonly recovery: Recovery
  readonly archiving: Journal['archiving']
  readonly #channel: JournalChannel

  constructor(parts: ThreadParts, recovery: Recovery, archiving: Journal['archiving']) {
    super(parts)
    this.recovery = recovery
    this.archiving = archiving
    this.#channel = parts.channel
  }

  get syncedLsn(): Lsn {
    return this.#channel.syncedLsn
  }

  stats(): JournalStats {
    return this.#channel.stats()
  }
}
