import { EntryOrderError, TooManyLogsError } from '../errors.ts'
import { MOST_LOGS } from '../format/descriptor.ts'
import type { LogStart } from '../format/segment-header.ts'

/** How one logical log stands. */
export interface LogPosition {
  readonly logId: number
  /** The lowest index that can still be read; one more than `lastIndex` when the log is empty. */
  readonly firstIndex: number
  /** The highest index appended; 0 when nothing ever was. */
  readonly lastIndex: number
  /** Term of the entry at `lastIndex`; 0 when nothing ever was. */
  readonly lastTerm: number
  /** The highest index that is durable. */
  readonly durableIndex: number
}

/** A logical log of an open journal. */
export class LogState implements LogPosition {
  readonly logId: number
  firstIndex: number
  lastIndex: number
  lastTerm: number
  durableIndex: number
  /** How the log stood after the batch that was handed to the disk last. */
  written: LogStart
  /** Everything up to here may be removed. */
  releasedIndex = 0

  constructor(start: LogStart) {
    this.logId = start.logId
    this.firstIndex = start.firstIndex
    this.lastIndex = start.lastIndex
    this.lastTerm = start.lastTerm
    this.durableIndex = start.lastIndex
    this.written = start
  }
}

/** The logical logs of a journal. */
export class LogTable {
  readonly #logs: LogState[] = []
  #newest: LogState | undefined

  constructor(starts: readonly LogStart[] = []) {
    for (const start of starts) this.#logs.push(new LogState(start))
  }

  get all(): readonly LogState[] {
    return this.#logs
  }

  // Hot: most calls ask for the log of the call before.
  /** The log, if an entry or a reset ever named it. */
  find(logId: number): LogState | undefined {
    if (this.#newest !== undefined && this.#newest.logId === logId) return this.#newest
    const log = this.#logs.find(log => log.logId === logId)
    if (log !== undefined) this.#newest = log
    return log
  }

  /** The log, made when it is new. @throws {TooManyLogsError} */
  get(logId: number): LogState {
    return this.find(logId) ?? this.#add(logId)
  }

  /** Checks that an entry follows, without changing anything. @throws {EntryOrderError} */
  checkOrder(log: LogState, index: number, term: number): void {
    if (index !== log.lastIndex + 1 || !(term >= log.lastTerm) || !Number.isSafeInteger(term))
      throw new EntryOrderError(log.logId, index, term, log.lastIndex, log.lastTerm)
  }

  /** The log now starts behind `index`. @throws {EntryOrderError} `index` lies behind the end of the log */
  reset(logId: number, index: number, term: number): LogState {
    const log = this.get(logId)
    if (!(index >= log.lastIndex) || !Number.isSafeInteger(index) || !(term >= log.lastTerm) || !Number.isSafeInteger(term))
      throw new EntryOrderError(logId, index, term, log.lastIndex, log.lastTerm)
    log.firstIndex = index + 1
    log.lastIndex = index
    log.lastTerm = term
    return log
  }

  /** What was being gathered is now being written. Once per batch. */
  markWriting(): void {
    for (const log of this.#logs) {
      if (log.written.lastIndex !== log.lastIndex || log.written.firstIndex !== log.firstIndex)
        log.written = { logId: log.logId, firstIndex: log.firstIndex, lastIndex: log.lastIndex, lastTerm: log.lastTerm }
    }
  }

  /** What was being written is durable. Once per batch. */
  markDurable(): void {
    for (const log of this.#logs) log.durableIndex = log.written.lastIndex
  }

  /** How the logs stood before what is being gathered now: what the header of a new segment says. */
  starts(): LogStart[] {
    return this.#logs.map(log => log.written)
  }

  #add(logId: number): LogState {
    if (this.#logs.length === MOST_LOGS) throw new TooManyLogsError(logId, MOST_LOGS)
    const log = new LogState({ logId, firstIndex: 1, lastIndex: 0, lastTerm: 0 })
    this.#logs.push(log)
    return log
  }
}
