import type { ParkingLot } from '../parking/parking-lot.ts'
import { ByteConsumer } from './byte-consumer.ts'
import {
  CURSOR,
  KIND_RECORD,
  RECLAIMS,
  RECORD_ALIGNMENT,
  RECORD_HEADER_BYTES,
  RELEASED,
  SKIPPED,
  SKIPPED_UNITS,
  UNIT_SHIFT,
} from './byte-ring-descriptor.ts'
import { type ByteRingMemory, settleEpoch } from './byte-ring-memory.ts'

/**
 * The reading side of a byte ring with several producers: a record is there when its flag is set.
 *
 * The flags are taken down only when records are released, so that after the death of this thread the next consumer finds again what was not.
 */
export class ManyByteConsumer extends ByteConsumer {
  readonly #ring: ByteRingMemory
  readonly #words: Int32Array
  readonly #flags: Int8Array
  readonly #capacity: number
  readonly #mask: number
  readonly #dataByte: number
  readonly #parkingLot: ParkingLot
  /** Where the next record starts, modulo 2^32. */
  #position: number
  #released: number
  #offset = 0
  #length = 0
  /** Bytes of the record that `peek` found, with its header; 0 when it found none. */
  #size = 0
  /** How many reclaims have been seen, and, after one, up to where there may be gaps. */
  #reclaims = 0
  #mayHaveGaps = false
  #gapsEnd = 0

  constructor(ring: ByteRingMemory) {
    super(ring)
    this.#ring = ring
    this.#words = ring.words
    this.#flags = new Int8Array(ring.memory, ring.at.flagsByte, ring.shape.capacityBytes >> UNIT_SHIFT)
    this.#capacity = ring.shape.capacityBytes
    this.#mask = this.#capacity - 1
    this.#dataByte = ring.at.dataByte
    this.#parkingLot = ring.status.parkingLot
    settleEpoch(ring.released)
    this.#position = this.#released = Atomics.load(this.#words, RELEASED)
  }

  get offset(): number {
    return this.#offset
  }

  get length(): number {
    return this.#length
  }

  // Hot. No allocation. Behind a whole ring of records that are not released the flag is still that of the first of them.
  peek(): boolean {
    if (this.#size !== 0) return true
    for (;;) {
      const start = this.#position & this.#mask
      if (((this.#position - this.#released) | 0) === this.#capacity || Atomics.load(this.#flags, start >>> UNIT_SHIFT) === 0) {
        if (this.#passGap()) continue
        return false
      }
      const word = (this.#dataByte + start) >> 2
      const length = this.#words[word] as number
      const size = (length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
      if (this.#words[word + 1] === KIND_RECORD) {
        this.#offset = this.#dataByte + start + RECORD_HEADER_BYTES
        this.#length = length
        this.#size = size
        return true
      }
      this.#pass(size)
    }
  }

  // Hot.
  advance(): void {
    this.#position = (this.#position + this.#size) | 0
    this.#size = 0
  }

  release(): void {
    const before = this.#released
    const position = this.#position
    if (before === position) return
    this.#clearFlags(before, position)
    this.#released = position
    Atomics.store(this.#words, RELEASED, position)
    if ((before ^ position) < 0) settleEpoch(this.#ring.released)
    this.#parkingLot.unparkAll()
  }

  #clearFlags(from: number, to: number): void {
    const flags = this.#flags
    for (let position = from; ((to - position) | 0) > 0; ) {
      const start = position & this.#mask
      if (flags[start >>> UNIT_SHIFT] === 0) {
        // Part of a gap.
        position = (position + RECORD_ALIGNMENT) | 0
        continue
      }
      flags[start >>> UNIT_SHIFT] = 0
      const length = this.#words[(this.#dataByte + start) >> 2] as number
      position = (position + ((length + RECORD_HEADER_BYTES + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT)) | 0
    }
  }

  /** Passes what is no record. Nobody will ask for its room to be released, so that is done here, unless records before it are still held. */
  #pass(size: number): void {
    const held = this.#released !== this.#position
    this.#position = (this.#position + size) | 0
    if (!held) this.release()
  }

  /** Passes what dead producers had claimed here and not published. See {@link ProducerTable} for why the order of the reads matters. */
  #passGap(): boolean {
    if (!this.#mayHaveGap()) return false
    const position = this.#position
    const claimed = (Atomics.load(this.#words, CURSOR) - position) | 0
    const most = this.#ring.producers.unintended(position, claimed)
    let size = 0
    while (size < most && Atomics.load(this.#flags, ((position + size) & this.#mask) >>> UNIT_SHIFT) === 0) size += RECORD_ALIGNMENT
    if (size === 0) return false
    Atomics.add(this.#words, SKIPPED, 1)
    Atomics.add(this.#words, SKIPPED_UNITS, size >>> UNIT_SHIFT)
    this.#pass(size)
    return true
  }

  /** Only what was claimed before a thread was reclaimed can be a gap. */
  #mayHaveGap(): boolean {
    const reclaims = Atomics.load(this.#words, RECLAIMS)
    if (reclaims !== this.#reclaims) {
      this.#reclaims = reclaims
      this.#gapsEnd = Atomics.load(this.#words, CURSOR)
      this.#mayHaveGaps = true
    }
    if (this.#mayHaveGaps && ((this.#gapsEnd - this.#position) | 0) <= 0) this.#mayHaveGaps = false
    return this.#mayHaveGaps
  }
}
