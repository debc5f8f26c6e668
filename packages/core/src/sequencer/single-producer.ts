import type { Sequence } from '@disruptorx/contracts'
import { SequenceRangeError } from '../errors.ts'
import { type NextOptions, type Producer, RoomWaiter, refuseCount } from './producer.ts'
import { PRODUCER_TAKEN } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/**
 * Claims slots for the only producing thread of a ring.
 *
 * Algorithm: LMAX SingleProducerSequencer, with the consumers' progress kept in a local until it no longer suffices.
 */
export class SingleProducer implements Producer {
  readonly #ring: SequencerMemory
  readonly #capacity: number
  readonly #waiter: RoomWaiter
  /** The highest sequence claimed. Local: only this thread claims. */
  #claimed: Sequence
  /** The highest sequence published. */
  #published: Sequence
  /** All consumers have released this sequence. A stale value is only pessimistic. */
  #gate: Sequence
  #closed = false

  constructor(ring: SequencerMemory) {
    this.#ring = ring
    this.#capacity = ring.shape.capacity
    this.#claimed = this.#published = ring.cursor.get()
    this.#gate = ring.lowestReleased()
    this.#waiter = new RoomWaiter(ring, () => this.#claimed)
  }

  // Hot: benchmark `ring`. One branch when there is room.
  tryNext(count: number): Sequence {
    if ((count | 0) !== count || count < 1 || count > this.#capacity) refuseCount(count, this.#capacity)
    const highest = this.#claimed + count
    if (highest - this.#gate > this.#capacity && this.#room() < count) return -1
    this.#claimed = highest
    return highest
  }

  /** Claims as many slots as there is room for, up to `most`; -1 when there is none, or when the side was given back. For publishers. */
  tryNextUpTo(most: number): Sequence {
    if (this.#closed) return -1
    let count = this.#capacity - (this.#claimed - this.#gate)
    if (count < most) count = this.#room()
    if (count === 0) return -1
    this.#claimed += Math.min(count, most)
    return this.#claimed
  }

  /** Takes back every claim that was not published: nobody else has seen it. For publishers. */
  giveBack(): void {
    this.#claimed = this.#published
  }

  next(count: number, options: NextOptions = {}): Sequence {
    for (;;) {
      const highest = this.tryNext(count)
      if (highest >= 0) return highest
      this.#waiter.wait(count, options)
    }
  }

  // Hot: benchmark `ring`. One store, and one load while nobody sleeps.
  publish(lo: Sequence, hi: Sequence): void {
    if (lo !== this.#published + 1 || hi < lo || hi > this.#claimed) this.#refuseToPublish(lo, hi)
    this.publishTo(hi)
  }

  /** Publishes everything up to `hi`, which is claimed and not published. For publishers, whose own count is the check. */
  publishTo(hi: Sequence): void {
    this.#published = hi
    this.#ring.cursor.set(hi)
    this.#ring.parkingLot.unparkAll()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiter.close()
    Atomics.store(this.#ring.words, PRODUCER_TAKEN, 0)
  }

  #refuseToPublish(lo: Sequence, hi: Sequence): never {
    const due = this.#published + 1
    if (lo !== due) throw new SequenceRangeError('publishing from', lo, due, due)
    throw new SequenceRangeError('publishing to', hi, lo, this.#claimed)
  }

  #room(): number {
    this.#gate = this.#ring.lowestReleased()
    return this.#capacity - (this.#claimed - this.#gate)
  }
}
