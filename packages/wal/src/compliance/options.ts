import type { LogId, LogJournal } from '@disruptorx/contracts'

/** A place where one journal can be, such as a directory: each case gets one of its own, in which nothing is yet. */
export interface LogPlace {
  /** Opens the journal of this place. What was durable there, is there. */
  open(): LogJournal | Promise<LogJournal>
  /**
   * Ends a journal as `kill -9` would: what was not durable may be lost, and the place can be opened again.
   *
   * @default none: the cases that need it are left out
   */
  crash?(journal: LogJournal): void | Promise<void>
  /** Frees what the place holds. Journals in it are closed by then, where a case came that far. */
  remove?(): void | Promise<void>
}

/** What the suite checks, and what it has to know about it. */
export interface LogComplianceOptions {
  /** Makes a new place. */
  readonly make: () => LogPlace | Promise<LogPlace>
  /** The longest entry that these journals take, in bytes. @default 256 KiB */
  readonly maxRecordBytes?: number
  /** The one log that these journals have, where they cannot have more: the cases about many logs are left out. @default they have as many as are asked for */
  readonly onlyLog?: LogId
}

/** One thing that a store has to do. */
export interface LogComplianceCase {
  /** A sentence on what the store does. */
  readonly name: string
  /** Rejects with a {@link LogComplianceError} where the store does not, and with what the store throws. A wait that the store never ends never ends here. */
  run(): Promise<void>
}
