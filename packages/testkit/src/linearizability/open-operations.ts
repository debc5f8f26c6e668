/**
 * The operations that were called and have not returned, in the order in which they return: a list from which one step back is as cheap as one forward.
 */
export class OpenOperations {
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #head: number
  /** The place of each operation in the order of all returns. */
  readonly #rank: Int32Array

  constructor(rank: Int32Array) {
    this.#rank = rank
    this.#head = rank.length
    this.#next = new Int32Array(rank.length + 1).fill(this.#head)
    this.#previous = new Int32Array(rank.length + 1).fill(this.#head)
  }

  /** The one that returns first; -1 when none is open. */
  get first(): number {
    return this.after(this.#head)
  }

  /** The one after `operation`; -1 after the last. */
  after(operation: number): number {
    const next = this.#next[operation] as number
    return next === this.#head ? -1 : next
  }

  call(operation: number): void {
    const rank = this.#rank[operation] as number
    let next = this.#next[this.#head] as number
    while (next !== this.#head && (this.#rank[next] as number) < rank) next = this.#next[next] as number
    this.#next[operation] = next
    this.#previous[operation] = this.#previous[next] as number
    this.#link(operation)
  }

  return(operation: number): void {
    const [next, previous] = [this.#next[operation] as number, this.#previous[operation] as number]
    this.#next[previous] = next
    this.#previous[next] = previous
  }

  /** Takes back the newest change, which was this call. */
  undoCall(operation: number): void {
    this.return(operation)
  }

  /** Takes back the newest change, which was this return: it still knows its place (Knuth, "Dancing Links"). */
  undoReturn(operation: number): void {
    this.#link(operation)
  }

  #link(operation: number): void {
    this.#next[this.#previous[operation] as number] = operation
    this.#previous[this.#next[operation] as number] = operation
  }
}
