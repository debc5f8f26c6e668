import { powerOfTwo } from '@disruptorx/contracts/internal'
import { RoleTakenError } from '../errors.ts'
import { checkHeader, checkWord, MAGIC, VERSION } from '../memory/header.ts'
import { ParkingLot, type ParkingLotHandle } from '../parking/parking-lot.ts'
import { ByteConsumer } from './byte-consumer.ts'
import { ByteProducer } from './byte-producer.ts'
import {
  BYTE_RING_MAGIC,
  BYTE_RING_VERSION,
  CAPACITY,
  CONSUMER_TAKEN,
  DATA_BYTE,
  LEAST_CAPACITY,
  MOST_CAPACITY,
  maxRecordBytes,
  PRODUCER_TAKEN,
  PUBLISHED,
  RELEASED,
} from './byte-ring-descriptor.ts'

/** How a {@link ByteRing} is made. */
export interface ByteRingOptions {
  /** Room for records with their 8-byte headers: a power of two from 64 bytes to 1 GiB. */
  readonly capacityBytes: number
  /** Where the threads of this ring sleep. @default a parking lot of its own */
  readonly parkingLot?: ParkingLot
  /** Where the byte position starts, a multiple of 8: lets a test run past 2^31 and 2^32. @default 0 */
  readonly initialPosition?: number
}

/** A {@link ByteRing} as it crosses a thread. */
export interface ByteRingHandle {
  readonly memory: SharedArrayBuffer
  readonly capacityBytes: number
  readonly parkingLot: ParkingLotHandle
}

/**
 * Records of any length from one thread to one other, in order, over shared memory.
 *
 * Algorithm: Agrona OneToOneRingBuffer, with the positions in cells of 32 bits that wrap, and published once per burst.
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
  readonly #words: Int32Array

  private constructor(handle: ByteRingHandle, words: Int32Array, parkingLot: ParkingLot) {
    this.handle = handle
    this.memory = handle.memory
    this.bytes = new Uint8Array(handle.memory)
    this.capacityBytes = handle.capacityBytes
    this.maxRecordBytes = maxRecordBytes(handle.capacityBytes)
    this.parkingLot = parkingLot
    this.#words = words
  }

  /** Makes a ring. @throws {OptionError} */
  static create(options: ByteRingOptions): ByteRing {
    const capacityBytes = powerOfTwo('capacityBytes', options.capacityBytes, LEAST_CAPACITY, MOST_CAPACITY)
    const parkingLot = options.parkingLot ?? ParkingLot.create()
    const memory = new SharedArrayBuffer(DATA_BYTE + capacityBytes)
    const words = new Int32Array(memory)
    words[MAGIC] = BYTE_RING_MAGIC
    words[VERSION] = BYTE_RING_VERSION
    words[CAPACITY] = capacityBytes
    words[PUBLISHED] = words[RELEASED] = ((options.initialPosition ?? 0) | 0) & ~7
    return new ByteRing({ memory, capacityBytes, parkingLot: parkingLot.handle }, words, parkingLot)
  }

  /** The same ring on another thread. @throws {AttachError} */
  static attach(handle: ByteRingHandle): ByteRing {
    const words = checkHeader('byte ring', handle.memory, BYTE_RING_MAGIC, BYTE_RING_VERSION, DATA_BYTE + handle.capacityBytes)
    checkWord('byte ring', 'capacity in bytes', words[CAPACITY] as number, handle.capacityBytes)
    return new ByteRing(handle, words, ParkingLot.attach(handle.parkingLot))
  }

  /** Takes the writing side. Only one thread may hold it; its `close()` gives it back. @throws {RoleTakenError} */
  producer(): ByteProducer {
    if (Atomics.compareExchange(this.#words, PRODUCER_TAKEN, 0, 1) !== 0) throw new RoleTakenError('byte ring', 'producer')
    return new ByteProducer(this.memory, this.capacityBytes, this.parkingLot)
  }

  /** Takes the reading side. Only one thread may hold it; its `close()` gives it back. @throws {RoleTakenError} */
  consumer(): ByteConsumer {
    if (Atomics.compareExchange(this.#words, CONSUMER_TAKEN, 0, 1) !== 0) throw new RoleTakenError('byte ring', 'consumer')
    return new ByteConsumer(this.memory, this.capacityBytes, this.parkingLot)
  }

  /** Bytes published and not yet released, headers and padding included; a snapshot, for monitoring. */
  get usedBytes(): number {
    return (Atomics.load(this.#words, PUBLISHED) - Atomics.load(this.#words, RELEASED)) | 0
  }
}
