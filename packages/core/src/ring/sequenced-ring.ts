import type { Sequence, SequenceCell } from '@disruptorx/contracts'
import type { ParkingLot } from '../parking/parking-lot.ts'
import { Consumer, type ConsumerHandle } from '../sequencer/consumer.ts'
import { joinRing } from '../sequencer/join.ts'
import { RING_CLOSED, RING_HALTED } from '../sequencer/sequencer-descriptor.ts'
import type { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import { type RingStats, readStats } from '../sequencer/stats.ts'
import type { EventReader, EventRing } from './event-ring.ts'

/** What all rings of events have in common, whatever their slots are made of: `ObjectRing`, `StructRing`. */
export abstract class SequencedRing<E> implements EventRing<E> {
  readonly capacity: number
  readonly parkingLot: ParkingLot
  /** One producer: the highest sequence published. Several: the highest claimed. `-1` before the first. For reading. */
  readonly cursor: SequenceCell
  private readonly sequencer: SequencerMemory

  constructor(sequencer: SequencerMemory) {
    this.capacity = sequencer.shape.capacity
    this.parkingLot = sequencer.parkingLot
    this.cursor = sequencer.cursor
    this.sequencer = sequencer
  }

  /** Reads slots: through a flyweight of its own, where events are flyweights. */
  abstract reader(): EventReader<E>

  /**
   * Adds a consumer that starts after the cursor, or, with `after`, sees each event only when all of those have released it.
   *
   * @throws {TableFullError} there are `maxConsumers` already
   * @throws {OptionError} one of `after` is not a consumer of this ring
   */
  addConsumer(options: { readonly after?: readonly Consumer[] } = {}): Consumer {
    return new Consumer(this.sequencer, joinRing(this.sequencer, options.after ?? []))
  }

  /** A consumer that was added before, by its handle: from now on for this thread. */
  attachConsumer(handle: ConsumerHandle): Consumer {
    return new Consumer(this.sequencer, handle)
  }

  /** How many slots the slowest consumer leaves free; the capacity when there is no consumer. A snapshot. */
  remainingCapacity(): number {
    return Math.min(this.capacity, this.sequencer.remainingCapacity(this.cursor.get()))
  }

  /** Whether an event is published and its slot not yet written anew. A snapshot. */
  isPublished(sequence: Sequence): boolean {
    return this.sequencer.holds(sequence)
  }

  /** The highest sequence that all consumers have released: how far producers are held back; the cursor when there is no consumer. A snapshot. */
  minimumGatingSequence(): Sequence {
    return this.sequencer.lowestReleased()
  }

  /** The figures of this moment: how far everyone is, and what was counted. For any thread. */
  stats(): RingStats {
    return readStats(this.sequencer)
  }

  /** Whether the ring takes no more events. */
  get stopped(): boolean {
    return this.sequencer.stopped
  }

  /** Takes no more events from publishers, on any thread; consumers read on. They, and producers that wait, get a {@link ClosedError}. */
  close(): void {
    this.sequencer.stop(RING_CLOSED)
  }

  /** As {@link close}, but because something failed: publishers get a {@link RingHaltedError}. */
  halt(): void {
    this.sequencer.stop(RING_HALTED)
  }

  /** Takes events again, after {@link close} or {@link halt}. */
  reopen(): void {
    this.sequencer.reopen()
  }
}
