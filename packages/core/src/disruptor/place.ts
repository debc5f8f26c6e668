import type { Sequence } from '@disruptorx/contracts'
import type { SequenceSource } from '../processing/sequence-source.ts'
import type { Consumer, ConsumerHandle } from '../sequencer/consumer.ts'
import { type DisruptorRing, isShared } from './disruptor-ring.ts'

/**
 * A consumer's place in the ring, from the moment a handler is declared to the moment it is removed: whether it runs or not, publishers wait for it, so
 * nothing is lost before the first start and between two.
 *
 * Whom it comes after is settled at each start, not when it joins the ring: names may be declared in any order.
 */
export class Place<E> {
  readonly #ring: DisruptorRing<E>
  /** This thread's view of it: while nobody runs, so that a producer here that would wait for ever is told. */
  #consumer: Consumer

  /** @throws {TableFullError} */
  constructor(ring: DisruptorRing<E>) {
    this.#ring = ring
    this.#consumer = ring.addConsumer()
  }

  /** The highest sequence released, wherever it is used. */
  released(): Sequence {
    return this.#consumer.released()
  }

  /** Where a processor on this thread gets its sequences. */
  source(after: readonly Place<E>[]): SequenceSource {
    return after.length === 0 ? this.#consumer : new SourceAfter(this.#consumer, after)
  }

  /** The place as it crosses to a worker. */
  lend(after: readonly Place<E>[]): ConsumerHandle {
    return { ...this.#consumer.handle, after: after.map(place => place.#consumer.index) }
  }

  /** From now on no other thread uses it. */
  takeBack(): void {
    if (isShared(this.#ring)) this.#consumer = this.#ring.attachConsumer(this.#consumer.handle)
  }

  /** Leaves the ring: publishers no longer wait for it. */
  leave(): void {
    this.#consumer.close()
  }
}

/** Sees what its consumer sees, as far as all of several places have released it. */
class SourceAfter<E> implements SequenceSource {
  readonly #consumer: Consumer
  readonly #after: readonly Place<E>[]

  constructor(consumer: Consumer, after: readonly Place<E>[]) {
    this.#consumer = consumer
    this.#after = after
  }

  get next(): Sequence {
    return this.#consumer.next
  }

  // Hot: once per batch. A consumer that joined late may be ahead of those that it comes after.
  available(): Sequence {
    let available = this.#consumer.available()
    for (const place of this.#after) available = Math.min(available, place.released())
    return Math.max(available, this.#consumer.next - 1)
  }

  advance(sequence: Sequence): void {
    this.#consumer.advance(sequence)
  }
}
