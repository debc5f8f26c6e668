import { OptionError } from '@disruptorx/contracts'
import { oneOf, powerOfTwo, wholeNumber } from '@disruptorx/contracts/internal'
import { RoleTakenError, TableFullError } from '../errors.ts'
import { checkHandle, checkHeader, checkWord, MAGIC, VERSION } from '../memory/header.ts'
import { sharedMemory } from '../memory/shared-memory.ts'
import { checkEnded } from '../parking/ended-thread.ts'
import { ParkingLot, type ParkingLotHandle } from '../parking/parking-lot.ts'
import type { ByteConsumer } from './byte-consumer.ts'
import type { ByteProducer } from './byte-producer.ts'
import {
  BYTE_RING_MAGIC,
  BYTE_RING_VERSION,
  type ByteRingShape,
  byteRingOffsets,
  CURSOR,
  LEAST_CAPACITY,
  MAX_PRODUCERS,
  MOST_CAPACITY,
  MOST_PRODUCERS,
  PRODUCERS,
  RECORD_ALIGNMENT,
  RELEASED,
  SKIPPED,
  SKIPPED_UNITS,
} from './byte-ring-descriptor.ts'
import { ByteRingMemory } from './byte-ring-memory.ts'
import { ManyByteConsumer } from './many-byte-consumer.ts'
import { ManyByteProducer } from './many-byte-producer.ts'
import { CAPACITY, RING_CLOSED, RING_HALTED } from './ring-status.ts'
import { SingleByteConsumer } from './single-byte-consumer.ts'
import { SingleByteProducer } from './single-byte-producer.ts'

/** How a {@link ByteRing} is made. */
export interface ByteRingOptions {
  /** Room for records with their 8-byte headers: a power of two from 64 bytes to 1 GiB. */
  readonly capacityBytes: number
  /** Whether one thread publishes or several. Several cost an eighth more memory. @default 'single' */
  readonly producers?: 'single' | 'multi'
  /** With several producers: how many may be there at a time, from 1 to 1,024. @default 16 */
  readonly maxProducers?: number
  /** Where the threads of this ring sleep. @default a parking lot of its own */
  readonly parkingLot?: ParkingLot
  /** Where the byte position starts, a multiple of 8: lets a test run past 2^31 and 2^32. @default 0 */
  readonly initialPosition?: number
}

/** A {@link ByteRing} as it crosses a thread. */
export interface ByteRingHandle extends ByteRingShape {
  readonly memory: SharedArrayBuffer
  readonly parkingLot: ParkingLotHandle
}

/** The figures of a {@link ByteRing}: a snapshot, for monitoring. Bytes count headers and padding too. */
export interface ByteRingStats {
  readonly usedBytes: number
  /** How far the ring was written: published by one producer, claimed by several. Counts on from the initial position. */
  readonly cursor: number
  /** How far the consumer has released. Counts on from the initial position. */
  readonly released: number
  /** How often somebody began to wait, for room or for a record. This and the next wrap at 2^32. */
  readonly waits: number
  /** Gaps that dead producers left and consumers passed; see {@link ByteConsumer.skipped}. */
  readonly skipped: number
  /** How many bytes these gaps had. Wraps at 2^35. */
  readonly skippedBytes: number
}

/**
 * Records of any length from one thread, or several, to one other, in order, over shared memory.
 *
 * Algorithm: Agrona OneToOneRingBuffer and ManyToOneRingBuffer, with positions in cells of 32 bits that wrap, and published once per burst. What
 * several producers have published, flags beside the records say, see {@link ManyByteProducer}.
 */
export class ByteRing {
  readonly handle: ByteRingHandle
  readonly memory: SharedArrayBuffer
  /** The whole {@link memory}: what offsets of producer and consumer refer to. */
  readonly bytes: Uint8Array
  readonly capacityBytes: number
  /** The longest record that this ring can hold: a quarter of its capacity less 8. */
  readonly maxRecordBytes: number
  readonly parkingLot: ParkingLot
  readonly #ring: ByteRingMemory

  private constructor(handle: ByteRingHandle, ring: ByteRingMemory) {
    this.handle = handle
    this.memory = ring.memory
    this.bytes = ring.bytes
    this.capacityBytes = handle.capacityBytes
    this.maxRecordBytes = ring.maxRecordBytes
    this.parkingLot = ring.status.parkingLot
    this.#ring = ring
  }

  /** Makes a ring. @throws {OptionError | SharedMemoryUnavailableError} */
  static create(options: ByteRingOptions): ByteRing {
    const shape = resolveShape(options)
    const initialPosition = wholeNumber('initialPosition', options.initialPosition ?? 0, 0, Number.MAX_SAFE_INTEGER)
    if (initialPosition % RECORD_ALIGNMENT !== 0)
      throw new OptionError('initialPosition', initialPosition, `a multiple of ${RECORD_ALIGNMENT}`)
    const parkingLot = options.parkingLot ?? ParkingLot.create()
    const memory = sharedMemory(byteRingOffsets(shape).totalBytes, 'byte ring')
    const ring = new ByteRingMemory(memory, shape, parkingLot, initialPosition)
    ring.words[MAGIC] = BYTE_RING_MAGIC
    ring.words[VERSION] = BYTE_RING_VERSION
    ring.words[CAPACITY] = shape.capacityBytes
    ring.words[PRODUCERS] = shape.producers === 'multi' ? 1 : 0
    ring.words[MAX_PRODUCERS] = shape.maxProducers
    return new ByteRing({ memory, ...shape, parkingLot: parkingLot.handle }, ring)
  }

