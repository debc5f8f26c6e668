import { LogState } from './log-state.ts'
import { emptySummary, type LogSummary } from './log-summary.ts'
import type { BatchPosition } from './runs.ts'
import { StateRoom } from './state-room.ts'
import { summaryBytes } from './summary-bytes.ts'

/** The logical logs of a journal. */
export class LogTable {
  readonly #logs = new Map<number, LogState>()
  /** What the state of all logs may take in the header of a segment. */
  readonly stateRoom: StateRoom
  #newest: LogState | undefined
  #dirty: LogState[] = []
  /** What was handed to the disk and is not durable yet. */
  readonly #written = new Set<LogState>()

  constructor(summaries: readonly LogSummary[], mostStateBytes: number) {
    this.stateRoom = new StateRoom(mostStateBytes)
    for (const summary of summaries) {
      this.#logs.set(summary.logId, new LogState(summary, true))
      this.stateRoom.add(summaryBytes(summary))
    }
  }

  /** The logs that exist, in the order of their making. */
  get all(): IterableIterator<LogState> {
    return this.#logs.values()
  }

  get size(): number {
    return this.#logs.size
  }

  // Hot: most calls ask for the log of the call before.
  /** The log, if a record ever named it. */
  find(logId: number): LogState | undefined {
    const newest = this.#newest
    if (newest !== undefined && newest.logId === logId && !newest.dropped) return newest
    const log = this.#logs.get(logId)
    if (log !== undefined) this.#newest = log
    return log
  }

  /** A log that no record has named yet. It is one of the table from its first {@link touch} on. */
  fresh(logId: number): LogState {
    const log = new LogState(emptySummary(logId), false)
    log.keep = 0
    return log
  }

  /** Takes note that a record of a log is about to gather, which takes `moreBytes` in the state. @throws {TooManyLogsError} */
  touch(log: LogState, moreBytes = 0): void {
    const isNew = this.#logs.get(log.logId) !== log
    if (isNew || moreBytes !== 0) this.stateRoom.check(log.logId, moreBytes + (isNew ? summaryBytes(log) : 0))
    this.#note(log, isNew, moreBytes)
  }

  /** As {@link touch}, for a record that was taken in an earlier run: there may have been more room then, and what is there stays. */
  touchAgain(log: LogState, moreBytes = 0): void {
    this.#note(log, this.#logs.get(log.logId) !== log, moreBytes)
  }

  /** The log is gone. {@link touch} it first. */
  drop(log: LogState): void {
    log.dropped = true
    this.stateRoom.add(-summaryBytes(log))
    this.#logs.delete(log.logId)
  }

  /** How many changes of places the records that gather hold, at most. */
  get pendingChanges(): number {
    return this.#dirty.reduce((sum, log) => sum + log.pendingChanges, 0)
  }

  /** What gathered has a place now. Once per batch. Returns whether segments may have become free. */
  place(at: BatchPosition): boolean {
    let shrunk = false
    for (const log of this.#dirty) {
      if (log.place(at)) shrunk = true
      this.#written.add(log)
    }
    this.#dirty.length = 0
    return shrunk
  }

  /** A new segment takes the batches from here on. */
  startSegment(): void {
    for (const log of this.placed()) log.keep = Number.MAX_SAFE_INTEGER
  }

  /** What has a place is durable. Once per batch. Returns whether segments may have become free. */
  markDurable(): boolean {
    let shrunk = false
    for (const log of this.#written) {
      log.durableIndex = log.writtenIndex
      if (log.settleCopies()) shrunk = true
    }
    this.#written.clear()
    return shrunk
  }

  /** How the logs stood before what is being gathered: what the header of a new segment says. */
  summaries(): LogSummary[] {
    const found: LogSummary[] = []
    for (const log of this.#logs.values()) if (log.placed !== undefined) found.push(log.placed)
    for (const log of this.#dirty) if (log.dropped && log.placed !== undefined) found.push(log.placed)
    return found
  }

  /** The logs whose entries have places: dropped ones too, until that is placed. */
  *placed(): Generator<LogState, void, undefined> {
    for (const log of this.#logs.values()) if (log.placed !== undefined) yield log
    for (const log of this.#dirty) if (log.dropped && log.placed !== undefined) yield log
  }

  #note(log: LogState, isNew: boolean, moreBytes: number): void {
    if (isNew || moreBytes !== 0) this.stateRoom.add(moreBytes + (isNew ? summaryBytes(log) : 0))
    if (isNew) this.#logs.set(log.logId, log)
    if (log.dirty) return
    log.dirty = true
    this.#dirty.push(log)
  }
}
