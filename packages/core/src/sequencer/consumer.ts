import { ClosedError, type Sequence } from '@disruptorx/contracts'
import { ConsumerInUseError, SequenceRangeError } from '../errors.ts'
import { rebuild } from '../memory/cells.ts'
import { currentThread } from '../platform/current-thread.ts'
import { isDue, skipDead } from './intents.ts'
import { dependentsOf, disownConsumer, freeConsumer, ownConsumer } from './join.ts'
import { ANNOUNCED, CONSUMER_BEHIND, CURSOR, DEATHS } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'
import { type HeldBy, knowHolders } from './shared-consumers.ts'

/** Where a consumer stands that has left its ring: after every sequence, and still a small integer to V8 while sequences are such. */
const BEYOND = 2 ** 31 - 1

/** A {@link Consumer} as it crosses a thread, together with its ring's handle. */
export interface ConsumerHandle {
  /** Its place in the ring's table. */
  readonly index: number
  /** The places of the consumers that it comes after. */
  readonly after: readonly number[]
  /** Whether several threads move it, one at a time, so that it belongs to none of them. */
  readonly shared?: boolean
}

/**
 * The reading side of a ring, for one thread. Producers never overwrite what it has not released.
 *
 * ```
 * const last = consumer.available()
 * for (let sequence = consumer.next; sequence <= last; sequence++) use(ring.get(sequence))
 * consumer.advance(last)
 * ```
 */
export class Consumer {
  private readonly ring: SequencerMemory
  private readonly words: Int32Array
  private readonly place: ConsumerHandle
  private readonly cell: number
  /** The cells of the consumers that it comes after. */
  private readonly upstream: readonly number[]
  /** Whether one load of the cursor says what is readable: no consumer to come after, and no producers beside each other. */
  private readonly direct: boolean
  /** The highest sequence released. */
  private passed: Sequence
  /** The highest sequence known to be readable. */
  private seen: Sequence
  /** How many deaths the ring had counted when nothing was left to be done about them. */
  private metDeaths = 0
  /** How many skips the ring had announced when this consumer had met all of them. */
  private metSkips = 0
  /** How many skips the ring had announced at the last look, and a sequence that none of them is beyond. */
  private knownSkips = 0
  private lastSkip: Sequence = 0
  private skippedCount = 0
  /** How many slots up to {@link passed} were not settled when it joined: not for it, and not released before they are. */
  private behind: number
  private closed = false

  /** For rings: `handle` names a place of the table that is live. */
  constructor(ring: SequencerMemory, handle: ConsumerHandle) {
    this.ring = ring
    this.words = ring.words
    this.place = handle
    this.cell = ring.consumerLine(handle.index)
    this.upstream = handle.after.map(index => ring.consumerLine(index))
    this.direct = handle.after.length === 0 && !ring.shape.multi
    this.behind = Atomics.load(ring.words, this.cell + CONSUMER_BEHIND)
    this.passed = this.seen = this.released() + this.behind
    if (!handle.shared) ownConsumer(ring, handle.index, currentThread())
  }

  /** How this consumer crosses a thread. From then on it belongs to the thread that attaches it. */
  get handle(): ConsumerHandle {
    disownConsumer(this.ring, this.place.index, currentThread())
    return this.place
  }

  /**
   * From now on several threads move it, one at a time, each calling {@link catchUp} before it does anything else: so it belongs to no thread,
   * and the end of one takes nothing out of the ring. How it crosses a thread. For work pools.
   */
  share(): ConsumerHandle {
    return { ...this.handle, shared: true }
  }

  /** Says who holds it back, where several threads move it: so that one that waits for room is told when it waits for itself. */
  knowHolders(heldBy: HeldBy): void {
    knowHolders(this.ring, this.place.index, heldBy)
  }

  /** Learns how far other threads have moved a shared one. */
  catchUp(): void {
    this.behind = Atomics.load(this.words, this.cell + CONSUMER_BEHIND)
    const passed = this.released() + this.behind
    if (passed > this.passed) this.passed = passed
    if (passed > this.seen) this.seen = passed
  }

  /** Its place in the ring's table. */
  get index(): number {
    return this.place.index
  }

  /** Whether it is a consumer of this very memory, and not closed. */
  isOf(ring: SequencerMemory): boolean {
    return this.ring.memory === ring.memory && !this.closed
  }

  /** The sequence to read next. After {@link available} it is never a slot that a dead producer left. */
  get next(): Sequence {
    return this.passed + 1
  }

  /** How many slots it passed because the producer that had claimed them died before it published them. */
  get skipped(): number {
    return this.skippedCount
  }

  // Hot: once per batch.
  /** The highest sequence that may be read now; one less than {@link next} when there is none. What lies between is whole: no slot of it was skipped. */
  available(): Sequence {
    if (this.direct) {
      const seen = this.seen
      this.seen = seen + ((Atomics.load(this.words, CURSOR) - seen) | 0)
    } else this.look()
    return this.seen
  }

