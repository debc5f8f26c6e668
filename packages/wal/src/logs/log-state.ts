import { LogNumbers } from './log-numbers.ts'
import type { LogSummary } from './log-summary.ts'
import { type BatchPosition, RunList } from './runs.ts'

/** A change of where entries lie, which counts from the moment that its batch has a place. */
type Change =
  | { readonly kind: 'run' | 'copy'; readonly first: number; last: number; readonly term: number; readonly lsn: number; bytes: number }
  | { readonly kind: 'cut' | 'trim' | 'reset'; readonly index: number }

/** Entries that were written again, and where. */
interface Copied {
  first: number
  last: number
  readonly term: number
  readonly lsn: number
  readonly bytes: number
  readonly at: BatchPosition
  /** Whether what comes next may lengthen the run: not when a conflict has cut it. */
  open: boolean
}

/** Told when entries that a reader may have shown are replaced. */
export interface CutListener {
  onCut(index: number): void
}

/**
 * A logical log of an open journal.
 *
 * The numbers are as the newest record says. Where entries lie, and what a new segment's header says, is as the newest *placed* batch says: the
 * records that gather have no place yet, and may never get one.
 */
export class LogState extends LogNumbers {
  durableIndex: number
  /** The last index in what was handed to the disk. */
  writtenIndex: number
  /** Nothing more may be done to it. */
  dropped = false
  /** Whether a record of it is among those that gather. */
  dirty = false
  /** How it stood before the records that gather; `undefined` when it was not there. */
  placed: LogSummary | undefined
  /** The lowest index that the segment being written has cut earlier segments' entries to. */
  keep = Number.MAX_SAFE_INTEGER
  readonly runs = new RunList()
  readonly listeners = new Set<CutListener>()
  #changes: Change[] = []
  /** Copies that have a place and are not durable yet. */
  #copies: Copied[] = []
  /** First index and LSN of the entries that gather and are not among the changes yet; index 0 when there are none. */
  #openFirst = 0
  #openLsn = 0
  #openBytes = 0

  constructor(summary: LogSummary, exists: boolean) {
    super(summary)
    this.durableIndex = this.writtenIndex = summary.lastIndex
    this.placed = exists ? summary : undefined
  }

  // Hot: once per entry.
  appendEntry(index: number, term: number, lsn: number, bytes: number): void {
    if (term !== this.lastTerm || this.#openFirst === 0) this.#open(index, term, lsn)
    this.#openBytes += bytes
    this.lastIndex = index
  }

  override cut(index: number, term: number): void {
    this.#closeOpen()
    this.#changes.push({ kind: 'cut', index })
    super.cut(index, term)
    this.#rewind(index)
  }

  override trim(index: number, baseTerm: number): void {
    this.#closeOpen()
    this.#changes.push({ kind: 'trim', index })
    super.trim(index, baseTerm)
  }

  override reset(index: number, term: number): void {
    this.#openFirst = 0
    this.#openBytes = 0
    this.#changes.push({ kind: 'reset', index })
    super.reset(index, term)
    this.#rewind(index)
  }

  /** An entry was written again. */
  copy(index: number, term: number, lsn: number, bytes: number): void {
    this.#closeOpen()
    const last = this.#changes.at(-1)
    if (last?.kind === 'copy' && last.last === index - 1 && last.term === term) {
      last.last = index
      last.bytes += bytes
    } else this.#changes.push({ kind: 'copy', first: index, last: index, term, lsn, bytes })
  }

  /** Takes the terms from where the entries lie. */
  rebuildTerms(): void {
    this.terms.clear()
    for (const run of this.runs.all) this.terms.start(run.first, run.term)
  }

  /** Whether entries have been taken away among the records that gather. */
  get isShrinking(): boolean {
    return this.dropped || this.#changes.some(({ kind }) => kind !== 'run' && kind !== 'copy')
  }

  /** How many changes wait for a place. */
  get pendingChanges(): number {
    return this.#changes.length + 1
  }

  /**
   * The records that gathered have a place now. Returns whether entries lie in fewer segments, perhaps. Copies are not looked for where they are before
   * {@link settleCopies}: until they are durable, only the old place is sure to hold them.
   */
  place(at: BatchPosition): boolean {
    this.#closeOpen()
    let shrunk = this.dropped
    for (const change of this.#changes) {
      if ('index' in change) {
        shrunk = true
        this.#apply(change.kind, change.index)
      } else if (change.kind === 'copy') this.#copies.push({ ...change, at, open: true })
      else this.runs.add(change.first, change.last, change.term, change.lsn, change.bytes, at)
    }
    this.#changes.length = 0
    this.writtenIndex = this.lastIndex
    this.placed = this.dropped ? undefined : this.summary()
    this.dirty = false
    return shrunk
  }

  /** The copies that have a place are durable. Returns whether there were any. */
  settleCopies(): boolean {
    const copies = this.#copies
    if (copies.length === 0) return false
    this.#copies = []
    for (const { first, last, term, lsn, bytes, at, open } of copies)
      if (first <= last) this.runs.add(first, last, term, lsn, bytes, at, open)
    return true
  }

  #apply(kind: 'cut' | 'trim' | 'reset', index: number): void {
    for (const copied of this.#copies) {
      if (kind === 'trim') copied.first = Math.max(copied.first, index)
      else {
        copied.last = kind === 'cut' ? Math.min(copied.last, index) : -1
        copied.open = false
      }
    }
    if (kind === 'trim') this.runs.trim(index)
    else if (kind === 'cut') {
      this.runs.cut(index)
      this.keep = Math.min(this.keep, index)
    } else {
      this.runs.clear()
      this.keep = 0
    }
  }

  #open(index: number, term: number, lsn: number): void {
    this.#closeOpen()
    this.startTerm(index, term)
    this.#openFirst = index
    this.#openLsn = lsn
  }

  #closeOpen(): void {
    if (this.#openFirst === 0) return
    const { lastIndex: last, lastTerm: term } = this
    this.#changes.push({ kind: 'run', first: this.#openFirst, last, term, lsn: this.#openLsn, bytes: this.#openBytes })
    this.#openFirst = 0
    this.#openBytes = 0
  }

  #rewind(index: number): void {
    this.durableIndex = Math.min(this.durableIndex, index)
    this.writtenIndex = Math.min(this.writtenIndex, index)
    for (const listener of this.listeners) listener.onCut(index)
  }
}
