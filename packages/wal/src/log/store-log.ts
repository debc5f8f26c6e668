import type { Appended, Index, LogEntry, LogReadOptions, LogStore, Lsn, SnapshotMark, Term } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { EntryOrderError, EntryTooLargeError, LogDroppedError } from '../errors.ts'
import { checkCut, checkMark, checkReset, checkTrim, checkValue } from '../logs/checks.ts'
import { LogNumbers } from '../logs/log-numbers.ts'
import { emptySummary } from '../logs/log-summary.ts'
import { encodeValue, summaryBytes, valueBytes } from '../logs/summary-bytes.ts'
import { Changes } from './changes.ts'
import { DurableProgress } from './durable-progress.ts'
import type { LogBackend, LogChange, LogImage } from './log-backend.ts'
import { readEntries, readOne } from './reading.ts'

/** A reader of a log that has shown something. */
export interface Showing {
  /** The highest index shown. */
  shown: number
  /** Where the log was cut below that; `undefined` while it was not. */
  rewoundTo: number | undefined
}

/**
 * A log over any {@link LogBackend}: it knows how the log will stand when the backend has done what was asked, and checks each change before the backend
 * gets it.
 */
export class StoreLog implements LogStore {
  readonly id: number
  readonly backend: LogBackend
  /** Told at every change of this log, and when its journal ends. */
  readonly changes = new Changes()
  readonly showing = new Set<Showing>()
  /** How often entries were replaced. */
  rewinds = 0
  private readonly numbers: LogNumbers
  private readonly durableProgress: DurableProgress
  /** Whether anything was ever done to it. */
  private known: boolean
  private dropped = false

  constructor(backend: LogBackend, id: number, image?: LogImage) {
    this.id = id
    this.backend = backend
    this.known = image !== undefined
    this.numbers = new LogNumbers(image?.summary ?? emptySummary(id))
    const terms = image?.terms ?? []
    for (let i = 0; i < terms.length; i += 2) this.numbers.terms.start(terms[i] as number, terms[i + 1] as number)
    this.durableProgress = new DurableProgress(backend, this.numbers.lastIndex)
  }

  /** Whether there is such a log: it is from its first change on, until it is dropped. */
  get exists(): boolean {
    return this.known && !this.dropped
  }

  get firstIndex(): Index {
    return this.numbers.firstIndex
  }

  get lastIndex(): Index {
    return this.numbers.lastIndex
  }

  get lastTerm(): Term {
    return this.numbers.lastTerm
  }

  get durableIndex(): Index {
    return this.durableProgress.durableIndex
  }

  get snapshot(): SnapshotMark | undefined {
    return this.numbers.snapshot
  }

  termAt(index: Index): Term | undefined {
    return this.numbers.knownTermAt(index)
  }

  // Hot: benchmark `wal/log64`. The result is the only allocation.
  append(data: Uint8Array, term: Term = this.numbers.lastTerm || 1): Appended {
    if (this.backend.refusal !== undefined || !this.exists) this.admit()
    const index = this.checkEntry(data, term)
    const lsn = this.backend.append(this.id, index, term, data)
    this.appended(index, term, lsn, 1)
    return { index, lsn }
  }

  appendBatch(batch: readonly Uint8Array[], term: Term = this.numbers.lastTerm || 1): Appended {
    this.admit()
    if (batch.length === 0) throw new OptionError('batch', 'empty', 'at least one entry')
    for (const data of batch) this.checkEntry(data, term)
    const index = this.numbers.lastIndex + 1
    const lsn = this.backend.appendBatch(this.id, index, term, batch)
    this.appended(index, term, lsn - batch.length + 1, batch.length)
    return { index: this.numbers.lastIndex, lsn }
  }

  truncateAfter(index: Index): Lsn {
    this.admit()
    checkCut(this.numbers, index)
    const term = this.numbers.termAt(index)
    const lsn = this.change('truncate-after', index, term)
    this.rewind(index)
    this.numbers.cut(index, term)
    this.durableProgress.cut(index)
    return this.changed(lsn)
  }

  truncateBefore(index: Index): Lsn {
    this.admit()
    checkTrim(this.numbers, index)
    if (index <= this.numbers.firstIndex) return this.backend.lastLsn
    const term = this.numbers.termAt(index - 1)
    const lsn = this.change('truncate-before', index, term)
    this.numbers.trim(index, term)
    return this.changed(lsn)
  }

