/** Entries that follow one another in both numbers. */
interface Run {
  index: number
  lsn: number
  length: number
}

/** How far a log is durable, from how far its journal is: which entries wait for which LSN. */
export class DurableProgress {
  readonly #waiting: Run[] = []
  #durableIndex: number

  constructor(durableIndex: number) {
    this.#durableIndex = durableIndex
  }

  /** An entry was appended, or the log now ends at `index`, by the change with this LSN. */
  append(index: number, lsn: number, length = 1): void {
    const newest = this.#waiting.at(-1)
    const follows = newest !== undefined && newest.index + newest.length === index && newest.lsn + newest.length === lsn
    if (follows) newest.length += length
    else this.#waiting.push({ index, lsn, length })
  }

  /** Everything behind an index is gone. */
  cut(index: number): void {
    this.#durableIndex = Math.min(this.#durableIndex, index)
    for (let run = this.#waiting.at(-1); run !== undefined && run.index + run.length - 1 > index; run = this.#waiting.at(-1)) {
      if (run.index > index) this.#waiting.pop()
      else run.length = index - run.index + 1
    }
  }

  /** The highest durable index, when everything up to an LSN is durable. That LSN never goes back. */
  upTo(durableLsn: number): number {
    for (let run = this.#waiting[0]; run !== undefined && run.lsn <= durableLsn; run = this.#waiting[0]) {
      const length = Math.min(run.length, durableLsn - run.lsn + 1)
      this.#durableIndex = run.index + length - 1
      if (length === run.length) this.#waiting.shift()
      else {
        run.index += length
        run.lsn += length
        run.length -= length
      }
    }
    return this.#durableIndex
  }

  /** The LSN that makes an entry durable; 0 when that is past. */
  lsnOf(index: number): number {
    const run = this.#waiting.find(run => index >= run.index && index < run.index + run.length)
    return run === undefined ? 0 : run.lsn + index - run.index
  }
}
