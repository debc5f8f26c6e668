import type { SnapshotMark } from '@disruptorx/contracts'
import { type LogSummary, type LogValues, noValues } from './log-summary.ts'
import { TermList } from './term-list.ts'

/** What a log amounts to, but for its entries. Changed by what its records say; what is asked for was checked before. */
export class LogNumbers implements LogSummary {
  readonly logId: number
  firstIndex: number
  baseTerm: number
  lastIndex: number
  lastTerm: number
  snapshotIndex: number
  snapshotTerm: number
  values: LogValues
  readonly terms = new TermList()

  constructor(summary: LogSummary) {
    this.logId = summary.logId
    this.firstIndex = summary.firstIndex
    this.baseTerm = summary.baseTerm
    this.lastIndex = summary.lastIndex
    this.lastTerm = summary.lastTerm
    this.snapshotIndex = summary.snapshotIndex
    this.snapshotTerm = summary.snapshotTerm
    this.values = summary.values
  }

  /** A copy that stays as it is. */
  summary(): LogSummary {
    const { logId, firstIndex, baseTerm, lastIndex, lastTerm, snapshotIndex, snapshotTerm, values } = this
    return { logId, firstIndex, baseTerm, lastIndex, lastTerm, snapshotIndex, snapshotTerm, values }
  }

  /** The term at an index from `firstIndex - 1` to `lastIndex`. */
  termAt(index: number): number {
    return index < this.firstIndex ? this.baseTerm : this.terms.at(index)
  }

  /** The term at any index; `undefined` where that is not known. */
  knownTermAt(index: number): number | undefined {
    return index >= Math.max(1, this.firstIndex - 1) && index <= this.lastIndex ? this.termAt(index) : undefined
  }

  /** The newest snapshot mark. */
  get snapshot(): SnapshotMark | undefined {
    return this.snapshotIndex === 0 ? undefined : { index: this.snapshotIndex, term: this.snapshotTerm }
  }

  /** Entries from `index` on are of `term`. */
  startTerm(index: number, term: number): void {
    this.terms.start(index, term)
    this.lastTerm = term
  }

  /** The entries after `index`, which is of `term`, are gone. */
  cut(index: number, term: number): void {
    this.terms.cut(index)
    this.lastIndex = index
    this.lastTerm = term
    if (this.snapshotIndex > index) this.snapshotIndex = this.snapshotTerm = 0
  }

  /** The entries before `index` are gone; `baseTerm` is the term of the last of them. */
  trim(index: number, baseTerm: number): void {
    this.firstIndex = index
    this.baseTerm = baseTerm
    this.terms.trim(index)
  }

  /** The log is empty, and ends at `index`, of `term`. */
  reset(index: number, term: number): void {
    this.terms.clear()
    this.firstIndex = index + 1
    this.baseTerm = this.lastTerm = term
    this.lastIndex = index
    if (this.snapshotIndex > index) this.snapshotIndex = this.snapshotTerm = 0
  }

  /** A snapshot covers everything up to `index`, of `term`. */
  mark(index: number, term: number): void {
    this.snapshotIndex = index
    this.snapshotTerm = term
  }

  /** Sets a value; an empty one removes it. */
  setValue(name: string, value: Uint8Array): void {
    const values = new Map(this.values)
    if (value.length === 0) values.delete(name)
    else values.set(name, value)
    this.values = values.size === 0 ? noValues : values
  }
}
