import { ClosedError, type Sequence } from '@disruptorx/contracts'
import { SequenceRangeError } from '../errors.ts'
import { NONE, outOfLine } from '../memory/out-of-line.ts'
import { loadAfterStore } from '../platform/load-after-store.ts'
import type { EventReader } from '../ring/event-ring.ts'
import { ClaimingProducer } from './claiming-producer.ts'
import { Intent } from './intents.ts'
import { type NextOptions, refuseCount } from './producer.ts'
import { RoomWaiter } from './room-waiter.ts'
import { ANNOUNCED, CURSOR, DEATHS, RING_HALTED, RING_OPEN, SKIP, SKIPPED, STATUS } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/** Slots that were claimed together, and how many of them are not published. */
interface Claim {
  readonly lo: Sequence
  readonly hi: Sequence
  readonly left: number
}

const NO_CLAIMS: readonly Claim[] = []

/**
 * Claims slots for one of several producing threads of a ring.
 *
 * Algorithm: LMAX MultiProducerSequencer. The cursor says what is claimed, the availability words what is published; a slot is claimed
 * only when there is room for it, so a producer that finds the ring full leaves no trace. Before each claim it writes down its {@link Intent}.
 */
export class MultiProducer<W> extends ClaimingProducer<W> {
  protected readonly waiter: RoomWaiter
  private readonly words: Int32Array
  private readonly capacity: number
  private readonly intent: Intent
  /** The highest sequence that may be claimed, as far as is known: consumers may have released more meanwhile. */
  private limit: Sequence
  /** Slots claimed and not published, and what they lie between: what the intent has to cover. */
  private outstanding = 0
  private oldest: Sequence = 0
  private newest: Sequence
  /** Claims that are not published, where there are several at a time. */
  private several: readonly Claim[] = NO_CLAIMS
  /** The count of the claim that needs room: what goes out of line takes no arguments. */
  private wanted = 0
  private closed = false

  /** @throws {TableFullError} */
  constructor(ring: SequencerMemory, events: EventReader<W>) {
    super(ring, events)
    this.words = ring.words
    this.capacity = ring.shape.capacity
    this.intent = new Intent(ring)
    this.newest = ring.cursor.get()
    this.limit = ring.lowestReleased() + this.capacity
    this.waiter = new RoomWaiter(ring, () => ring.cursor.get())
  }

  // Hot: benchmark `ring/mpsc2`. Another producer's claim between reading the cursor and moving it means one more round.
  tryNext(count = 1): Sequence {
    if ((count | 0) !== count || count < 1 || Atomics.load(this.words, STATUS) !== RING_OPEN) this.refuseToClaim(count)
    for (;;) {
      const cursor = this.ring.cursor.get()
      const highest = cursor + count
      if (highest > this.limit) {
        this.wanted = count
        if (!outOfLine(this.makeRoom, this, NONE)) return -1
        if (highest > this.limit) continue
      }
      if (this.outstanding === 0) this.oldest = cursor + 1
      this.intent.write(this.oldest | 0, (highest + 1) | 0)
      if (Atomics.compareExchange(this.words, CURSOR, cursor | 0, highest | 0) !== (cursor | 0)) continue
      this.ring.cursor.raiseEpoch(highest)
      if (this.outstanding > 0) this.noteAnother(cursor + 1, highest)
      this.outstanding += count
      this.newest = highest
      return highest
    }
  }

  // Hot: benchmark `ring/mpsc2`.
  /**
   * The lowest slot's word is stored last, and atomically, with the number of those that come with it: a consumer looks at no other word of the
   * burst. So the plain stores before it are ordered for every consumer, and a burst costs one atomic store, and one atomic load.
   */
  publish(lo: Sequence, hi: Sequence = lo): void {
    if (!(lo >= this.oldest && hi >= lo && hi <= this.newest && hi - lo < this.outstanding)) this.refuseToPublish(lo, hi)
    const ring = this.ring
    const low = lo | 0
    for (let ahead = hi - lo; ahead > 0; ahead--) {
      const position = (low + ahead) | 0
      this.words[ring.availabilityOf(position)] = ring.lapOf(position)
    }
    Atomics.store(this.words, ring.availabilityOf(low), ring.lapOf(low) | (hi - lo))
    this.settle(lo, hi)
    // Before the look: what is published is there, and handlers deal with it until the last of them has ended.
    ring.parkingLot.unparkAll()
    if (loadAfterStore(this.words, STATUS) === RING_HALTED) outOfLine(ring.refuseEvents, ring, NONE)
  }

