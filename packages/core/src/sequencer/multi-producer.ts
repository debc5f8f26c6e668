import type { Sequence } from '@disruptorx/contracts'
import { SequenceRangeError } from '../errors.ts'
import { type NextOptions, type Producer, RoomWaiter, refuseCount } from './producer.ts'
import { CURSOR } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/**
 * Claims slots for one of several producing threads of a ring.
 *
 * Algorithm: LMAX MultiProducerSequencer. The cursor says what is claimed, the availability words what is published; a slot is claimed
 * only when there is room for it, so a producer that finds the ring full leaves no trace.
 */
export class MultiProducer implements Producer {
  readonly #ring: SequencerMemory
  readonly #words: Int32Array
  readonly #capacity: number
  readonly #waiter: RoomWaiter
  /** All consumers have released this sequence. A stale value is only pessimistic. */
  #gate: Sequence

  constructor(ring: SequencerMemory) {
    this.#ring = ring
    this.#words = ring.words
    this.#capacity = ring.shape.capacity
    this.#gate = ring.lowestReleased()
    this.#waiter = new RoomWaiter(ring, () => ring.cursor.get())
  }

  // Hot: benchmark `ring`. Another producer's claim between reading the cursor and moving it means one more round.
  tryNext(count: number): Sequence {
    if ((count | 0) !== count || count < 1 || count > this.#capacity) refuseCount(count, this.#capacity)
    for (;;) {
      const cursor = this.#ring.cursor.get()
      const highest = cursor + count
      if (highest - this.#gate > this.#capacity) {
        this.#gate = this.#ring.lowestReleased()
        if (highest - this.#gate > this.#capacity) return -1
      }
      if (Atomics.compareExchange(this.#words, CURSOR, cursor | 0, highest | 0) !== (cursor | 0)) continue
      this.#ring.cursor.raiseEpoch(highest)
      return highest
    }
  }

  next(count: number, options: NextOptions = {}): Sequence {
    for (;;) {
      const highest = this.tryNext(count)
      if (highest >= 0) return highest
      this.#waiter.wait(count, options)
    }
  }

  // Hot: benchmark `ring`.
  /**
   * The lowest slot's word is stored last, and atomically: a consumer passes it before it looks at the others, so the plain stores before it
   * are ordered for every consumer, and a burst costs one atomic store, not one for each event.
   */
  publish(lo: Sequence, hi: Sequence): void {
    if (!(hi >= lo && hi - lo < this.#capacity)) throw new SequenceRangeError('publishing to', hi, lo, lo + this.#capacity - 1)
    const ring = this.#ring
    const { availability } = ring.at
    const low = lo | 0
    for (let ahead = hi - lo; ahead > 0; ahead--) {
      const position = (low + ahead) | 0
      this.#words[availability + (position & ring.mask)] = ring.lapOf(position)
    }
    Atomics.store(this.#words, availability + (low & ring.mask), ring.lapOf(low))
    ring.parkingLot.unparkAll()
  }

  close(): void {
    this.#waiter.close()
  }
}
