/** From `index` on, up to the next run, entries have this term. */
export interface TermRun {
  readonly index: number
  readonly term: number
}

/** The terms of a log's entries, as runs of equal ones: few, however long the log is. */
export class TermRuns {
  readonly #runs: TermRun[]

  /** @param runs ascending */
  constructor(runs: readonly TermRun[] = []) {
    this.#runs = [...runs]
  }

  /** The newest term; 0 when there is none. */
  get last(): number {
    return this.#runs.at(-1)?.term ?? 0
  }

  get all(): readonly TermRun[] {
    return this.#runs
  }

  /** The term at an index that the runs reach back to; `undefined` before the first of them. */
  at(index: number): number | undefined {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#runs[middle] as TermRun).index <= index) low = middle + 1
      else high = middle
    }
    return this.#runs[low - 1]?.term
  }

  /** Notes the term of the next entry. */
  append(index: number, term: number): void {
    if (this.#runs.length === 0 || term !== this.last) this.#runs.push({ index, term })
  }

  /** Forgets everything behind an index. */
  cutAfter(index: number): void {
    while ((this.#runs.at(-1)?.index ?? 0) > index) this.#runs.pop()
  }

  /** Forgets what no entry from `index - 1` on needs. */
  cutBefore(index: number): void {
    let free = 0
    while (free + 1 < this.#runs.length && (this.#runs[free + 1] as TermRun).index < index) free++
    if (free > 0) this.#runs.splice(0, free)
  }

  /** Forgets everything but what is said of one index. */
  reset(index: number, term: number): void {
    this.#runs.length = 0
    if (index > 0) this.#runs.push({ index, term })
  }
}
