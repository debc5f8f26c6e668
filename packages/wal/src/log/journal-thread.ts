/** The thread that a log's journal runs on, as far as the log sees it. */
export interface JournalThread {
  /** Keeps the process alive while true. */
  hold(held: boolean): void
  /** Resolves when the journal is closed and its directory free; rejects with what stopped the journal. */
  readonly ended: Promise<void>
}
