/** Places of what was taken are given up when they are so many, and half of all. */
const LEAST_DROPPED = 64

/** What waits, in order. Taking the first costs the same however many wait, which is not so for a large array. */
export class Fifo<T extends object> {
  /** From {@link #first} on. */
  #items: (T | undefined)[] = []
  #first = 0

  /** How many wait. */
  get length(): number {
    return this.#items.length - this.#first
  }

  /** The first, which stays. */
  get first(): T | undefined {
    return this.#items[this.#first]
  }

  add(item: T): void {
    this.#items.push(item)
  }

  /** Takes the first. */
  take(): T | undefined {
    const item = this.#items[this.#first]
    if (item === undefined) return undefined
    this.#items[this.#first++] = undefined
    if (this.#first >= LEAST_DROPPED && this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return item
  }

  clear(): void {
    this.#items = []
    this.#first = 0
  }
}
