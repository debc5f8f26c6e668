/** The terms of a log's entries: where each one starts. */
export class TermList {
  /** First index and term in turns, both ascending. */
  readonly #starts: number[] = []

  /** Entries from `index` on are of `term`. */
  start(index: number, term: number): void {
    const starts = this.#starts
    if (starts.length > 0 && starts[starts.length - 1] === term) return
    starts.push(index, term)
  }

  /** Forgets what comes after an index. */
  cut(index: number): void {
    const starts = this.#starts
    while (starts.length > 0 && (starts[starts.length - 2] as number) > index) starts.length -= 2
  }

  /** Forgets what comes before an index. */
  trim(index: number): void {
    const starts = this.#starts
    let gone = 0
    while (gone + 2 < starts.length && (starts[gone + 2] as number) <= index) gone += 2
    starts.splice(0, gone)
  }

  clear(): void {
    this.#starts.length = 0
  }

  /** First index and term in turns. */
  get starts(): readonly number[] {
    return this.#starts
  }

  /** The newest term; 0 when there is none. */
  get last(): number {
    return this.#starts.at(-1) ?? 0
  }

  /** The term at an index; 0 when that lies before all of them. */
  at(index: number): number {
    const starts = this.#starts
    let low = 0
    let high = starts.length >> 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle * 2] as number) <= index) low = middle + 1
      else high = middle
    }
    return low === 0 ? 0 : (starts[low * 2 - 1] as number)
  }
}
