/** Entries of a log that follow one another in one segment, all of one term. */
export interface Run {
  first: number
  last: number
  readonly term: number
  readonly segment: number
  /** LSN of the first record. Records of the segment with lower LSNs are none of this run. */
  readonly lsn: number
  /** Bytes of its records, about. */
  bytes: number
  /** Whether the next entry may lengthen it: not when a conflict has cut it, since what was cut lies right behind it. */
  open: boolean
  /** Where to start reading: index, LSN of the batch that holds it, and that batch's sector, in turns; ascending. */
  readonly hints: number[]
}

/** Numbers that make up one hint. */
const HINT = 3
/** Sectors between two hints of a run: 1 MiB. */
const HINT_SECTORS = 256

/** Where a batch lies. */
export interface BatchPosition {
  readonly segment: number
  /** In its segment, in sectors. */
  readonly sector: number
  readonly lsn: number
}

/** Where the entries of one log lie: runs by index, ascending, that do not overlap. */
export class RunList {
  readonly #runs: Run[] = []
  #changes = 0

  /** Counts how often entries were taken out of runs: whoever holds a run from before may find there what is no longer the log's. */
  get changes(): number {
    return this.#changes
  }

  get all(): readonly Run[] {
    return this.#runs
  }

  /** Adds entries behind the last ones, or in the place of others that have the same indexes: the newer place counts. */
  add(first: number, last: number, term: number, lsn: number, bytes: number, at: BatchPosition, open = true): void {
    const newest = this.#runs.at(-1)
    if (newest !== undefined && first <= newest.last) this.#replace(first, last)
    const slot = this.#slotOf(first)
    const before = this.#runs[slot - 1]
    if (before?.open && before.last === first - 1 && before.segment === at.segment && before.term === term) {
      before.last = last
      before.open = open
      before.bytes += bytes
      const { hints } = before
      if (at.sector - (hints.at(-1) as number) >= HINT_SECTORS) hints.push(first, at.lsn, at.sector)
      return
    }
    const run: Run = { first, last, term, segment: at.segment, lsn, bytes, open, hints: [first, at.lsn, at.sector] }
    if (slot === this.#runs.length) this.#runs.push(run)
    else this.#runs.splice(slot, 0, run)
  }

  /** Puts a run that was read from a footer into its place. */
  insert(run: Run): void {
    const newest = this.#runs.at(-1)
    if (newest !== undefined && run.first <= newest.last) this.#replace(run.first, run.last)
    this.#runs.splice(this.#slotOf(run.first), 0, run)
  }

  /** Forgets what comes after an index. */
  cut(index: number): void {
    this.#changes++
    while (this.#runs.length > 0 && (this.#runs.at(-1) as Run).first > index) this.#runs.pop()
    const last = this.#runs.at(-1)
    if (last === undefined) return
    last.open = false
    if (last.last > index) shorten(last, last.first, index)
  }

  /** Forgets what comes before an index. */
  trim(index: number): void {
    let gone = 0
    while (gone < this.#runs.length && (this.#runs[gone] as Run).last < index) gone++
    this.#runs.splice(0, gone)
    const first = this.#runs[0]
    if (first !== undefined && first.first < index) shorten(first, index, first.last)
  }

  clear(): void {
    this.#changes++
    this.#runs.length = 0
  }

  /** The run that holds an index. */
  find(index: number): Run | undefined {
    const run = this.#runs[this.#slotOf(index + 1) - 1]
    return run !== undefined && index <= run.last ? run : undefined
  }

  /** The first index from `from` to `to` that no run holds; `undefined` when there is none. */
  hole(from: number, to: number): number | undefined {
    let next = from
    for (const run of this.#runs) {
      if (next > to) return undefined
      if (run.first > next) return next
      next = Math.max(next, run.last + 1)
    }
    return next > to ? undefined : next
  }

  /** How many runs start before an index. */
  #slotOf(index: number): number {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#runs[middle] as Run).first < index) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Takes indexes out of the runs that hold them. */
  #replace(first: number, last: number): void {
    this.#changes++
    for (let slot = Math.max(0, this.#slotOf(first) - 1); slot < this.#runs.length; ) {
      const run = this.#runs[slot] as Run
      if (run.first > last) return
      if (run.last < first) slot++
      else {
        const rest: Run[] = []
        if (run.first < first) rest.push(part(run, run.first, first - 1))
        if (run.last > last) rest.push(part(run, last + 1, run.last))
        this.#runs.splice(slot, 1, ...rest)
        slot += rest.length
      }
    }
  }
}

/** The hint from which an index is found: batch LSN and sector. */
export function hintFor(run: Run, index: number): { readonly lsn: number; readonly sector: number } {
  const { hints } = run
  let at = 0
  while (at + HINT < hints.length && (hints[at + HINT] as number) <= index) at += HINT
  return { lsn: hints[at + 1] as number, sector: hints[at + 2] as number }
}

function shorten(run: Run, first: number, last: number): void {
  run.bytes = Math.ceil((run.bytes * (last - first + 1)) / (run.last - run.first + 1))
  run.first = first
  run.last = last
}

function part(run: Run, first: number, last: number): Run {
  const copy = { ...run, hints: run.hints.slice(), open: run.open && last === run.last }
  shorten(copy, first, last)
  return copy
}