  /** Blocks until there is room for `count` at least for a moment, or `endNs` comes. For publishers. @throws as {@link next} */
  waitForRoom(count: number, options: NextOptions, endNs: number): void {
    this.waiter.wait(count, options, endNs)
  }

  remainingCapacity(): number {
    return this.ring.remainingCapacity(this.ring.cursor.get())
  }

  hasAvailableCapacity(count: number): boolean {
    return this.remainingCapacity() >= count
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.limit = -1
    this.waiter.close()
    this.intent.close(this.outstanding > 0)
    this.outstanding = 0
    this.ring.parkingLot.unparkAll()
  }

  /** Fills what was claimed last. A write that throws leaves slots that consumers will skip: others may have claimed beyond them. */
  protected fill(highest: Sequence, count: number, write: (event: W, sequence: Sequence, index: number) => void): boolean {
    if (highest < 0) return false
    const lowest = highest - count + 1
    try {
      for (let index = 0; index < count; index++) write(this.events.at(lowest + index), lowest + index, index)
    } catch (error) {
      if (!this.closed) this.skip(lowest, highest)
      throw error
    }
    this.publish(lowest, highest)
    return true
  }

  private skip(lo: Sequence, hi: Sequence): void {
    const ring = this.ring
    Atomics.add(this.words, ANNOUNCED, 1)
    Atomics.add(this.words, SKIPPED, hi - lo + 1)
    for (let sequence = hi; sequence >= lo; sequence--)
      Atomics.store(this.words, ring.availabilityOf(sequence | 0), ring.lapOf(sequence | 0) | SKIP)
    this.settle(lo, hi)
    ring.parkingLot.unparkAll()
  }

  /** Notes that these slots are dealt with. */
  private settle(lo: Sequence, hi: Sequence): void {
    this.outstanding -= hi - lo + 1
    if (lo === this.oldest) this.oldest = hi + 1
    if (this.several !== NO_CLAIMS) this.settleOneOf(lo, hi)
  }

  private noteAnother(lo: Sequence, hi: Sequence): void {
    const before = this.several === NO_CLAIMS ? [{ lo: this.oldest, hi: this.newest, left: this.outstanding }] : this.several
    this.several = [...before, { lo, hi, left: hi - lo + 1 }]
  }

  /** With several claims the intent covers what others claimed in between: no longer than until the first or the last is published. */
  private settleOneOf(lo: Sequence, hi: Sequence): void {
    const left = this.several
      .map(claim => ({ ...claim, left: claim.left - Math.max(0, Math.min(hi, claim.hi) - Math.max(lo, claim.lo) + 1) }))
      .filter(claim => claim.left > 0)
    this.several = left.length === 0 ? NO_CLAIMS : left
    this.oldest = Math.max(this.oldest, left[0]?.lo ?? 0)
    this.newest = left.at(-1)?.hi ?? this.newest
    this.narrowIntent()
  }

  private narrowIntent(): void {
    const end = this.newest + 1
    this.intent.narrow((this.outstanding === 0 ? end : this.oldest) | 0, end | 0)
  }

  private makeRoom(): boolean {
    const count = this.wanted
    if (this.closed) throw new ClosedError('the producer')
    if (count > this.capacity) refuseCount(count, this.capacity)
    this.limit = this.ring.lowestReleased() + this.capacity
    if (this.ring.cursor.get() + count <= this.limit) return true
    // A try that somebody else was faster than has left an intent, and there may be no other try for long.
    this.narrowIntent()
    if (Atomics.load(this.words, DEATHS) !== 0) this.ring.parkingLot.unparkAll()
    return false
  }

  private refuseToClaim(count: number): void {
    if (this.closed) throw new ClosedError('the producer')
    if ((count | 0) !== count || count < 1) refuseCount(count, this.capacity)
    this.ring.checkOpen()
  }

  private refuseToPublish(lo: Sequence, hi: Sequence): never {
    if (this.closed) throw new ClosedError('the producer')
    throw new SequenceRangeError('publishing', lo >= this.oldest ? hi : lo, this.oldest, this.oldest + this.outstanding - 1)
  }
}
