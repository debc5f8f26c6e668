import { OptionError } from '@disruptorx/contracts'
import { RecordTooLargeError } from '../errors.ts'
import type { ParkingLot } from '../parking/parking-lot.ts'
import {
  DATA_BYTE,
  KIND_PADDING,
  KIND_RECORD,
  maxRecordBytes,
  PRODUCER_TAKEN,
  PUBLISHED,
  RECORD_ALIGNMENT,
  RECORD_HEADER_BYTES,
  RELEASED,
} from './byte-ring-descriptor.ts'

/** The writing side of a byte ring. For one thread. */
export class ByteProducer {
  readonly #words: Int32Array
  readonly #mask: number
  readonly #capacity: number
  readonly #most: number
  readonly #parkingLot: ParkingLot
  /** How far we have claimed, modulo 2^32. */
  #claimed: number
  /** How far we have published, modulo 2^32. */
  #published: number
  /** How far the consumer had released when we last looked. A stale value is only pessimistic. */
  #released: number
  #closed = false

  constructor(memory: SharedArrayBuffer, capacity: number, parkingLot: ParkingLot) {
    this.#words = new Int32Array(memory)
    this.#capacity = capacity
    this.#mask = capacity - 1
    this.#most = maxRecordBytes(capacity)
    this.#parkingLot = parkingLot
    this.#claimed = this.#published = Atomics.load(this.#words, PUBLISHED)
    this.#released = Atomics.load(this.#words, RELEASED)
  }

  // Hot: benchmark `ring/bytes64`. No allocation.
  /**
   * Claims room for a record of `length` bytes and returns where to write it, as an offset into the ring's memory that is a multiple of 8;
   * -1 when the ring is full, with nothing claimed. The consumer sees the record after {@link publish}.
   *
   * @throws {RecordTooLargeError} it could never fit
   * @throws {OptionError} `length` is no whole number, or negative
   */
  tryClaim(length: number): number {
    if (length >>> 0 !== length || length > this.#most) this.#refuse(length)
    const size = (length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
    let start = this.#claimed & this.#mask
    const toEnd = this.#capacity - start
    const padding = size > toEnd ? toEnd : 0
    const end = (this.#claimed + padding + size) | 0
    if (((end - this.#released) | 0) > this.#capacity) {
      this.#released = Atomics.load(this.#words, RELEASED)
      if (((end - this.#released) | 0) > this.#capacity) return -1
    }
    if (padding > 0) {
      this.#writeHeader(start, padding - RECORD_HEADER_BYTES, KIND_PADDING)
      start = 0
    }
    this.#writeHeader(start, length, KIND_RECORD)
    this.#claimed = end
    return DATA_BYTE + start + RECORD_HEADER_BYTES
  }

  /** Where the next record will be claimed: what {@link publish} takes to stop short of it. Wraps; only good for that. */
  get claimed(): number {
    return this.#claimed
  }

  /**
   * Makes what was claimed visible, and wakes whoever sleeps: everything, or what was claimed while {@link claimed} was `upTo`.
   * Without effect when there is nothing new.
   */
  publish(upTo: number = this.#claimed): void {
    if (((upTo - this.#published) | 0) <= 0) return
    this.#published = upTo
    Atomics.store(this.#words, PUBLISHED, upTo)
    this.#parkingLot.unparkAll()
  }

  /** Publishes what was claimed and gives the writing side back. Safe to call twice; not to be used afterwards. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.publish()
    Atomics.store(this.#words, PRODUCER_TAKEN, 0)
  }

  #writeHeader(start: number, length: number, kind: number): void {
    const word = (DATA_BYTE + start) >> 2
    this.#words[word] = length
    this.#words[word + 1] = kind
  }

  #refuse(length: number): never {
    if (Number.isSafeInteger(length) && length > this.#most) throw new RecordTooLargeError(length, this.#most)
    throw new OptionError('length', length, `a whole number from 0 to ${this.#most}`)
  }
}