  // Hot: once per batch.
  /**
   * Releases everything up to and including `sequence`, and wakes whoever sleeps.
   *
   * @throws {SequenceRangeError} that is before what was released, or beyond what {@link available} last returned
   * @throws {ClosedError} this consumer has left the ring
   */
  advance(sequence: Sequence): void {
    if (!(sequence >= this.passed && sequence <= this.seen)) this.refuse(sequence)
    if (sequence === this.passed) return
    this.passed = sequence
    Atomics.store(this.words, this.cell, sequence | 0)
    this.ring.parkingLot.unparkAll()
  }

  /** The highest sequence released, as the ring's memory has it: also where another thread uses this consumer. */
  released(): Sequence {
    return rebuild(this.ring.cursor.get(), Atomics.load(this.words, this.cell))
  }

  /**
   * Leaves the ring: producers no longer wait for it. Safe to call twice; not to be used afterwards.
   *
   * @throws {ConsumerInUseError} other consumers come after it
   */
  close(): void {
    if (this.closed) return
    const { index } = this.place
    if (!freeConsumer(this.ring, index)) throw new ConsumerInUseError(index, dependentsOf(this.ring, index))
    this.closed = true
    // The place may be another consumer's soon: from now on `advance` refuses every sequence, without a check of its own.
    this.passed = this.seen < BEYOND ? BEYOND : Number.MAX_SAFE_INTEGER
    this.ring.parkingLot.unparkAll()
  }

  private refuse(sequence: Sequence): never {
    if (this.closed) throw new ClosedError('the consumer')
    throw new SequenceRangeError('releasing', sequence, this.passed, this.seen)
  }

  private look(): void {
    if (!this.ring.shape.multi) {
      this.seen = Math.max(this.seen, this.lowestUpstream())
      return
    }
    if (this.behind > 0 && !this.settleOlder()) return
    let before: Sequence
    do {
      before = this.passed
      if (this.upstream.length > 0) this.seen = Math.max(this.seen, this.lowestUpstream())
      else {
        this.seen += this.countPublished()
        if (this.seen === this.passed && Atomics.load(this.words, DEATHS) !== this.metDeaths) this.lookForDead(this.next)
      }
      if (Atomics.load(this.words, ANNOUNCED) !== this.metSkips) this.passSkipped()
      // Behind what was skipped there may be more of it.
    } while (this.passed !== before && this.seen === this.passed)
  }

  private lookForDead(next: Sequence): void {
    const deaths = Atomics.load(this.words, DEATHS)
    if (skipDead(this.ring, next)) this.metDeaths = deaths
  }

  /** Releases what was being written when it joined, as far as that is settled now. Whether this was all. */
  private settleOlder(): boolean {
    const { ring, words } = this
    let next = this.passed - this.behind + 1
    if (Atomics.load(words, DEATHS) !== this.metDeaths) this.lookForDead(next)
    // On this lap or a later one: a producer that found room before this consumer was there may have gone on to write over what is not for it.
    while (next <= this.passed && !isDue(ring, next | 0)) next++
    const left = this.passed - next + 1
    if (left < this.behind) {
      this.behind = left
      Atomics.store(words, this.cell + CONSUMER_BEHIND, left)
      Atomics.store(words, this.cell, (next - 1) | 0)
      ring.parkingLot.unparkAll()
    }
    return left === 0
  }

  private lowestUpstream(): Sequence {
    let lowest = Infinity
    for (const cell of this.upstream) {
      const released = rebuild(this.seen, Atomics.load(this.words, cell))
      if (released < lowest) lowest = released
    }
    return lowest
  }

  // Hot: benchmark `ring/mpsc2`. One atomic load for each burst that was published together: it is a call, of 4 ns.
  /** How many slots after the last one seen are published without a gap. It ends at the latest after one lap, where the lap differs. */
  private countPublished(): number {
    const { words, mask, lapMask, at } = this.ring
    const first = (this.seen + 1) | 0
    for (let low = first; ; ) {
      const word = Atomics.load(words, at.availability + (low & mask))
      if ((word & ~mask) !== (low & lapMask)) return (low - first) | 0
      low = (low + (word & mask) + 1) | 0
    }
  }

  /** Releases skipped slots that come next, and ends what is readable before the first that comes later. Until all are met. */
  private passSkipped(): void {
    const skips = Atomics.load(this.words, ANNOUNCED)
    if (skips !== this.knownSkips) {
      this.knownSkips = skips
      this.lastSkip = this.ring.cursor.get()
    }
    const direct = this.upstream.length === 0
    let next = this.passed + 1
    for (; (direct || next <= this.seen) && this.ring.isSkipped(next | 0); next++) this.skippedCount++
    if (next > this.passed + 1) this.pass(next - 1)
    if (direct) this.seen += this.countPublished()
    for (let sequence = next; sequence <= this.seen; sequence++) if (this.ring.isSkipped(sequence | 0)) this.seen = sequence - 1
    if (this.passed >= this.lastSkip) this.metSkips = this.knownSkips
  }

  private pass(sequence: Sequence): void {
    this.seen = Math.max(this.seen, sequence)
    this.advance(sequence)
  }
}
