import type { ParkingLot } from '../parking/parking-lot.ts'
import { ByteProducer } from './byte-producer.ts'
import { CURSOR, KIND_PADDING, KIND_RECORD, RECORD_ALIGNMENT, RECORD_HEADER_BYTES, RELEASED, UNIT_SHIFT } from './byte-ring-descriptor.ts'
import { type ByteRingMemory, settleEpoch } from './byte-ring-memory.ts'
import { refuseLength } from './records.ts'
import { RING_OPEN, STATUS } from './ring-status.ts'

/** So many claims may be outstanding before the list of them has to grow. */
const FIRST_OUTSTANDING = 64

/**
 * One of several writing sides of a byte ring.
 *
 * A claim is a range of the ring, taken by compare-and-swap on the cursor; a flag for each record says what is published. So a producer that is
 * slow to write holds up those records only that were claimed after its own; what it leaves behind when it dies, {@link ProducerTable} tells.
 *
 * Positions wrap after 2^32 bytes. A thread would have to stand still between two instructions of a claim while exactly that much, or a multiple, is
 * claimed by others, for its swap to succeed on what it read before.
 *
 * Algorithm: LMAX MultiProducerSequencer (cursor and availability) over the records of Agrona ManyToOneRingBuffer.
 */
export class ManyByteProducer extends ByteProducer {
  readonly #ring: ByteRingMemory
  readonly #words: Int32Array
  readonly #flags: Int8Array
  readonly #mask: number
  readonly #capacity: number
  readonly #most: number
  readonly #dataByte: number
  readonly #parkingLot: ParkingLot
  /** The line in the table of producers. */
  readonly #line: number
  /** The positions of what is claimed and not published, padding and records, lowest first. */
  #outstanding = new Int32Array(FIRST_OUTSTANDING)
  #count = 0
  /** How many were ever claimed, modulo 2^32. */
  #claimed = 0

  constructor(ring: ByteRingMemory, line: number) {
    super(ring)
    this.#ring = ring
    this.#line = line
    this.#words = ring.words
    this.#flags = new Int8Array(ring.memory, ring.at.flagsByte, ring.shape.capacityBytes >> UNIT_SHIFT)
    this.#capacity = ring.shape.capacityBytes
    this.#mask = this.#capacity - 1
    this.#most = ring.maxRecordBytes
    this.#dataByte = ring.at.dataByte
    this.#parkingLot = ring.status.parkingLot
  }

  // Hot. No allocation. Another producer's claim between reading the cursor and moving it means one more round.
  tryClaim(length: number): number {
    if (length >>> 0 !== length || length > this.#most) refuseLength(length, this.#most)
    if (this.#words[STATUS] !== RING_OPEN) this.#ring.status.checkOpen()
    const size = (length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
    let cursor = Atomics.load(this.#words, CURSOR)
    for (;;) {
      const toEnd = this.#capacity - (cursor & this.#mask)
      const padding = size > toEnd ? toEnd : 0
      const end = (cursor + padding + size) | 0
      // Read after the cursor, and anew for each claim: of an older one, an idle producer could not tell how often positions have wrapped since.
      if (((end - Atomics.load(this.#words, RELEASED)) | 0) > this.#capacity) return this.#full()
      if (this.#count === 0) this.#ring.producers.intend(this.#line, cursor)
      const found = Atomics.compareExchange(this.#words, CURSOR, cursor, end)
      if (found === cursor) {
        if ((cursor ^ end) < 0) settleEpoch(this.#ring.cursor)
        if (padding > 0) this.#write(cursor, padding - RECORD_HEADER_BYTES, KIND_PADDING)
        return this.#write((cursor + padding) | 0, length, KIND_RECORD)
      }
      cursor = found
    }
  }

  get claimed(): number {
    return this.#claimed
  }

  // Hot.
  /**
   * The lowest flag is set last, and atomically: the consumer passes that record before it looks at the others, so the plain stores before it
   * are ordered for it, and a burst costs one atomic store, not one for each record.
   */
  publish(upTo: number = this.#claimed): void {
    const keep = Math.max(0, (this.#claimed - upTo) | 0)
    const count = this.#count - keep
    if (count <= 0) return
    for (let index = count - 1; index > 0; index--) this.#flags[this.#unit(index)] = 1
    Atomics.store(this.#flags, this.#unit(0), 1)
    this.#outstanding.copyWithin(0, count, this.#count)
    this.#count = keep
    if (keep > 0) this.#ring.producers.intend(this.#line, this.#outstanding[0] as number)
    else this.#ring.producers.clearIntent(this.#line)
    this.#parkingLot.unparkAll()
  }

  abort(): void {
    for (let index = 0; index < this.#count; index++) {
      const start = (this.#outstanding[index] as number) & this.#mask
      this.#words[((this.#dataByte + start) >> 2) + 1] = KIND_PADDING
    }
    this.publish()
  }

  hasRoom(length: number): boolean {
    if (length >>> 0 !== length || length > this.#most) refuseLength(length, this.#most)
    this.#ring.status.checkOpen()
    const size = (length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
    const cursor = Atomics.load(this.#words, CURSOR)
    const toEnd = this.#capacity - (cursor & this.#mask)
    const end = (cursor + size + (size > toEnd ? toEnd : 0)) | 0
    return ((end - Atomics.load(this.#words, RELEASED)) | 0) <= this.#capacity
  }

  protected giveBack(): void {
    this.#ring.producers.give(this.#line)
  }

  #full(): -1 {
    if (this.#count === 0) this.#ring.producers.clearIntent(this.#line)
    return -1
  }

  /** Writes the header of what was claimed at `position`, notes it as outstanding, and returns where its payload starts. */
  #write(position: number, length: number, kind: number): number {
    if (this.#count === this.#outstanding.length) this.#grow()
    this.#outstanding[this.#count++] = position
    this.#claimed = (this.#claimed + 1) | 0
    const byte = this.#dataByte + (position & this.#mask)
    this.#words[byte >> 2] = length
    this.#words[(byte >> 2) + 1] = kind
    return byte + RECORD_HEADER_BYTES
  }

  #unit(index: number): number {
    return ((this.#outstanding[index] as number) & this.#mask) >>> UNIT_SHIFT
  }

  /** More than the ring can hold is never outstanding, so this ends. */
  #grow(): void {
    const grown = new Int32Array(2 * this.#outstanding.length)
    grown.set(this.#outstanding)
    this.#outstanding = grown
  }
}
