import { NotInUseError, NotOfPoolError } from './errors.ts'
import { FREE, HIGH_WATER, MARK_BITS, MARKS, type SlotPoolOffsets, slotPoolOffsets, TAKEN } from './slot-pool-descriptor.ts'

/** 2^32 over the golden ratio: its multiples are far apart modulo anything. */
const GOLDEN_RATIO = 0x9e37_79b1

/**
 * Which slots are free, and whose the others are: what all users of a slot pool on one thread work on.
 *
 * A slot's owner word is the truth, and every change of hands is one compare-and-swap on it. Nothing is linked to anything, so there is no ABA problem
 * and no tag to run over: a word that says "free" is free, whatever happened to it in between. (A stack of free slots would need a tag beside the index in
 * the same 32 bits: 2^20 slots leave 12 bits, which other threads turn over within 0.1 ms while one is preempted.)
 *
 * The marks only say where to look. A thread clears a slot's mark before it tries to own it, and sets it after it has freed it. So:
 *
 * - Whoever cleared a mark either owns the slot, or saw that another does; that one sets the mark when it frees it. So no free slot stays without
 *   its mark, unless a thread dies between the two steps, which {@link reclaim} repairs.
 * - A mark that is set wrongly, as by that repair while a live thread is between the two steps, costs one failed compare-and-swap.
 * - No thread waits for another: with one stopped anywhere, all others go on.
 */
export class SlotTable {
  readonly capacity: number
  readonly at: SlotPoolOffsets
  readonly #words: Int32Array
  readonly #thread: number
  /** The word of marks to look at first. */
  #word: number
  readonly #one = new Int32Array(1)

  constructor(memory: SharedArrayBuffer, capacity: number, slotBytes: number, thread: number) {
    this.capacity = capacity
    this.at = slotPoolOffsets(capacity, slotBytes)
    this.#words = new Int32Array(memory)
    this.#thread = thread
    // Threads start apart, so that they seldom meet on a word.
    this.#word = (Math.imul(thread, GOLDEN_RATIO) >>> 0) % this.at.markWords
  }

  /** Marks all slots as free. For the maker. */
  format(): void {
    for (let word = 0; word < this.at.markWords; word++) this.#words[MARKS + word] = this.#allMarks(word)
  }

  /** How many slots nobody owns. Counts them: a snapshot. */
  get free(): number {
    return this.#countOwners(owner => owner === FREE)
  }

  /** How many slots are in use. Counts them: a snapshot. */
  get inUse(): number {
    return this.#countOwners(owner => owner > FREE)
  }

