import type { DisruptorError, LogEntry, SnapshotMark } from '@disruptorx/contracts'
import type { TermRun } from './term-runs.ts'

/** What is done to a log. */
export type LogChange = 'truncate-after' | 'truncate-before' | 'reset' | 'snapshot' | 'value' | 'drop'

/** How a log stands, as a store finds it when it opens. */
export interface LogImage {
  readonly id: number
  readonly firstIndex: number
  readonly lastIndex: number
  /** Reaching back to `firstIndex - 1`. */
  readonly terms: readonly TermRun[]
  readonly snapshot: SnapshotMark | undefined
  readonly values: ReadonlyMap<string, Uint8Array>
}

/**
 * Where the changes of logs go: takes them in order and makes them durable in order.
 *
 * What it is given was checked, and it takes it or throws: it is behind (`DX_LOG_FULL`), was closed or stopped.
 */
export interface LogBackend {
  /** The longest entry that it takes, in bytes. */
  readonly maxRecordBytes: number
  /** Everything up to this LSN is durable. */
  readonly durableLsn: number
  /** Why it takes nothing any more, and why reads and waits end. */
  readonly refusal: DisruptorError | undefined
  /** Takes one entry; returns its LSN. */
  append(logId: number, index: number, term: number, data: Uint8Array): number
  /** Takes all entries or none, the first one at `index`; returns the LSN of the last one. */
  appendBatch(logId: number, index: number, term: number, batch: readonly Uint8Array[]): number
  /** Takes one change; returns its LSN. */
  change(kind: LogChange, logId: number, index: number, term: number, name?: string, value?: Uint8Array): number
  /** Resolves when everything up to an LSN is durable. */
  durable(lsn: number, signal?: AbortSignal): Promise<void>
  /** Reads durable entries, at least one and not beyond `to`; stops at `maxEntries`, or once there are `maxBytes`. */
  read(logId: number, from: number, to: number, maxEntries: number, maxBytes: number): Promise<LogEntry[]>
}
