import type { DisruptorError, LogEntry } from '@disruptorx/contracts'
import type { LogSummary } from '../logs/log-summary.ts'
import type { StateRoom } from '../logs/state-room.ts'

/** What is done to a log, besides appending. */
export type LogChange = 'truncate-after' | 'truncate-before' | 'reset' | 'snapshot' | 'value' | 'drop'

/** How a log stands, as a store finds it when it opens. */
export interface LogImage {
  readonly summary: LogSummary
  /** Where each term of its entries starts: first index and term in turns, ascending. */
  readonly terms: readonly number[]
}

/**
 * Where the changes of logs go: takes them in order and makes them durable in order.
 *
 * What it is given was checked, and it takes it or throws: it is behind (`DX_LOG_FULL`), was closed or stopped. It never refuses later what it took.
 */
export interface LogBackend {
  /** The longest entry that it takes, in bytes. */
  readonly maxRecordBytes: number
  /** What all logs and their values may take. */
  readonly stateRoom: StateRoom
  /** The LSN of the newest change that it took. */
  readonly lastLsn: number
  /** Everything up to this LSN is durable. */
  readonly durableLsn: number
  /** Why it takes nothing any more, and why reads and waits end. */
  readonly refusal: DisruptorError | undefined
  /** Takes one entry; returns its LSN. */
  append(logId: number, index: number, term: number, data: Uint8Array): number
  /** Takes all entries or none, the first one at `index`; returns the LSN of the last one. Their LSNs follow one another. */
  appendBatch(logId: number, index: number, term: number, batch: readonly Uint8Array[]): number
  /** Takes one change; returns its LSN. `data` of a value is as `encodeValue` makes it. */
  change(kind: LogChange, logId: number, index: number, term: number, data?: Uint8Array): number
  /** Resolves when everything up to an LSN is durable. */
  durable(lsn: number, signal?: AbortSignal): Promise<void>
  /** Resolves when there is room for more. */
  room(signal?: AbortSignal): Promise<void>
  /** Reads durable entries, at least one and not beyond `to`; stops at `maxEntries`, or once there are `maxBytes`. */
  read(logId: number, from: number, to: number, maxEntries: number, maxBytes: number): Promise<LogEntry[]>
}
