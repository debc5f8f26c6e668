import { extended } from './order-slots.ts'

/**
 * The price levels of both sides: one slot each in parallel typed arrays, free slots in a list through `heads`.
 *
 * A level is a queue of orders in the order of their arrival: `heads` is next to trade, `tails` came last.
 */
export class LevelSlots {
  prices: Uint32Array
  /** 1 for bids, -1 for asks. */
  sides: Int8Array
  /** Slot of the first order; in a free slot the next free level. */
  heads: Int32Array
  /** Slot of the last order. */
  tails: Int32Array
  /** How many orders rest here. */
  counts: Int32Array
  #capacity: number
  #free = -1
  #fresh = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    this.prices = new Uint32Array(capacity)
    this.sides = new Int8Array(capacity)
    this.heads = new Int32Array(capacity)
    this.tails = new Int32Array(capacity)
    this.counts = new Int32Array(capacity)
  }

  /** Opens an empty level. */
  take(side: number, price: number): number {
    let level = this.#free
    if (level === -1) {
      if (this.#fresh === this.#capacity) this.#grow()
      level = this.#fresh++
    } else {
      this.#free = this.heads[level] as number
    }
    this.prices[level] = price
    this.sides[level] = side
    this.heads[level] = -1
    this.tails[level] = -1
    this.counts[level] = 0
    return level
  }

  /** Gives an empty level back. */
  release(level: number): void {
    this.heads[level] = this.#free
    this.#free = level
  }

  #grow(): void {
    const capacity = this.#capacity * 2
    this.#capacity = capacity
    this.prices = extended(this.prices, new Uint32Array(capacity))
    this.sides = extended(this.sides, new Int8Array(capacity))
    this.heads = extended(this.heads, new Int32Array(capacity))
    this.tails = extended(this.tails, new Int32Array(capacity))
    this.counts = extended(this.counts, new Int32Array(capacity))
  }
}
