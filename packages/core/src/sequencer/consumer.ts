import type { Sequence } from '@disruptorx/contracts'
import { ConsumerInUseError, SequenceRangeError } from '../errors.ts'
import { rebuild } from '../memory/cells.ts'
import { CONSUMER_FREE, CURSOR } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/** A {@link Consumer} as it crosses a thread, together with its ring's handle. */
export interface ConsumerHandle {
  /** Its place in the ring's table. */
  readonly index: number
  /** The places of the consumers that it comes after. */
  readonly after: readonly number[]
}

/**
 * The reading side of a struct ring, for one thread. Producers never overwrite what it has not released.
 *
 * ```
 * const last = consumer.available()
 * for (let sequence = consumer.next; sequence <= last; sequence++) use(ring.get(sequence))
 * consumer.advance(last)
 * ```
 */
export class Consumer {
  readonly #ring: SequencerMemory
  readonly #words: Int32Array
  readonly #handle: ConsumerHandle
  readonly #cell: number
  /** The cells of the consumers that it comes after. */
  readonly #upstream: readonly number[]
  /** The highest sequence released. */
  #released: Sequence
  /** The highest sequence known to be readable. */
  #seen: Sequence
  #closed = false

  /** For {@link StructRing}: `handle` names a place of the table that is live. */
  constructor(ring: SequencerMemory, handle: ConsumerHandle) {
    this.#ring = ring
    this.#words = ring.words
    this.#handle = handle
    this.#cell = ring.sequenceCell(handle.index)
    this.#upstream = handle.after.map(index => ring.sequenceCell(index))
    this.#released = this.#seen = this.released()
    ring.localConsumers.add(this)
  }

  /** How this consumer crosses a thread. From then on that thread is the one to use it. */
  get handle(): ConsumerHandle {
    this.#ring.localConsumers.delete(this)
    return this.#handle
  }

  /** Its place in the ring's table. */
  get index(): number {
    return this.#handle.index
  }

  /** Whether it is a consumer of this very memory, and not closed. */
  isOf(ring: SequencerMemory): boolean {
    return this.#ring.memory === ring.memory && !this.#closed
  }

  /** The sequence to read next. */
  get next(): Sequence {
    return this.#released + 1
  }

  // Hot: once per batch.
  /** The highest sequence that may be read now; one less than {@link next} when there is none. */
  available(): Sequence {
    if (this.#upstream.length > 0) this.#seen = Math.max(this.#seen, this.#lowestUpstream())
    else if (this.#ring.shape.multi) this.#seen += this.#countPublished()
    else this.#seen = rebuild(this.#seen, Atomics.load(this.#words, CURSOR))
    return this.#seen
  }

  /**
   * Releases everything up to and including `sequence`, and wakes whoever sleeps.
   *
   * @throws {SequenceRangeError} that is before what was released, or beyond what {@link available} last returned
   */
  advance(sequence: Sequence): void {
    if (!(sequence >= this.#released && sequence <= this.#seen))
      throw new SequenceRangeError('releasing', sequence, this.#released, this.#seen)
    this.#released = sequence
    Atomics.store(this.#words, this.#cell, sequence | 0)
    this.#ring.parkingLot.unparkAll()
  }

  /** The highest sequence released, as the ring's memory has it: also where another thread uses this consumer. */
  released(): Sequence {
    return rebuild(this.#ring.cursor.get(), Atomics.load(this.#words, this.#cell))
  }

  /**
   * Leaves the ring: producers no longer wait for it. Safe to call twice; not to be used afterwards.
   *
   * @throws {ConsumerInUseError} other consumers come after it
   */
  close(): void {
    if (this.#closed) return
    const { statuses, dependents } = this.#ring.at
    const { index, after } = this.#handle
    const count = Atomics.load(this.#words, dependents + index)
    if (count > 0) throw new ConsumerInUseError(index, count)
    this.#closed = true
    for (const upstream of after) Atomics.sub(this.#words, dependents + upstream, 1)
    Atomics.store(this.#words, statuses + index, CONSUMER_FREE)
    this.#ring.localConsumers.delete(this)
    this.#ring.parkingLot.unparkAll()
  }

  #lowestUpstream(): Sequence {
    let lowest = Infinity
    for (const cell of this.#upstream) {
      const released = rebuild(this.#seen, Atomics.load(this.#words, cell))
      if (released < lowest) lowest = released
    }
    return lowest
  }

  /** How many slots after the last one seen are published without a gap. It ends at the latest after one lap, where the lap differs. */
  #countPublished(): number {
    const { words, mask, at } = this.#ring
    const first = (this.#seen + 1) | 0
    let count = 0
    for (let low = first; Atomics.load(words, at.availability + (low & mask)) === this.#ring.lapOf(low); low = (low + 1) | 0) count++
    return count
  }
}
