/**
 * Finds the slot of an order by its id: open addressing with linear probing over one typed array.
 *
 * The table holds slots only and reads ids from the caller's array, so an entry costs four bytes. It is never more than half full.
 * A removal closes its gap by moving later entries back (Knuth, volume 3, algorithm 6.4 R), so there are no tombstones and a table that
 * lives for years stays as fast as a new one.
 */
export class IdIndex {
  /** Slot + 1, or 0 where nothing is. */
  #table: Int32Array
  #mask: number
  #count = 0

  /** Makes an index for up to `capacity` entries. */
  constructor(capacity: number) {
    this.#table = new Int32Array(tableSize(capacity))
    this.#mask = this.#table.length - 1
  }

  /** How many ids it holds. */
  get count(): number {
    return this.#count
  }

  /** The slot of an id, or -1. */
  // Hot: benchmark `book`.
  find(ids: Float64Array, id: number): number {
    const table = this.#table
    const mask = this.#mask
    for (let at = hashOfId(id) & mask; ; at = (at + 1) & mask) {
      const slot = (table[at] as number) - 1
      if (slot < 0 || ids[slot] === id) return slot
    }
  }

  /** Notes that `id` is in `slot`; false, and nothing done, when the id is there already. The caller keeps to the capacity. */
  // Hot: benchmark `book`.
  insert(ids: Float64Array, id: number, slot: number): boolean {
    const table = this.#table
    const mask = this.#mask
    for (let at = hashOfId(id) & mask; ; at = (at + 1) & mask) {
      const other = (table[at] as number) - 1
      if (other < 0) {
        table[at] = slot + 1
        this.#count++
        return true
      }
      if (ids[other] === id) return false
    }
  }

  /** Takes an id out and returns its slot, or -1 when it is not there. `ids[slot]` must still hold it. */
  // Hot: benchmark `book`.
  remove(ids: Float64Array, id: number): number {
    const table = this.#table
    const mask = this.#mask
    let gap = hashOfId(id) & mask
    let slot = (table[gap] as number) - 1
    while (slot >= 0 && ids[slot] !== id) {
      gap = (gap + 1) & mask
      slot = (table[gap] as number) - 1
    }
    if (slot < 0) return -1
    for (let at = (gap + 1) & mask; ; at = (at + 1) & mask) {
      const entry = table[at] as number
      if (entry === 0) break
      const home = hashOfId(ids[entry - 1] as number) & mask
      // An entry may move back to the gap only if its home is not behind the gap.
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      table[gap] = entry
      gap = at
    }
    table[gap] = 0
    this.#count--
    return slot
  }

  /** Makes room for up to `capacity` entries. */
  grow(ids: Float64Array, capacity: number): void {
    const old = this.#table
    const size = tableSize(capacity)
    if (size <= old.length) return
    const table = new Int32Array(size)
    const mask = size - 1
    for (const entry of old) {
      if (entry === 0) continue
      let at = hashOfId(ids[entry - 1] as number) & mask
      while (table[at] !== 0) at = (at + 1) & mask
      table[at] = entry
    }
    this.#table = table
    this.#mask = mask
  }
}

/** Spreads an id from 0 to 2^53 - 1 over 32 bits (the finisher of MurmurHash3 over its two halves). */
export function hashOfId(id: number): number {
  let x = (id | 0) ^ Math.imul((id / 4294967296) | 0, 0x9e3779b1)
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}

function tableSize(capacity: number): number {
  let size = 16
  while (size < capacity * 2) size *= 2
  return size
}
