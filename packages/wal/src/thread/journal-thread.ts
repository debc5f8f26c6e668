import type { DisruptorError } from '@disruptorx/contracts'
import type { PackedEntries } from './thread-messages.ts'

/** The thread that a journal runs on, as far as its user's side sees it. */
export interface JournalThread {
  /** Keeps the process alive while true. */
  hold(held: boolean): void
  /** Called with what was read, or with why it was not. */
  onRead: (request: number, answer: PackedEntries | DisruptorError) => void
  /** Resolves when the journal is closed and its directory free; rejects with what stopped it. */
  readonly ended: Promise<void>
}