  reset(index: Index, term: Term): Lsn {
    this.admit()
    checkReset(this.numbers, index, term)
    const lsn = this.change('reset', index, term)
    this.rewind(index)
    this.numbers.reset(index, term)
    this.durableProgress.cut(index)
    this.durableProgress.append(index, lsn, 1)
    return this.changed(lsn)
  }

  markSnapshot(index: Index, term: Term): Lsn {
    this.admit()
    checkMark(this.numbers, index, term)
    const lsn = this.change('snapshot', index, term)
    this.numbers.mark(index, term)
    return this.changed(lsn)
  }

  setValue(name: string, value: Uint8Array): Lsn {
    this.admit()
    checkValue(this.numbers, name, value)
    const moreBytes = valueBytes(name, value) - valueBytes(name, this.numbers.values.get(name))
    const lsn = this.change('value', 0, 0, encodeValue(name, value), moreBytes)
    this.numbers.setValue(name, value.slice())
    return this.changed(lsn, moreBytes)
  }

  value(name: string): Uint8Array | undefined {
    return this.numbers.values.get(name)?.slice()
  }

  /** As {@link LogJournal.dropLog}. */
  drop(): Lsn {
    this.admit()
    const lsn = this.change('drop', 0, 0)
    if (this.known) this.backend.stateRoom.add(-summaryBytes(this.numbers))
    this.dropped = true
    this.changes.tell()
    return lsn
  }

  durable(lsn: Lsn, signal?: AbortSignal): Promise<void> {
    return this.backend.durable(lsn, signal)
  }

  room(signal?: AbortSignal): Promise<void> {
    return this.backend.room(signal)
  }

  entry(index: Index, signal?: AbortSignal): Promise<LogEntry> {
    return readOne(this, index, signal)
  }

  read(from: Index, options: LogReadOptions = {}): AsyncGenerator<readonly LogEntry[], void, undefined> {
    return readEntries(this, from, options)
  }

  /** The LSN that makes an entry durable; 0 when it is. */
  lsnOf(index: number): number {
    return this.durableProgress.lsnOf(index)
  }

  /** @throws {LogDroppedError} {@link ClosedError} {@link JournalStoppedError} */
  check(): void {
    if (this.backend.refusal !== undefined) throw this.backend.refusal
    if (this.dropped) throw new LogDroppedError(this.id)
  }

  /** Whether anything may be done to this log. @throws as {@link check}; {@link TooManyLogsError} it is new, and there is no room for its state */
  private admit(): void {
    this.check()
    if (!this.known) this.backend.stateRoom.check(this.id, summaryBytes(this.numbers))
  }

  private checkEntry(data: Uint8Array, term: number): number {
    const { lastIndex, lastTerm } = this.numbers
    if (!(term >= lastTerm) || !Number.isSafeInteger(term)) throw new EntryOrderError(this.id, lastIndex + 1, term, lastIndex, lastTerm)
    if (!(data instanceof Uint8Array)) throw new OptionError('data', typeof data, 'bytes')
    if (data.length > this.backend.maxRecordBytes) throw new EntryTooLargeError(data.length, this.backend.maxRecordBytes)
    return lastIndex + 1
  }

  private appended(index: number, term: number, lsn: number, count: number): void {
    const { numbers } = this
    if (term !== numbers.lastTerm || numbers.terms.starts.length === 0) numbers.startTerm(index, term)
    numbers.lastIndex = index + count - 1
    this.durableProgress.append(index, lsn, count)
    this.changed(lsn)
  }

  private change(kind: LogChange, index: number, term: number, data?: Uint8Array, moreBytes = 0): number {
    const newBytes = this.known ? 0 : summaryBytes(this.numbers)
    this.backend.stateRoom.check(this.id, newBytes + moreBytes)
    return this.backend.change(kind, this.id, index, term, data)
  }

  /** A change was taken that takes so many bytes of state. The log is one of the store's from its first change on. */
  private changed(lsn: number, moreBytes = 0): number {
    if (!this.known) this.begin()
    if (moreBytes !== 0) this.backend.stateRoom.add(moreBytes)
    this.changes.tell()
    return lsn
  }

  private begin(): void {
    this.known = true
    this.backend.stateRoom.add(summaryBytes({ values: new Map() }))
  }

  private rewind(index: number): void {
    if (index >= this.numbers.lastIndex) return
    this.rewinds++
    for (const reader of this.showing) if (reader.shown > index) reader.rewoundTo = Math.min(index, reader.rewoundTo ?? index)
  }
}
