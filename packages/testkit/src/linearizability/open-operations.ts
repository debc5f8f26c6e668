/** The operations that were called and have not returned, in the order of their calls: a list from which one step back is as cheap as one forward. */
export class OpenOperations {
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #head: number

  /** For operations numbered from 0 to `count` - 1. */
  constructor(count: number) {
    this.#head = count
    this.#next = new Int32Array(count + 1).fill(count)
    this.#previous = new Int32Array(count + 1).fill(count)
  }

  /** The first one; -1 when none is open. */
  get first(): number {
    return this.after(this.#head)
  }

  /** The one after `operation`; -1 after the last. */
  after(operation: number): number {
    const next = this.#next[operation] as number
    return next === this.#head ? -1 : next
  }

  call(operation: number): void {
    const last = this.#previous[this.#head] as number
    this.#next[last] = operation
    this.#previous[operation] = last
    this.#next[operation] = this.#head
    this.#previous[this.#head] = operation
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

  /** Takes back the newest change, which was this return: it still knows its place (Knuth, Dancing Links). */
  undoReturn(operation: number): void {
    this.#next[this.#previous[operation] as number] = operation
    this.#previous[this.#next[operation] as number] = operation
  }
}
