import { extended } from './order-slots.ts'

/** Ranks in a block. A shift within a block moves at most half a KiB, whatever the number of levels. */
const BLOCK = 128

/**
 * The price levels of one side in order: a sorted array cut into blocks (a B+ tree of two levels), worst first, best at the end.
 *
 * The key of a level is its rank, a u32 that grows as prices get better (see {@link rankOfPrice}). Trading happens near the best price,
 * which is the end of the last block: there a search looks at one block and an insertion moves a few entries. Neighbours that are both
 * nearly empty are merged, so blocks stay in proportion to levels.
 */
export class PriceLadder {
  /** The best level, or -1 when the side is empty. */
  best = -1
  /** How many levels there are. */
  count = 0
  /** Rank and level of entry `i` of block `b` at `b * BLOCK + i`. */
  #ranks = new Uint32Array(BLOCK)
  #levels = new Int32Array(BLOCK)
  /** Entries in each block. */
  #sizes = new Int32Array(1)
  /** Blocks in order of rank. Never empty: an empty side has one empty block. */
  #directory = new Int32Array(1)
  #blocks = 1
  /** Blocks not in use, as a stack. */
  #spare = new Int32Array(1)
  #spares = 0

  /** The level of a rank, or -1. */
  // Hot: benchmark `book`.
  find(rank: number): number {
    const block = this.#directory[this.#place(rank)] as number
    const at = this.#position(block, rank)
    const base = block * BLOCK
    return at < base + (this.#sizes[block] as number) && this.#ranks[at] === rank ? (this.#levels[at] as number) : -1
  }

  /** Adds a level whose rank is not there yet. */
  // Hot: benchmark `book`.
  insert(rank: number, level: number): void {
    let place = this.#place(rank)
    let block = this.#directory[place] as number
    if (this.#sizes[block] === BLOCK) {
      this.#split(place)
      place = this.#place(rank)
      block = this.#directory[place] as number
    }
    const size = this.#sizes[block] as number
    const at = this.#position(block, rank)
    const end = block * BLOCK + size
    const ranks = this.#ranks
    const levels = this.#levels
    for (let i = end; i > at; i--) {
      ranks[i] = ranks[i - 1] as number
      levels[i] = levels[i - 1] as number
    }
    ranks[at] = rank
    levels[at] = level
    this.#sizes[block] = size + 1
    this.count++
    this.#findBest()
  }

  /** Takes out the level of a rank that is there. */
  // Hot: benchmark `book`.
  remove(rank: number): void {
    const place = this.#place(rank)
    const block = this.#directory[place] as number
    const size = (this.#sizes[block] as number) - 1
    const end = block * BLOCK + size
    const ranks = this.#ranks
    const levels = this.#levels
    for (let i = this.#position(block, rank); i < end; i++) {
      ranks[i] = ranks[i + 1] as number
      levels[i] = levels[i + 1] as number
    }
    this.#sizes[block] = size
    this.count--
    if (size < BLOCK / 4 && this.#blocks > 1) this.#shrink(place)
    this.#findBest()
  }

  /** All levels, the best first. The ladder must not change meanwhile. */
  *bestFirst(): Generator<number, void, void> {
    for (let place = this.#blocks - 1; place >= 0; place--) {
      const block = this.#directory[place] as number
      for (let i = (this.#sizes[block] as number) - 1; i >= 0; i--) yield this.#levels[block * BLOCK + i] as number
    }
  }

  /** Bytes that its arrays take now. */
  get bytes(): number {
    return this.#ranks.byteLength + this.#levels.byteLength + this.#sizes.byteLength + this.#directory.byteLength + this.#spare.byteLength
  }

  #findBest(): void {
    const last = this.#directory[this.#blocks - 1] as number
    const size = this.#sizes[last] as number
    this.best = size === 0 ? -1 : (this.#levels[last * BLOCK + size - 1] as number)
  }

  /** The place in the directory of the block that a rank belongs to: the last that starts at or below it, or the first. */
  #place(rank: number): number {
    const directory = this.#directory
    const ranks = this.#ranks
    let high = this.#blocks - 1
    if ((ranks[(directory[high] as number) * BLOCK] as number) <= rank) return high
    let low = 0
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((ranks[(directory[middle] as number) * BLOCK] as number) <= rank) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Where in a block a rank is, or would be put. */
  #position(block: number, rank: number): number {
    const ranks = this.#ranks
    let low = block * BLOCK
    let high = low + (this.#sizes[block] as number)
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranks[middle] as number) < rank) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Moves the upper half of a full block into a new one behind it. */
  #split(place: number): void {
    const fresh = this.#takeBlock()
    const block = this.#directory[place] as number
    const half = BLOCK / 2
    const from = block * BLOCK + half
    this.#ranks.copyWithin(fresh * BLOCK, from, from + half)
    this.#levels.copyWithin(fresh * BLOCK, from, from + half)
    this.#sizes[block] = half
    this.#sizes[fresh] = half
    this.#directory.copyWithin(place + 2, place + 1, this.#blocks)
    this.#directory[place + 1] = fresh
    this.#blocks++
  }

  /** Merges a small block with a neighbour, if both together fill at most half of one. */
  #shrink(place: number): void {
    if (place > 0 && this.#merge(place - 1)) return
    if (place < this.#blocks - 1) this.#merge(place)
  }

  /** Moves the block behind `place` into the one at `place` if there is ample room; always if either is empty. */
  #merge(place: number): boolean {
    const into = this.#directory[place] as number
    const from = this.#directory[place + 1] as number
    const kept = this.#sizes[into] as number
    const moved = this.#sizes[from] as number
    if (kept !== 0 && moved !== 0 && kept + moved > BLOCK / 2) return false
    this.#ranks.copyWithin(into * BLOCK + kept, from * BLOCK, from * BLOCK + moved)
    this.#levels.copyWithin(into * BLOCK + kept, from * BLOCK, from * BLOCK + moved)
    this.#sizes[into] = kept + moved
    this.#sizes[from] = 0
    this.#directory.copyWithin(place + 1, place + 2, this.#blocks)
    this.#blocks--
    this.#spare[this.#spares++] = from
    return true
  }

  #takeBlock(): number {
    if (this.#spares > 0) return this.#spare[--this.#spares] as number
    const capacity = this.#sizes.length
    if (this.#blocks === capacity) {
      this.#ranks = extended(this.#ranks, new Uint32Array(capacity * 2 * BLOCK))
      this.#levels = extended(this.#levels, new Int32Array(capacity * 2 * BLOCK))
      this.#sizes = extended(this.#sizes, new Int32Array(capacity * 2))
      this.#directory = extended(this.#directory, new Int32Array(capacity * 2))
      this.#spare = extended(this.#spare, new Int32Array(capacity * 2))
    }
    return this.#blocks
  }
}

/** The rank of a price on a side: higher is better, for bids and asks alike. */
export function rankOfPrice(side: number, price: number): number {
  return side > 0 ? price : ~price >>> 0
}
