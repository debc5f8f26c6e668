import type { Appended, Index, LogEntry, LogReadOptions, LogStore, Lsn, SnapshotMark, Term } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { EntryOrderError, EntryTooLargeError, IndexPastEndError, IndexTruncatedError, LogDroppedError } from '../errors.ts'
import { Changes } from './changes.ts'
import { DurableProgress } from './durable-progress.ts'
import type { LogBackend, LogChange, LogImage } from './log-backend.ts'
import { LogValues } from './log-values.ts'
import { readEntries, readOne } from './reading.ts'
import { TermRuns } from './term-runs.ts'

/** A reader of a log that has shown something. */
export interface Showing {
  /** The highest index shown. */
  shown: number
  /** Where the log was cut below that; `undefined` while it was not. */
  rewoundTo: number | undefined
}

/**
 * A log over any {@link LogBackend}: it knows how the log stands after every change, durable or not, and checks each change before the backend gets it.
 */
export class StoreLog implements LogStore {
  readonly id: number
  readonly backend: LogBackend
  /** Told at every change of this log, and when its journal ends. */
  readonly changes = new Changes()
  readonly showing = new Set<Showing>()
  /** How often entries were replaced. */
  rewinds = 0
  #exists: boolean
  #dropped = false
  #firstIndex: number
  #lastIndex: number
  #snapshot: SnapshotMark | undefined
  readonly #terms: TermRuns
  readonly #values: LogValues
  readonly #durable: DurableProgress

  constructor(backend: LogBackend, id: number, image?: LogImage) {
    this.id = id
    this.backend = backend
    this.#exists = image !== undefined
    this.#firstIndex = image?.firstIndex ?? 1
    this.#lastIndex = image?.lastIndex ?? 0
    this.#snapshot = image?.snapshot
    this.#terms = new TermRuns(image?.terms)
    this.#values = new LogValues(image?.values)
    this.#durable = new DurableProgress(this.#lastIndex)
  }

  /** Whether anything was ever done to it. */
  get exists(): boolean {
    return this.#exists && !this.#dropped
  }

  get firstIndex(): Index {
    return this.#firstIndex
  }

  get lastIndex(): Index {
    return this.#lastIndex
  }

  get lastTerm(): Term {
    return this.#terms.last
  }

  get durableIndex(): Index {
    return this.#durable.upTo(this.backend.durableLsn)
  }

  get snapshot(): SnapshotMark | undefined {
    return this.#snapshot
  }

