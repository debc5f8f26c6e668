import type { Sequence } from '@disruptorx/contracts'
import type { SequenceSource } from '../processing/sequence-source.ts'
import type { WorkPoolHandle } from '../processing/work-pool.ts'
import type { Consumer, ConsumerHandle } from '../sequencer/consumer.ts'
import { type DisruptorRing, isShared } from './disruptor-ring.ts'

/** Where a processor on this thread gets its sequences. */
export interface Sourcing {
  readonly consumer: SequenceSource
  /** To be called when the processor has ended. */
  release(): void
}

/** A place as it crosses to a worker. */
export interface LentPlace {
  readonly consumer: ConsumerHandle
  /** Where several share it. */
  readonly pool: WorkPoolHandle | undefined
}

/**
 * A node's place in the ring, from the moment it is declared to the moment it is removed: whether its handlers run or not, publishers wait for it, so
 * nothing is lost before the first start and between two.
 *
 * Whom it comes after is settled at each start, not when it joins the ring: names may be declared in any order.
 */
export interface Place {
  /** What it is to the ring: for how far it is, and for who comes after. */
  readonly inRing: Consumer
  /** Settles whom it comes after. While none of its handlers runs. */
  follow(after: readonly Place[]): void
  /** For a processor on this thread. */
  source(maxBatch: number | undefined): Sourcing
  /** For a processor on a worker. */
  lend(): LentPlace
  /** No worker uses it any more, or this one has ended and its claims are for others. */
  takeBack(thread?: number): void
  /** Leaves the ring: publishers no longer wait for it. */
  leave(): void
}

/** The place of a handler that sees every event. */
export class SoloPlace<E> implements Place {
  readonly #ring: DisruptorRing<E>
  #after: readonly Place[] = []
  /** This thread's view of it: while nobody runs, too, so that a producer here that would wait for ever is told. */
  #consumer: Consumer

  /** @throws {TableFullError} */
  constructor(ring: DisruptorRing<E>) {
    this.#ring = ring
    this.#consumer = ring.addConsumer()
  }

  get inRing(): Consumer {
    return this.#consumer
  }

  follow(after: readonly Place[]): void {
    this.#after = after
  }

  source(): Sourcing {
    const consumer = this.#after.length === 0 ? this.#consumer : new SourceAfter(this.#consumer, this.#after)
    return { consumer, release() {} }
  }

  lend(): LentPlace {
    return { consumer: { ...this.#consumer.handle, after: this.#after.map(({ inRing }) => inRing.index) }, pool: undefined }
  }

  takeBack(): void {
    if (isShared(this.#ring)) this.#consumer = this.#ring.attachConsumer(this.#consumer.handle)
  }

  leave(): void {
    this.#consumer.close()
  }
}

/** Sees what its consumer sees, as far as all of several places have released it. */
class SourceAfter implements SequenceSource {
  readonly #consumer: Consumer
  readonly #after: readonly Place[]

  constructor(consumer: Consumer, after: readonly Place[]) {
    this.#consumer = consumer
    this.#after = after
  }

  get next(): Sequence {
    return this.#consumer.next
  }

  // Hot: once per batch. A consumer that joined late may be ahead of those that it comes after.
  available(): Sequence {
    let available = this.#consumer.available()
    for (const place of this.#after) available = Math.min(available, place.inRing.released())
    return Math.max(available, this.#consumer.next - 1)
  }

  advance(sequence: Sequence): void {
    this.#consumer.advance(sequence)
  }
}
