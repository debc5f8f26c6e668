import type { ParkingLot } from '../parking/parking-lot.ts'
import { ByteConsumer } from './byte-consumer.ts'
import { CURSOR, KIND_PADDING, RECORD_ALIGNMENT, RECORD_HEADER_BYTES, RELEASED, SINGLE_DATA_BYTE } from './byte-ring-descriptor.ts'
import { type ByteRingMemory, settleEpoch } from './byte-ring-memory.ts'

/** The reading side of a byte ring with one producer: everything before the cursor is there. */
export class SingleByteConsumer extends ByteConsumer {
  readonly #ring: ByteRingMemory
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

  constructor(ring: ByteRingMemory) {
    super(ring)
    this.#ring = ring
    this.#words = ring.words
    this.#mask = ring.shape.capacityBytes - 1
    this.#parkingLot = ring.status.parkingLot
    settleEpoch(ring.released)
    this.#position = this.#published = this.#released = Atomics.load(this.#words, RELEASED)
  }

  get offset(): number {
    return this.#offset
  }

  get length(): number {
    return this.#length
  }

  // Hot: benchmark `ring/bytes64`. No allocation; the shared cell is read only when everything seen is used up.
  peek(): boolean {
    if (this.#size !== 0) return true
    for (;;) {
      if (this.#position === this.#published) {
        this.#published = Atomics.load(this.#words, CURSOR)
        if (this.#position === this.#published) return false
      }
      const start = this.#position & this.#mask
      const word = (SINGLE_DATA_BYTE + start) >> 2
      const length = this.#words[word] as number
      const size = (length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
      if (this.#words[word + 1] === KIND_PADDING) {
        this.#position = (this.#position + size) | 0
        continue
      }
      this.#offset = SINGLE_DATA_BYTE + start + RECORD_HEADER_BYTES
      this.#length = length
      this.#size = size
      return true
    }
  }

  // Hot: benchmark `ring/bytes64`.
  advance(): void {
    this.#position = (this.#position + this.#size) | 0
    this.#size = 0
  }

  release(): void {
    const before = this.#released
    const position = this.#position
    if (before === position) return
    this.#released = position
    Atomics.store(this.#words, RELEASED, position)
    if ((before ^ position) < 0) settleEpoch(this.#ring.released)
    this.#parkingLot.unparkAll()
  }
}