  termAt(index: Index): Term | undefined {
    if (!(index > 0 && index >= this.#firstIndex - 1 && index <= this.#lastIndex)) return undefined
    return this.#terms.at(index)
  }

  append(data: Uint8Array, term: Term): Appended {
    const index = this.#checkAppend(term)
    this.#checkLength(data)
    const lsn = this.backend.append(this.id, index, term, data)
    this.#appended(index, term, lsn, 1)
    return { index, lsn }
  }

  appendBatch(batch: readonly Uint8Array[], term: Term): Appended {
    const index = this.#checkAppend(term)
    if (batch.length === 0) throw new OptionError('batch', 'empty', 'at least one entry')
    for (const data of batch) this.#checkLength(data)
    const lsn = this.backend.appendBatch(this.id, index, term, batch)
    this.#appended(index, term, lsn - batch.length + 1, batch.length)
    return { index: this.#lastIndex, lsn }
  }

  truncateAfter(index: Index): Lsn {
    this.#checkRange(index, this.#firstIndex - 1, this.#lastIndex)
    const lsn = this.#change('truncate-after', index, 0)
    this.#rewind(index)
    this.#terms.cutAfter(index)
    this.#durable.cut(index)
    this.#lastIndex = index
    return this.#changed(lsn)
  }

  truncateBefore(index: Index): Lsn {
    this.#checkRange(index, 0, this.#lastIndex + 1)
    const first = Math.max(index, this.#firstIndex)
    const lsn = this.#change('truncate-before', first, 0)
    this.#terms.cutBefore(first)
    this.#firstIndex = first
    return this.#changed(lsn)
  }

  reset(index: Index, term: Term): Lsn {
    this.#checkRange(index, this.#firstIndex - 1, Number.MAX_SAFE_INTEGER)
    const goesBack = index >= this.#lastIndex && term < this.lastTerm
    if (!Number.isSafeInteger(term) || term < 0 || goesBack) throw new EntryOrderError(this.id, index, term, this.#lastIndex, this.lastTerm)
    const lsn = this.#change('reset', index, term)
    this.#rewind(index)
    this.#terms.reset(index, term)
    this.#durable.cut(index)
    this.#durable.append(index, lsn)
    this.#firstIndex = index + 1
    this.#lastIndex = index
    return this.#changed(lsn)
  }

  markSnapshot(index: Index, term: Term): Lsn {
    this.#checkRange(index, 0, this.#lastIndex)
    wholeNumber('index', index, this.#snapshot?.index ?? 0, this.#lastIndex)
    const known = this.termAt(index)
    if (known !== undefined && known !== term) throw new OptionError('term', term, `the term of entry ${index}, ${known}`)
    const lsn = this.#change('snapshot', index, wholeNumber('term', term, 0, Number.MAX_SAFE_INTEGER))
    this.#snapshot = { index, term }
    return this.#changed(lsn)
  }

  setValue(name: string, value: Uint8Array): Lsn {
    this.check()
    this.#values.check(name, value)
    const lsn = this.#change('value', 0, 0, name, value)
    this.#values.set(name, value)
    return this.#changed(lsn)
  }

  value(name: string): Uint8Array | undefined {
    return this.#values.get(name)
  }

  /** As {@link LogJournal.dropLog}. */
  drop(): Lsn {
    const lsn = this.#change('drop', 0, 0)
    this.#dropped = true
    this.changes.tell()
    return lsn
  }

  durable(lsn: Lsn, signal?: AbortSignal): Promise<void> {
    return this.backend.durable(lsn, signal)
  }

  entry(index: Index, signal?: AbortSignal): Promise<LogEntry> {
    return readOne(this, index, signal)
  }

  read(from: Index, options: LogReadOptions = {}): AsyncGenerator<readonly LogEntry[], void, undefined> {
    return readEntries(this, from, options)
  }

  /** The LSN that makes an entry durable; 0 when it is. */
  lsnOf(index: number): number {
    return this.#durable.lsnOf(index)
  }

  /** @throws {LogDroppedError} {@link ClosedError} {@link JournalStoppedError} */
  check(): void {
    if (this.backend.refusal !== undefined) throw this.backend.refusal
    if (this.#dropped) throw new LogDroppedError(this.id)
  }

  #checkAppend(term: number): number {
    this.check()
    if (!Number.isSafeInteger(term) || term < this.lastTerm)
      throw new EntryOrderError(this.id, this.#lastIndex + 1, term, this.#lastIndex, this.lastTerm)
    return this.#lastIndex + 1
  }

  #checkLength(data: Uint8Array): void {
    if (data.length > this.backend.maxRecordBytes) throw new EntryTooLargeError(data.length, this.backend.maxRecordBytes)
  }

  #checkRange(index: number, least: number, most: number): void {
    this.check()
    wholeNumber('index', index, 0, Number.MAX_SAFE_INTEGER)
    if (index < least) throw new IndexTruncatedError(this.id, index, this.#firstIndex)
    if (index > most) throw new IndexPastEndError(this.id, index, this.#lastIndex)
  }

  #appended(index: number, term: number, lsn: number, count: number): void {
    this.#terms.append(index, term)
    this.#durable.append(index, lsn, count)
    this.#lastIndex = index + count - 1
    this.#changed(lsn)
  }

  #change(kind: LogChange, index: number, term: number, name?: string, value?: Uint8Array): number {
    this.check()
    return this.backend.change(kind, this.id, index, term, name, value)
  }

  #changed(lsn: number): number {
    this.#exists = true
    this.changes.tell()
    return lsn
  }

  #rewind(index: number): void {
    if (index >= this.#lastIndex) return
    if (this.#snapshot !== undefined && this.#snapshot.index > index) this.#snapshot = undefined
    this.rewinds++
    for (const reader of this.showing) if (reader.shown > index) reader.rewoundTo = Math.min(index, reader.rewoundTo ?? index)
  }
}
