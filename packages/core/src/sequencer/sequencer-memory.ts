import { ClosedError, type Sequence } from '@disruptorx/contracts'
import { RingHaltedError } from '../errors.ts'
import { compact, LINE_WORDS, rebuild } from '../memory/cells.ts'
import type { ParkingLot } from '../parking/parking-lot.ts'
import { SharedSequence } from '../sequences/shared-sequence.ts'
import { oldestClaim } from './intents.ts'
import {
  CONSUMER_LIVE,
  CURSOR_BYTE,
  OPENED,
  RING_CLOSED,
  RING_HALTED,
  RING_OPEN,
  type RingOffsets,
  type RingShape,
  ringOffsets,
  SKIP,
  STATUS,
} from './sequencer-descriptor.ts'

/** What producers, consumers and publishers of one ring on one thread share: its cells, and who of them is here. */
export class SequencerMemory {
  readonly memory: SharedArrayBuffer
  readonly words: Int32Array
  readonly shape: RingShape
  readonly at: RingOffsets
  readonly mask: number
  /** The bits of a sequence that are its lap. */
  readonly lapMask: number
  readonly cursor: SharedSequence
  readonly parkingLot: ParkingLot

  constructor(memory: SharedArrayBuffer, shape: RingShape, parkingLot: ParkingLot, initialSequence?: Sequence) {
    this.memory = memory
    this.words = new Int32Array(memory)
    this.shape = shape
    this.at = ringOffsets(shape)
    this.mask = shape.capacity - 1
    this.lapMask = ~this.mask & 0x7fff_ffff
    this.parkingLot = parkingLot
    this.cursor =
      initialSequence === undefined ? new SharedSequence(memory, CURSOR_BYTE) : new SharedSequence(memory, CURSOR_BYTE, initialSequence - 1)
  }

  /** What the availability word of a slot holds, apart from its count, once the sequence with these low 32 bits is published. */
  lapOf(low: number): number {
    return low & this.lapMask
  }

  /** Whether the slot of a sequence, from its low 32 bits, is published. */
  isPublished(low: number): boolean {
    return (Atomics.load(this.words, this.availabilityOf(low)) & ~this.mask) === this.lapOf(low)
  }

  /** Whether a sequence is published and its slot not yet written anew. */
  holds(sequence: Sequence): boolean {
    const cursor = this.cursor.get()
    if (!(sequence >= 0 && sequence <= cursor && cursor - sequence < this.shape.capacity)) return false
    return !this.shape.multi || this.isPublished(sequence | 0)
  }

  /** Whether nobody will ever publish the slot of a sequence. */
  isSkipped(low: number): boolean {
    return Atomics.load(this.words, this.availabilityOf(low)) === (this.lapOf(low) | SKIP)
  }

  /** The availability word of a sequence, from its low 32 bits. */
  availabilityOf(low: number): number {
    return this.at.availability + (low & this.mask)
  }

  /** Byte offset of a slot. */
  offsetOf(sequence: Sequence): number {
    return this.at.slotsByte + (sequence & this.mask) * this.shape.slotBytes
  }

  /** The line of a consumer, in words: its first cell is its sequence. */
  consumerLine(consumer: number): number {
    return this.at.consumers + consumer * LINE_WORDS
  }

  /** The line of a producer, in words. */
  producerLine(producer: number): number {
    return this.at.producers + producer * LINE_WORDS
  }

  /**
   * The highest sequence that all live consumers have released; when there are none, the cursor, or the last sequence before which nobody is still
   * writing a slot.
   *
   * The cursor is read before the statuses. A consumer that joins makes its status live before it reads the cursor, from which it starts:
   * so if it is not seen here, it starts at this cursor or later, and no gate ever lies beyond a consumer's start.
   */
  lowestReleased(): Sequence {
    const words = this.words
    const cursor = this.cursor.get()
    let lowest = Number.MAX_SAFE_INTEGER
    const opened = Atomics.load(words, OPENED)
    for (let consumer = 0; consumer < opened; consumer++) {
      if (Atomics.load(words, this.at.statuses + consumer) < CONSUMER_LIVE) continue
      const released = rebuild(cursor, Atomics.load(words, this.consumerLine(consumer)))
      if (released < lowest) lowest = released
    }
    if (lowest !== Number.MAX_SAFE_INTEGER) return compact(Math.min(lowest, cursor))
    return this.shape.multi ? oldestClaim(this, cursor) - 1 : cursor
  }

  /** How many slots can be claimed now, as far as the consumers go. */
  remainingCapacity(claimed: Sequence): number {
    return this.shape.capacity - (claimed - this.lowestReleased())
  }

  /** Whether events are taken no more. */
  get stopped(): boolean {
    return Atomics.load(this.words, STATUS) !== RING_OPEN
  }

  /** By a plain load, as an atomic one is a call: who publishes looks again behind its store. @throws {ClosedError | RingHaltedError} when events are taken no more */
  checkOpen(): void {
    if (this.words[STATUS] !== RING_OPEN) this.refuseEvents()
  }

  /** @throws {ClosedError | RingHaltedError} */
  refuseEvents(): never {
    throw Atomics.load(this.words, STATUS) === RING_HALTED ? new RingHaltedError() : new ClosedError('the ring')
  }

  /** Ends the taking of events, for good. A halted ring stays halted. */
  stop(status: typeof RING_CLOSED | typeof RING_HALTED): void {
    if (status === RING_HALTED) Atomics.store(this.words, STATUS, RING_HALTED)
    else Atomics.compareExchange(this.words, STATUS, RING_OPEN, RING_CLOSED)
    this.parkingLot.unparkAll()
  }

  /** Lets a ring that was stopped take events again. */
  reopen(): void {
    Atomics.store(this.words, STATUS, RING_OPEN)
  }
}