  get highWater(): number {
    return Atomics.load(this.#words, HIGH_WATER)
  }

  /** Takes a slot for a user on this thread; -1 when none is free. */
  acquireOne(): number {
    if (this.take(this.#one, 0, 1) === 0) return -1
    const slot = this.#one[0] as number
    this.use(slot)
    return slot
  }

  /** Puts up to `most` free slots into `into`, owned by a cache of this thread; returns how many. All of them are from one word of marks, if that has so many. */
  take(into: Int32Array, first: number, most: number): number {
    const { markWords } = this.at
    let count = 0
    for (let looked = 0; looked < markWords && count < most; looked++) {
      count += this.#takeFrom(this.#word, into, first + count, most - count)
      if (count < most && ++this.#word === markWords) this.#word = 0
    }
    if (count > 0) this.#noteTaken(count)
    return count
  }

  /** Hands a slot from a cache of this thread to a user: nobody else touches its owner meanwhile. */
  use(slot: number): void {
    Atomics.store(this.#words, this.at.owners + slot, this.#thread)
  }

  /** Takes a slot back from its user, into a cache of this thread. @throws {NotOfPoolError | NotInUseError} */
  takeBack(slot: number): void {
    this.#changeOwner(slot, -this.#thread)
  }

  /** Takes a slot back from its user, for anybody. @throws {NotOfPoolError | NotInUseError} */
  release(slot: number): void {
    this.#changeOwner(slot, FREE)
    this.#mark(slot)
    Atomics.sub(this.#words, TAKEN, 1)
  }

  /** Frees slots of a cache of this thread. */
  giveBack(slots: Int32Array, first: number, end: number): void {
    for (let i = first; i < end; i++) {
      const slot = slots[i] as number
      Atomics.store(this.#words, this.at.owners + slot, FREE)
      this.#mark(slot)
    }
    Atomics.sub(this.#words, TAKEN, end - first)
  }

  /** Frees the slots in caches of a thread that has ended, and with `inUse` those that it took and nobody released; returns how many. */
  reclaim(thread: number, inUse: boolean): number {
    let freed = 0
    for (let slot = 0; slot < this.capacity; slot++) {
      const owner = Atomics.load(this.#words, this.at.owners + slot)
      if (owner === FREE) this.#repairMark(slot)
      else if ((owner === -thread || (inUse && owner === thread)) && this.#swapOwner(slot, owner, FREE)) {
        this.#mark(slot)
        freed++
      }
    }
    Atomics.sub(this.#words, TAKEN, freed)
    return freed
  }

  #takeFrom(word: number, into: Int32Array, first: number, most: number): number {
    let count = 0
    // More than once where others were faster, or a mark stood wrongly.
    for (let seen = Atomics.load(this.#words, MARKS + word); seen !== 0 && count < most; seen = Atomics.load(this.#words, MARKS + word)) {
      const wanted = lowestBits(seen, most - count)
      for (let got = Atomics.and(this.#words, MARKS + word, ~wanted) & wanted; got !== 0; got &= got - 1) {
        const slot = word * MARK_BITS + 31 - Math.clz32(got & -got)
        if (this.#swapOwner(slot, FREE, -this.#thread)) into[first + count++] = slot
      }
    }
    return count
  }

  #changeOwner(slot: number, to: number): void {
    if ((slot | 0) !== slot || slot < 0 || slot >= this.capacity) throw new NotOfPoolError('slot pool', `slot ${slot}`)
    const owner = Atomics.load(this.#words, this.at.owners + slot)
    if (owner <= FREE || !this.#swapOwner(slot, owner, to)) throw new NotInUseError('slot', slot)
  }

  #swapOwner(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, this.at.owners + slot, from, to) === from
  }

  #mark(slot: number): void {
    Atomics.or(this.#words, MARKS + (slot >>> 5), 1 << slot)
  }

  #repairMark(slot: number): void {
    if ((Atomics.load(this.#words, MARKS + (slot >>> 5)) & (1 << slot)) === 0) this.#mark(slot)
  }

  #noteTaken(count: number): void {
    // A slot that is taken again before who released it has counted that is counted twice for the moment.
    const taken = Math.min(Atomics.add(this.#words, TAKEN, count) + count, this.capacity)
    for (let seen = Atomics.load(this.#words, HIGH_WATER); seen < taken; ) {
      const before = Atomics.compareExchange(this.#words, HIGH_WATER, seen, taken)
      if (before === seen) return
      seen = before
    }
  }

  #allMarks(word: number): number {
    const slots = Math.min(MARK_BITS, this.capacity - word * MARK_BITS)
    return slots === MARK_BITS ? -1 : (1 << slots) - 1
  }

  #countOwners(counts: (owner: number) => boolean): number {
    let count = 0
    for (let slot = 0; slot < this.capacity; slot++) if (counts(Atomics.load(this.#words, this.at.owners + slot))) count++
    return count
  }
}

/** The lowest `most` bits that are set in a word. */
function lowestBits(word: number, most: number): number {
  if (most >= MARK_BITS) return word
  let bits = 0
  for (let left = word, i = 0; left !== 0 && i < most; i++) {
    bits |= left & -left
    left &= left - 1
  }
  return bits
}
