import type { Sequence } from '@disruptorx/contracts'
import type { EventReader } from '../ring/event-ring.ts'
import type { NextAsyncOptions, NextOptions, Producer } from './producer.ts'
import { nextAsync, type RoomWaiter } from './room-waiter.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/** What the writing sides for one thread and for several have in common: everything beside claiming and publishing themselves. */
export abstract class ClaimingProducer<W> implements Producer<W> {
  protected readonly ring: SequencerMemory
  protected readonly events: EventReader<W>
  /** Waits for room. */
  protected abstract readonly waiter: RoomWaiter

  constructor(ring: SequencerMemory, events: EventReader<W>) {
    this.ring = ring
    this.events = events
  }

  /** Fills what was claimed last, and publishes it. */
  protected abstract fill(highest: Sequence, count: number, write: (event: W, sequence: Sequence, index: number) => void): boolean

  abstract tryNext(count?: number): Sequence
  abstract publish(lo: Sequence, hi?: Sequence): void
  abstract remainingCapacity(): number
  abstract hasAvailableCapacity(count: number): boolean
  abstract close(): void

  next(count = 1, options: NextOptions = {}): Sequence {
    const highest = this.tryNext(count)
    return highest >= 0 ? highest : this.waiter.next(this, count, options)
  }

  nextAsync(count = 1, options: NextAsyncOptions = {}): Promise<Sequence> {
    return nextAsync(this.ring, this, count, options)
  }

  at(sequence: Sequence): W {
    return this.events.at(sequence)
  }

  tryPublishEvent(write: (event: W, sequence: Sequence) => void): boolean {
    return this.fill(this.tryNext(1), 1, write)
  }

  publishEvent(write: (event: W, sequence: Sequence) => void, options?: NextOptions): void {
    this.fill(this.next(1, options), 1, write)
  }

  tryPublishEvents(count: number, write: (event: W, sequence: Sequence, index: number) => void): boolean {
    return this.fill(this.tryNext(count), count, write)
  }

  publishEvents(count: number, write: (event: W, sequence: Sequence, index: number) => void, options?: NextOptions): void {
    this.fill(this.next(count, options), count, write)
  }
}
