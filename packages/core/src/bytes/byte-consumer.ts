import type { ParkingLot } from '../parking/parking-lot.ts'
import {
  CONSUMER_TAKEN,
  DATA_BYTE,
  KIND_PADDING,
  PUBLISHED,
  RECORD_ALIGNMENT,
  RECORD_HEADER_BYTES,
  RELEASED,
} from './byte-ring-descriptor.ts'

/**
 * The reading side of a byte ring. For one thread.
 *
 * ```
 * while (consumer.peek()) { use(consumer.offset, consumer.length); consumer.advance() }
 * consumer.release()
 * ```
 */
export class ByteConsumer {
  readonly #words: Int32Array
  readonly #mask: number
  readonly #parkingLot: ParkingLot
  /** Where the next record starts, modulo 2^32. */
  #position: number
  /** How far the producer had published when we last looked. */
  #published: number
  #released: number
  #offset = 0
  #length = 0
  /** Bytes of the record that `peek` found, with its header; 0 when it found none. */
  #size = 0
  #closed = false

  constructor(memory: SharedArrayBuffer, capacity: number, parkingLot: ParkingLot) {
    this.#words = new Int32Array(memory)
    this.#mask = capacity - 1
    this.#parkingLot = parkingLot
    this.#position = this.#released = Atomics.load(this.#words, RELEASED)
    this.#published = this.#position
  }

  /** Where the record's bytes start, as an offset into the ring's memory. True after a {@link peek} that found one. */
  get offset(): number {
    return this.#offset
  }

  /** How many bytes the record has. True after a {@link peek} that found one. */
  get length(): number {
    return this.#length
  }

  // Hot: benchmark `ring/bytes64`. No allocation; the shared cell is read only when everything seen is used up.
  /** Whether there is a record. Looks at the same one until {@link advance}; its bytes stay as they are until {@link release}. */
  peek(): boolean {
    if (this.#size !== 0) return true
    for (;;) {
      if (this.#position === this.#published) {
        this.#published = Atomics.load(this.#words, PUBLISHED)
        if (this.#position === this.#published) return false
      }
      const start = this.#position & this.#mask
      const word = (DATA_BYTE + start) >> 2
      const length = this.#words[word] as number
      const size = (length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
      if (this.#words[word + 1] === KIND_PADDING) {
        this.#position = (this.#position + size) | 0
        continue
      }
      this.#offset = DATA_BYTE + start + RECORD_HEADER_BYTES
      this.#length = length
      this.#size = size
      return true
    }
  }

  /** Goes on to the next record. Without effect unless {@link peek} found one. */
  advance(): void {
    this.#position = (this.#position + this.#size) | 0
    this.#size = 0
  }

  /** Gives back the room of every record advanced past, and wakes whoever waits for it. Without effect when there is none. */
  release(): void {
    if (this.#released === this.#position) return
    this.#released = this.#position
    Atomics.store(this.#words, RELEASED, this.#position)
    this.#parkingLot.unparkAll()
  }

  /** Releases what was advanced past and gives the reading side back. Safe to call twice; not to be used afterwards. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.release()
    Atomics.store(this.#words, CONSUMER_TAKEN, 0)
  }
}
