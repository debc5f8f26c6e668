/** Runs that wait, at which those that are durable by now are looked for: it bounds what is remembered when nobody asks. */
const LEAST_PRUNED = 64

/** How far a log is durable, from how far its store is: remembers which entries wait for which LSN. */
export class DurableProgress {
  readonly #store: { readonly durableLsn: number }
  /** Entries that follow one another in both numbers are a run: here its first index. */
  readonly #indexes: number[] = []
  /** LSN of its first entry. */
  readonly #lsns: number[] = []
  readonly #lengths: number[] = []
  #pruneAt = LEAST_PRUNED
  #durableIndex: number

  /** @param durableIndex everything up to it is durable */
  constructor(store: { readonly durableLsn: number }, durableIndex: number) {
    this.#store = store
    this.#durableIndex = durableIndex
  }

  /** The highest durable index. */
  get durableIndex(): number {
    if (this.#indexes.length > 0) this.#prune(this.#store.durableLsn)
    return this.#durableIndex
  }

  // Hot: once per append.
  /** Entries were appended, or the log now ends at `index`, by the change with this LSN and those that follow it. */
  append(index: number, lsn: number, length: number): void {
    const last = this.#indexes.length - 1
    if (last >= 0) {
      const before = this.#lengths[last] as number
      if (this.#lsns[last] === lsn - before && this.#indexes[last] === index - before) {
        this.#lengths[last] = before + length
        return
      }
    }
    this.#push(index, lsn, length)
  }

  /** Everything behind an index is gone. */
  cut(index: number): void {
    this.#prune(this.#store.durableLsn)
    this.#durableIndex = Math.min(this.#durableIndex, index)
    for (let last = this.#indexes.length - 1; last >= 0; last--) {
      const kept = index - (this.#indexes[last] as number) + 1
      if (kept >= (this.#lengths[last] as number)) return
      if (kept > 0) this.#lengths[last] = kept
      else this.#indexes.length = this.#lsns.length = this.#lengths.length = last
    }
  }

  /** The LSN that makes an entry durable; 0 when it is. */
  lsnOf(index: number): number {
    for (let run = this.#indexes.length - 1; run >= 0; run--) {
      const at = index - (this.#indexes[run] as number)
      if (at >= 0) return at < (this.#lengths[run] as number) ? (this.#lsns[run] as number) + at : 0
    }
    return 0
  }

  #push(index: number, lsn: number, length: number): void {
    if (this.#indexes.length >= this.#pruneAt) {
      this.#prune(this.#store.durableLsn)
      this.#pruneAt = Math.max(LEAST_PRUNED, 2 * this.#indexes.length)
    }
    this.#indexes.push(index)
    this.#lsns.push(lsn)
    this.#lengths.push(length)
  }

  #prune(durableLsn: number): void {
    let done = 0
    for (; done < this.#indexes.length; done++) {
      const length = this.#lengths[done] as number
      const durable = durableLsn - (this.#lsns[done] as number) + 1
      if (durable <= 0) break
      this.#durableIndex = (this.#indexes[done] as number) + Math.min(durable, length) - 1
      if (durable < length) break
    }
    if (done === 0) return
    this.#indexes.splice(0, done)
    this.#lsns.splice(0, done)
    this.#lengths.splice(0, done)
  }
}
