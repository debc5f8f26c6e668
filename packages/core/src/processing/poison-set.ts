import type { Sequence } from '@disruptorx/contracts'
import { powerOfTwo } from '@disruptorx/contracts/internal'
import { LINE_BYTES } from '../memory/cells.ts'
import { checkHeader, checkWord, MAGIC, VERSION } from '../memory/header.ts'
import { sharedMemory } from '../memory/shared-memory.ts'

/**
 * The memory of a poison set.
 *
 * ```
 *  line 0, words of 32 bits                line 1                          then 8 bytes per slot of the ring
 *  +-------+---------+----------+------+---------+-----+----------------+--+------------------------------------+----
 *  | magic | version | capacity | ...  | changes | ... | highest, 64 bit|..| 1 + the sequence last poisoned here| ...
 *  +-------+---------+----------+------+---------+-----+----------------+--+------------------------------------+----
 * ```
 */
const SET_MAGIC = 0x4458_5053
const SET_VERSION = 1
const CAPACITY = 2
const CHANGES = LINE_BYTES / 4
/** In words of 64 bits. */
const HIGHEST = LINE_BYTES / 8 + 8
const SLOTS_BYTE = 2 * LINE_BYTES

/** A {@link PoisonSet} as it crosses a thread. */
export interface PoisonSetHandle {
  readonly memory: SharedArrayBuffer
  readonly capacity: number
}

/**
 * Which events of one ring are poisoned: handlers after the one that marked an event do not see it. One set serves all processors of a ring, on any thread.
 *
 * A slot of the set is written only by a thread that keeps the ring's slot from being reused, before it releases that; whoever comes after reads it only
 * after that release. So plain stores of a whole number are enough: a reader sees either its own sequence, or something else, which does not concern it.
 * Whether to look at all, a reader tells from `changes`: one load a batch while nothing was ever poisoned. Otherwise it looks at the slots only
 * where its batch is not past the highest poisoned sequence.
 *
 * Handlers side by side with the one that marks may see the event or not: they do not wait for each other.
 */
export class PoisonSet {
  readonly handle: PoisonSetHandle
  readonly #words: Int32Array
  readonly #highest: BigInt64Array
  readonly #slots: Float64Array
  readonly #mask: number
  /** As `changes` was when {@link #highestSeen} was read. */
  #changesSeen = 0
  /** No sequence above this was poisoned, as far as this thread has looked. */
  #highestSeen: Sequence = -1

  private constructor(handle: PoisonSetHandle) {
    this.handle = handle
    this.#words = new Int32Array(handle.memory)
    this.#highest = new BigInt64Array(handle.memory)
    this.#slots = new Float64Array(handle.memory, SLOTS_BYTE, handle.capacity)
    this.#mask = handle.capacity - 1
  }

  /** Makes a set for a ring of this capacity: 8 bytes a slot. @throws {OptionError | SharedMemoryUnavailableError} */
  static create(capacity: number): PoisonSet {
    powerOfTwo('capacity', capacity, 1, 2 ** 26)
    const memory = sharedMemory(SLOTS_BYTE + 8 * capacity, 'poison set')
    const words = new Int32Array(memory)
    words[MAGIC] = SET_MAGIC
    words[VERSION] = SET_VERSION
    words[CAPACITY] = capacity
    return new PoisonSet({ memory, capacity })
  }

  /** The same set on another thread. @throws {AttachError} */
  static attach(handle: PoisonSetHandle): PoisonSet {
    const what = 'poison set'
    const words = checkHeader(what, handle.memory, SET_MAGIC, SET_VERSION, SLOTS_BYTE + 8 * handle.capacity)
    checkWord(what, 'capacity', words[CAPACITY] as number, handle.capacity)
    return new PoisonSet(handle)
  }

  /** Marks an event. Only for a processor that has not released it. */
  add(sequence: Sequence): void {
    this.#slots[sequence & this.#mask] = sequence + 1
    const wanted = BigInt(sequence)
    for (let seen = Atomics.load(this.#highest, HIGHEST); seen <= wanted; ) {
      const before = Atomics.compareExchange(this.#highest, HIGHEST, seen, wanted + 1n)
      if (before === seen) break
      seen = before
    }
    Atomics.add(this.#words, CHANGES, 1)
  }

  /** Whether this very event was marked. Only for a processor that has not released it, about marks of those it comes after. */
  has(sequence: Sequence): boolean {
    return this.#slots[sequence & this.#mask] === sequence + 1
  }

  // Hot: once per batch.
  /** Whether any event from `sequence` on may be marked; false means none is. */
  mayHaveFrom(sequence: Sequence): boolean {
    if (Atomics.load(this.#words, CHANGES) !== this.#changesSeen) this.#refresh()
    return sequence <= this.#highestSeen
  }

  // The counter first: a mark that comes in between is looked at again next time.
  #refresh(): void {
    this.#changesSeen = Atomics.load(this.#words, CHANGES)
    this.#highestSeen = Number(Atomics.load(this.#highest, HIGHEST)) - 1
  }
}
