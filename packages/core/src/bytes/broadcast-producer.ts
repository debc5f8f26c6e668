import { ALIGNMENT, DATA_BYTE, DATA_WORD, HEADER_BYTES, OVERHEAD_BYTES, PRODUCER_THREAD, sizeOf } from './broadcast-descriptor.ts'
import type { BroadcastMemory } from './broadcast-memory.ts'
import { copyRecord, lengthOf, refuseLength } from './records.ts'
import { RING_OPEN, STATUS } from './ring-status.ts'

/** What part of the ring is given up at a time to be written again: receivers look at that cell all the time. */
const STEPS = 16

/** What part of the ring may be claimed and not yet published. */
const UNPUBLISHED = 4

/**
 * The writing side of a broadcast ring: nobody ever makes it wait. For one thread.
 *
 * ```
 * const at = producer.claim(length)
 * write(ring.bytes, at)
 * producer.publish()
 * ```
 */
export class BroadcastProducer {
  readonly #ring: BroadcastMemory
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #capacity: number
  readonly #mask: number
  readonly #most: number
  /** How far we have claimed and published, and where the oldest record starts, modulo 2^32. */
  #claimed: number
  #published: number
  #oldest: number
  /** Up to here may be claimed without further ado. */
  #limit: number
  /** {@link #published} and {@link #oldest} in full. */
  #tail: number
  #oldestFull: number
  /** The number of the next record to be claimed, and to be published. */
  #next: number
  #nextPublished: number
  #closed = false

  constructor(ring: BroadcastMemory) {
    this.#ring = ring
    this.#words = ring.words
    this.#bytes = new Uint8Array(ring.memory)
    this.#capacity = ring.capacity
    this.#mask = ring.mask
    this.#most = ring.maxRecordBytes
    const { number, padding } = ring.newest()
    this.#next = this.#nextPublished = padding ? number : number + 1
    this.#tail = ring.tail.get()
    this.#oldestFull = ring.oldest.get()
    this.#claimed = this.#published = this.#tail | 0
    this.#oldest = this.#oldestFull | 0
    this.#limit = this.#claimed
    // Whoever wrote here before may have died between the two stores that move a cell.
    ring.tail.set(this.#tail)
    ring.oldest.set(this.#oldestFull)
  }

  // Hot. No allocation.
  /**
   * Claims room for a record of `length` bytes and returns where to write it, as an offset into the ring's memory that is a multiple of 8. Receivers
   * see the record after {@link publish}. When a quarter of the ring is claimed and not published, that is published first: write a record
   * before you claim the next.
   *
   * @throws {RecordTooLargeError} it is longer than an eighth of the ring less 16
   * @throws {OptionError} `length` is no whole number, or negative
   * @throws {ClosedError | RingHaltedError} the ring takes no more records
   */
  claim(length: number): number {
    if (length >>> 0 !== length || length > this.#most) refuseLength(length, this.#most)
    if (this.#words[STATUS] !== RING_OPEN) this.#ring.status.checkOpen()
    const size = (length + OVERHEAD_BYTES + ALIGNMENT - 1) & -ALIGNMENT
    const toEnd = this.#capacity - (this.#claimed & this.#mask)
    const padding = size > toEnd ? toEnd : 0
    const start = (this.#claimed + padding) | 0
    const end = (start + size) | 0
    if (((end - this.#limit) | 0) > 0) this.#makeRoom(end)
    if (padding > 0) this.#ring.writeFrame(this.#claimed, -padding, padding, this.#next)
    this.#ring.writeFrame(start, length, size, this.#next)
    this.#claimed = end
    this.#next++
    return DATA_BYTE + (start & this.#mask) + HEADER_BYTES
  }

  /** The number that the next record will have. */
  get next(): number {
    return this.#next
  }

  // Hot. One store, and one load while nobody sleeps.
  /** Makes everything claimed visible and wakes whoever sleeps. Without effect when there is nothing new. */
  publish(): void {
    const fresh = (this.#claimed - this.#published) | 0
    if (fresh === 0) return
    this.#published = this.#claimed
    this.#nextPublished = this.#next
    this.#tail += fresh
    this.#ring.tail.set(this.#tail)
    this.#setLimit()
    this.#ring.status.parkingLot.unparkAll()
  }

  /** Claims, copies `record` and publishes, together with everything claimed before. Returns the record's number. @throws as {@link claim} */
  publishBytes(record: Uint8Array): number {
    const number = this.#next
    copyRecord(record, this.#bytes, this.claim(lengthOf(record)))
    this.publish()
    return number
  }

  /** Gives up what was claimed and not published. */
  abort(): void {
    this.#claimed = this.#published
    this.#next = this.#nextPublished
  }

  /** Publishes what was claimed and gives the writing side back. Safe to call twice; not to be used afterwards. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.publish()
    Atomics.store(this.#words, PRODUCER_THREAD, 0)
  }

  /** Lets everything up to `end` be written: the moved `oldest` is seen by whoever sees any of that. */
  #makeRoom(end: number): void {
    if (((end - this.#published) | 0) > this.#capacity / UNPUBLISHED) this.publish()
    const target = (end - this.#capacity + this.#capacity / STEPS) | 0
    if (((end - this.#oldest) | 0) > this.#capacity) {
      const before = this.#oldest
      while (((target - this.#oldest) | 0) > 0)
        this.#oldest = (this.#oldest + sizeOf(this.#words[DATA_WORD + ((this.#oldest & this.#mask) >> 2)] as number)) | 0
      this.#oldestFull += (this.#oldest - before) | 0
      this.#ring.oldest.set(this.#oldestFull)
      this.#ring.fence()
    }
    this.#setLimit()
  }

  #setLimit(): void {
    const unpublished = this.#capacity / UNPUBLISHED
    const left = (this.#oldest + this.#capacity - this.#published) | 0
    this.#limit = (this.#published + Math.min(left, unpublished)) | 0
  }
}