  /** The same ring on another thread. @throws {AttachError} */
  static attach(handle: ByteRingHandle): ByteRing {
    const what = 'byte ring'
    checkHandle(what, handle)
    const words = checkHeader(what, handle.memory, BYTE_RING_MAGIC, BYTE_RING_VERSION, byteRingOffsets(handle).totalBytes)
    checkWord(what, 'capacity in bytes', words[CAPACITY] as number, handle.capacityBytes)
    checkWord(what, 'kind of producers', words[PRODUCERS] === 1 ? 'multi' : 'single', handle.producers)
    checkWord(what, 'number of producers', words[MAX_PRODUCERS] as number, handle.maxProducers)
    return new ByteRing(handle, new ByteRingMemory(handle.memory, handle, ParkingLot.attach(handle.parkingLot)))
  }

  /**
   * A writing side for the calling thread. A ring for one producer gives it to one thread at a time; its `close()` gives it back.
   *
   * @throws {RoleTakenError} there is one already, and may be only one
   * @throws {TableFullError} there are `maxProducers` already
   */
  producer(): ByteProducer {
    const { producers, maxProducers } = this.handle
    const line = this.#ring.producers.take()
    if (line < 0 && producers === 'single') throw new RoleTakenError('byte ring', 'producer', "or create the ring with producers: 'multi'")
    if (line < 0) throw new TableFullError('producers of the byte ring', 'maxProducers', maxProducers)
    return producers === 'single' ? new SingleByteProducer(this.#ring, line) : new ManyByteProducer(this.#ring, line)
  }

  /** Takes the reading side. Only one thread may hold it; its `close()` gives it back. @throws {RoleTakenError} */
  consumer(): ByteConsumer {
    if (!this.#ring.takeConsumer()) throw new RoleTakenError('byte ring', 'consumer', 'or use a BroadcastRing')
    return this.handle.producers === 'single' ? new SingleByteConsumer(this.#ring) : new ManyByteConsumer(this.#ring)
  }

  /**
   * Frees the sides that a thread held which has ended, however it ended, and its places in the parking lot, and returns how many sides there
   * were. What it had published stays; what it had claimed and not published is never seen, and passed over, by the consumer. The next consumer
   * finds again what a dead one had not released.
   *
   * @param thread the thread's number: `threadId + 1` of a worker of Node. Only after its exit was seen: records of a thread that still
   * runs would be lost, and others damaged.
   * @throws {OptionError} that is no thread's number, or the calling thread's own
   */
  reclaim(thread: number): number {
    checkEnded(thread)
    const freed = this.#ring.reclaim(thread)
    this.parkingLot.reclaim(thread)
    return freed
  }

  /** Whether the ring takes no more records. */
  get stopped(): boolean {
    return this.#ring.status.stopped
  }

  /** Takes no more records, on any thread; the consumer reads on. Producers that claim or wait get a {@link ClosedError}. */
  close(): void {
    this.#ring.status.stop(RING_CLOSED)
  }

  /** As {@link close}, but because something failed: they get a {@link RingHaltedError}. */
  halt(): void {
    this.#ring.status.stop(RING_HALTED)
  }

  /** Bytes published (with several producers: claimed) and not yet released, headers and padding included; a snapshot, for monitoring. */
  get usedBytes(): number {
    const { words } = this.#ring
    const released = Atomics.load(words, RELEASED)
    return Math.min(this.capacityBytes, (Atomics.load(words, CURSOR) - released) | 0)
  }

  /** Reads the figures. */
  stats(): ByteRingStats {
    const { words, cursor, released, status } = this.#ring
    return {
      usedBytes: this.usedBytes,
      cursor: cursor.get(),
      released: released.get(),
      waits: status.waits,
      skipped: Atomics.load(words, SKIPPED) >>> 0,
      skippedBytes: RECORD_ALIGNMENT * (Atomics.load(words, SKIPPED_UNITS) >>> 0),
    }
  }
}

function resolveShape(options: ByteRingOptions): ByteRingShape {
  const capacityBytes = powerOfTwo('capacityBytes', options.capacityBytes, LEAST_CAPACITY, MOST_CAPACITY)
  const producers = oneOf('producers', options.producers ?? 'single', ['single', 'multi'])
  if (producers === 'single') {
    if (options.maxProducers !== undefined && options.maxProducers !== 1)
      throw new OptionError('maxProducers', options.maxProducers, "1, or unset, where producers is not 'multi'")
    return { capacityBytes, producers, maxProducers: 1 }
  }
  return { capacityBytes, producers, maxProducers: wholeNumber('maxProducers', options.maxProducers ?? 16, 1, MOST_PRODUCERS) }
}
