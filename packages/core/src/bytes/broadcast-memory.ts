import type { ParkingLot } from '../parking/parking-lot.ts'
import { SharedSequence } from '../sequences/shared-sequence.ts'
import { DATA_WORD, maxBroadcastBytes, OLDEST_BYTE, OVERHEAD_BYTES, sizeOf, TAIL_BYTE } from './broadcast-descriptor.ts'
import { RingStatus } from './ring-status.ts'

const TWO_32 = 2 ** 32

/** A record, or padding, as found in the ring. */
export interface FoundRecord {
  readonly position: number
  readonly size: number
  readonly padding: boolean
  /** Its number; of padding, that of the record behind it. */
  readonly number: number
}

/** What both sides of a broadcast ring share. */
export class BroadcastMemory {
  readonly memory: SharedArrayBuffer
  readonly words: Int32Array
  readonly capacity: number
  readonly mask: number
  readonly maxRecordBytes: number
  readonly status: RingStatus
  readonly tail: SharedSequence
  readonly oldest: SharedSequence
  /** A cell of this thread, to be stored into: see {@link fence}. */
  readonly #own = new Int32Array(new SharedArrayBuffer(4))

  constructor(memory: SharedArrayBuffer, capacity: number, parkingLot: ParkingLot) {
    this.memory = memory
    this.words = new Int32Array(memory)
    this.capacity = capacity
    this.mask = capacity - 1
    this.maxRecordBytes = maxBroadcastBytes(capacity)
    this.status = new RingStatus(this.words, parkingLot)
    this.tail = new SharedSequence(memory, TAIL_BYTE)
    this.oldest = new SharedSequence(memory, OLDEST_BYTE)
  }

  /** Lays out a new ring: padding that carries the number of the first record. */
  format(position: number, number: number): void {
    this.writeFrame(position | 0, -OVERHEAD_BYTES, OVERHEAD_BYTES, number)
    this.oldest.set(position)
    this.tail.set(position + OVERHEAD_BYTES)
  }

  // Hot: once per record.
  /** Writes what frames a record or padding of `size` bytes at a position modulo 2^32. */
  writeFrame(position: number, firstWord: number, size: number, number: number): void {
    const { words } = this
    const first = DATA_WORD + ((position & this.mask) >> 2)
    const last = first + (size >> 2)
    words[first] = firstWord
    words[first + 1] = number
    words[last - 2] = size
    words[last - 1] = number / TWO_32
  }

  /** Where the record before a position starts. Valid if {@link intact} says so afterwards. */
  before(position: number): number {
    return position - (this.words[DATA_WORD + (((position - HALF_FRAME) & this.mask) >> 2)] as number)
  }

  /** What starts at a position. Undefined when it was overwritten meanwhile. */
  find(position: number): FoundRecord | undefined {
    const { words } = this
    const first = DATA_WORD + ((position & this.mask) >> 2)
    const firstWord = words[first] as number
    const size = sizeOf(firstWord)
    const number = numberOf(words[first + 1] as number, words[first + (size >> 2) - 1] as number)
    return this.intact(position) ? { position, size, padding: firstWord < 0, number } : undefined
  }

  /** The newest record; in a new ring, its first padding. Each try that fails means that a whole ring was written meanwhile. */
  newest(): FoundRecord {
    for (;;) {
      const tail = this.tail.get()
      const position = this.before(tail)
      const found = this.intact(tail - OVERHEAD_BYTES) ? this.find(position) : undefined
      if (found !== undefined) return found
    }
  }

  /** Whether everything that this thread has read so far from `position` on had not been overwritten. */
  intact(position: number): boolean {
    this.fence()
    return this.oldest.get() <= position
  }

  /**
   * No access after this one is done before one that precedes it.
   *
   * The memory model of JavaScript promises nothing about plain reads that race with plain writes, whatever atomics stand around them. What is relied
   * upon instead: an engine moves no plain access over an atomic one, and a processor moves none over an atomic store followed by an atomic
   * load. On x86 the store is a locked instruction; on ARMv8 it is a store-release, which waits for all before it, and the load is a load-acquire,
   * which waits for the store-release and holds up all behind it.
   */
  fence(): void {
    Atomics.store(this.#own, 0, 0)
    Atomics.load(this.#own, 0)
  }
}

/** The number of a record from the words that hold it. */
export function numberOf(low: number, high: number): number {
  return high * TWO_32 + (low >>> 0)
}

/** From the end of a record back to the word with its size. */
const HALF_FRAME = 8
