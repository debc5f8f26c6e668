/** Entries that were appended one after the other with nothing in between: their LSNs rise as their indexes do. */
interface Stretch {
  readonly lsn: number
  readonly first: number
  last: number
}

/** How far one log is durable, when only the durable LSN is known: remembers which entries have which LSNs. */
export class DurableIndex {
  #stretches: Stretch[] = []
  #durable: number

  /** @param index everything up to it is durable */
  constructor(index: number) {
    this.#durable = index
  }

  /** An entry was appended. */
  append(index: number, lsn: number): void {
    const newest = this.#stretches.at(-1)
    if (newest !== undefined && newest.last === index - 1 && newest.lsn + index - newest.first === lsn) newest.last = index
    else this.#stretches.push({ lsn, first: index, last: index })
  }

  /** The entries after `index` are gone. */
  cut(index: number): void {
    while ((this.#stretches.at(-1)?.first ?? 0) > index) this.#stretches.pop()
    const newest = this.#stretches.at(-1)
    if (newest !== undefined) newest.last = Math.min(newest.last, index)
    this.#durable = Math.min(this.#durable, index)
  }

  /** The log starts behind `index`, by the record with this LSN. */
  reset(index: number, lsn: number): void {
    this.cut(index)
    this.#stretches.push({ lsn, first: index, last: index })
  }

  /** The highest index that is durable when everything up to an LSN is. */
  at(lsn: number): number {
    const stretches = this.#stretches
    let done = 0
    while (done < stretches.length) {
      const { lsn: from, first, last } = stretches[done] as Stretch
      if (from > lsn) break
      this.#durable = Math.min(last, first + lsn - from)
      if (this.#durable < last || done === stretches.length - 1) break
      done++
    }
    if (done > 0) stretches.splice(0, done)
    return this.#durable
  }
}
