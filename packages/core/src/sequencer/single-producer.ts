import { ClosedError, type Sequence } from '@disruptorx/contracts'
import { SequenceRangeError } from '../errors.ts'
import { NONE, outOfLine } from '../memory/out-of-line.ts'
import { loadAfterStore } from '../platform/load-after-store.ts'
import type { EventReader } from '../ring/event-ring.ts'
import type { SharedSequence } from '../sequences/shared-sequence.ts'
import { ClaimingProducer } from './claiming-producer.ts'
import { type NextOptions, refuseCount } from './producer.ts'
import { endOf, RoomWaiter } from './room-waiter.ts'
import { PRODUCER_THREAD, RING_HALTED, RING_OPEN, STATUS } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/**
 * Claims slots for the only producing thread of a ring.
 *
 * Algorithm: LMAX SingleProducerSequencer, with the consumers' progress kept in a local until it no longer suffices.
 */
export class SingleProducer<W> extends ClaimingProducer<W> {
  protected readonly waiter: RoomWaiter
  private readonly words: Int32Array
  private readonly cursor: SharedSequence
  private readonly sleepers: Int32Array
  private readonly capacity: number
  /** The highest sequence claimed. Local: only this thread claims. */
  private claimed: Sequence
  /** The highest sequence published. */
  private published: Sequence
  /** The highest sequence that may be claimed, as far as is known: consumers may have released more meanwhile. */
  private limit: Sequence
  /** The count of the claim that needs room: what goes out of line takes no arguments. */
  private wanted = 0
  private closed = false

  constructor(ring: SequencerMemory, events: EventReader<W>) {
    super(ring, events)
    this.words = ring.words
    this.cursor = ring.cursor
    this.sleepers = ring.parkingLot.sleepers
    this.capacity = ring.shape.capacity
    this.claimed = this.published = ring.cursor.get()
    this.limit = ring.lowestReleased() + this.capacity
    this.waiter = new RoomWaiter(ring, () => this.claimed)
  }

  // Hot: benchmark `ring/spsc.batch32`. What is rare is out of line, which leaves room for the caller's own code in its loop.
  tryNext(count = 1): Sequence {
    const highest = this.claimed + count
    // The status by a plain load: an atomic one is a call, and seeing it late puts a refusal off to the next look for room.
    if ((count | 0) !== count || count < 1 || highest > this.limit || this.words[STATUS] !== RING_OPEN) {
      this.wanted = count
      if (!outOfLine(this.makeRoom, this, NONE)) return -1
    }
    this.claimed = highest
    return highest
  }

  // Hot: benchmark `ring/spsc.publishEach`. One store, and two loads while nobody sleeps and the ring goes on.
  publish(lo: Sequence, hi: Sequence = lo): void {
    if (lo !== this.published + 1 || !(hi >= lo && hi <= this.claimed)) this.refuseToPublish(lo, hi)
    this.publishTo(hi)
  }

  /** Publishes everything up to `hi`, which is claimed and not published. For publishers, whose own count is the check. */
  publishTo(hi: Sequence): void {
    this.published = hi
    this.cursor.set(hi)
    if (loadAfterStore(this.words, STATUS) === RING_HALTED || loadAfterStore(this.sleepers, 0) !== 0)
      outOfLine(this.afterPublish, this, NONE)
  }

  /** Claims as many slots as there is room for, up to `most`; -1 when there is none. For publishers. @throws {ClosedError} this side was given back */
  tryNextUpTo(most: number): Sequence {
    if (this.closed) throw new ClosedError('the producer')
    if (this.claimed + most > this.limit) this.limit = this.ring.lowestReleased() + this.capacity
    const count = Math.min(most, this.limit - this.claimed) | 0
    if (count === 0) return -1
    this.claimed += count
    return this.claimed
  }

  /** Blocks until there is room for one. For publishers. @throws as {@link next} */
  waitForRoom(options: NextOptions): void {
    this.waiter.wait(1, options, endOf(options.timeoutMs))
  }

  /** Takes back every claim after `kept`, the last that is needed: nobody else has seen them. For publishers. */
  giveBack(kept: Sequence): void {
    this.claimed = kept
  }

  remainingCapacity(): number {
    const limit = this.ring.lowestReleased() + this.capacity
    // The limit of a closed side lets nothing through.
    if (!this.closed) this.limit = limit
    return limit - this.claimed
  }

  hasAvailableCapacity(count: number): boolean {
    return this.claimed + count <= this.limit || this.remainingCapacity() >= count
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.claimed = this.published
    this.limit = -1
    this.waiter.close()
    Atomics.store(this.words, PRODUCER_THREAD, 0)
  }

  /** Fills what was claimed last and publishes it. An error before it is published gives it back: nobody else has seen it. */
  protected fill(highest: Sequence, count: number, write: (event: W, sequence: Sequence, index: number) => void): boolean {
    if (highest < 0) return false
    const lowest = highest - count + 1
    try {
      for (let index = 0; index < count; index++) write(this.events.at(lowest + index), lowest + index, index)
      this.publish(lowest, highest)
    } catch (error) {
      if (this.claimed === highest && this.published < lowest) this.claimed = lowest - 1
      throw error
    }
    return true
  }

  /** The handlers have ended, or somebody sleeps. */
  private afterPublish(): void {
    this.ring.parkingLot.unparkAll()
    if (Atomics.load(this.words, STATUS) === RING_HALTED) this.ring.refuseEvents()
  }

  private makeRoom(): boolean {
    const count = this.wanted
    if (this.closed) throw new ClosedError('the producer')
    if ((count | 0) !== count || count < 1 || count > this.capacity) refuseCount(count, this.capacity)
    this.ring.checkOpen()
    return this.remainingCapacity() >= count
  }

  private refuseToPublish(lo: Sequence, hi: Sequence): never {
    if (this.closed) throw new ClosedError('the producer')
    const due = this.published + 1
    if (lo !== due) throw new SequenceRangeError('publishing from', lo, due, due)
    throw new SequenceRangeError('publishing to', hi, lo, this.claimed)
  }
}
