/**
 * The resting orders: one slot each, its values in parallel typed arrays, free slots in a list through `next`.
 *
 * A link of -1 leads nowhere. The arrays are replaced when they grow: read them from here at each use.
 */
export class OrderSlots {
  /** Id of the order, from 0 to 2^53 - 1. Stale in a free slot. */
  ids: Float64Array
  /** Shares left of the order; 0 in a free slot. */
  rests: Uint32Array
  /** The order behind this one at its price; in a free slot the next free one. */
  next: Int32Array
  /** The order before this one at its price. */
  previous: Int32Array
  /** The price level the order rests at. */
  levels: Int32Array
  /** How many slots the arrays have now. */
  capacity: number
  /** How many orders rest. */
  count = 0
  #free = -1
  /** Slots from here on were never used. */
  #fresh = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.ids = new Float64Array(capacity)
    this.rests = new Uint32Array(capacity)
    this.next = new Int32Array(capacity)
    this.previous = new Int32Array(capacity)
    this.levels = new Int32Array(capacity)
  }

  /** The slot that {@link take} will hand out; the arrays have it only while `count < capacity`. */
  get upcoming(): number {
    return this.#free === -1 ? this.#fresh : this.#free
  }

  /** Takes the {@link upcoming} slot. */
  take(): number {
    const slot = this.upcoming
    if (this.#free === -1) this.#fresh++
    else this.#free = this.next[slot] as number
    this.count++
    return slot
  }

  /** Gives a slot back. */
  release(slot: number): void {
    this.rests[slot] = 0
    this.next[slot] = this.#free
    this.#free = slot
    this.count--
  }

  /** Moves everything into arrays of `capacity` slots. */
  grow(capacity: number): void {
    this.capacity = capacity
    this.ids = extended(this.ids, new Float64Array(capacity))
    this.rests = extended(this.rests, new Uint32Array(capacity))
    this.next = extended(this.next, new Int32Array(capacity))
    this.previous = extended(this.previous, new Int32Array(capacity))
    this.levels = extended(this.levels, new Int32Array(capacity))
  }
}

/** Copies a typed array to the start of a longer one. */
export function extended<T extends Float64Array | Uint32Array | Int32Array | Int8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
