import type { ParkingLot } from '../parking/parking-lot.ts'
import { ByteProducer } from './byte-producer.ts'
import {
  CURSOR,
  KIND_PADDING,
  KIND_RECORD,
  RECORD_ALIGNMENT,
  RECORD_HEADER_BYTES,
  RELEASED,
  SINGLE_DATA_BYTE,
} from './byte-ring-descriptor.ts'
import { type ByteRingMemory, settleEpoch } from './byte-ring-memory.ts'
import { refuseLength } from './records.ts'

/** The only writing side of a byte ring: what it claims, nobody else sees before it is published. */
export class SingleByteProducer extends ByteProducer {
  readonly #ring: ByteRingMemory
  readonly #words: Int32Array
  readonly #mask: number
  readonly #capacity: number
  readonly #most: number
  readonly #parkingLot: ParkingLot
  /** The line in the table of producers. */
  readonly #line: number
  /** How far we have claimed, modulo 2^32. */
  #claimed: number
  /** How far we have published, modulo 2^32. */
  #published: number
  /** How far the consumer had released when we last looked. A stale value is only pessimistic. */
  #released: number

  constructor(ring: ByteRingMemory, line: number) {
    super(ring)
    this.#ring = ring
    this.#line = line
    this.#words = ring.words
    this.#capacity = ring.shape.capacityBytes
    this.#mask = this.#capacity - 1
    this.#most = ring.maxRecordBytes
    this.#parkingLot = ring.status.parkingLot
    settleEpoch(ring.cursor)
    this.#claimed = this.#published = Atomics.load(this.#words, CURSOR)
    this.#released = Atomics.load(this.#words, RELEASED)
  }

  // Hot: benchmark `ring/bytes64`. No allocation.
  tryClaim(length: number): number {
    if (length >>> 0 !== length || length > this.#most) refuseLength(length, this.#most)
    const size = (length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
    let start = this.#claimed & this.#mask
    const toEnd = this.#capacity - start
    const padding = size > toEnd ? toEnd : 0
    const end = (this.#claimed + padding + size) | 0
    if (((end - this.#released) | 0) > this.#capacity && !this.#look(end)) return -1
    if (padding > 0) {
      this.#writeHeader(start, padding - RECORD_HEADER_BYTES, KIND_PADDING)
      start = 0
    }
    this.#writeHeader(start, length, KIND_RECORD)
    this.#claimed = end
    return SINGLE_DATA_BYTE + start + RECORD_HEADER_BYTES
  }

  get claimed(): number {
    return this.#claimed
  }

  // Hot: benchmark `ring/bytes64`.
  publish(upTo: number = this.#claimed): void {
    const before = this.#published
    if (((upTo - before) | 0) <= 0) return
    this.#published = upTo
    Atomics.store(this.#words, CURSOR, upTo)
    if ((before ^ upTo) < 0) settleEpoch(this.#ring.cursor)
    this.#parkingLot.unparkAll()
  }

  abort(): void {
    this.#claimed = this.#published
  }

  hasRoom(length: number): boolean {
    if (length >>> 0 !== length || length > this.#most) refuseLength(length, this.#most)
    const size = (length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
    const toEnd = this.#capacity - (this.#claimed & this.#mask)
    return this.#look((this.#claimed + size + (size > toEnd ? toEnd : 0)) | 0)
  }

  protected giveBack(): void {
    this.#ring.producers.give(this.#line)
  }

  /** Asks the consumer's cell whether everything before `end` may be claimed. */
  #look(end: number): boolean {
    this.#ring.status.checkOpen()
    this.#released = Atomics.load(this.#words, RELEASED)
    return ((end - this.#released) | 0) <= this.#capacity
  }

  #writeHeader(start: number, length: number, kind: number): void {
    const word = (SINGLE_DATA_BYTE + start) >> 2
    this.#words[word] = length
    this.#words[word + 1] = kind
  }
}
