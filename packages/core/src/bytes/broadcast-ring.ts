import { OptionError } from '@disruptorx/contracts'
import { powerOfTwo, wholeNumber } from '@disruptorx/contracts/internal'
import { RoleTakenError } from '../errors.ts'
import { checkHandle, checkHeader, checkWord, MAGIC, VERSION } from '../memory/header.ts'
import { sharedMemory } from '../memory/shared-memory.ts'
import { checkEnded } from '../parking/ended-thread.ts'
import { ParkingLot, type ParkingLotHandle } from '../parking/parking-lot.ts'
import { currentThread } from '../platform/current-thread.ts'
import {
  ALIGNMENT,
  BROADCAST_MAGIC,
  BROADCAST_VERSION,
  DATA_BYTE,
  LEAST_CAPACITY,
  MOST_CAPACITY,
  PRODUCER_THREAD,
} from './broadcast-descriptor.ts'
import { BroadcastMemory } from './broadcast-memory.ts'
import { BroadcastProducer } from './broadcast-producer.ts'
import { BroadcastReceiver, type BroadcastReceiverOptions } from './broadcast-receiver.ts'
import { CAPACITY, RING_CLOSED, RING_HALTED } from './ring-status.ts'

/** How a {@link BroadcastRing} is made. */
export interface BroadcastRingOptions {
  /** Room for records, each with 16 bytes besides: a power of two from 256 bytes to 1 GiB. It decides how far a receiver may fall behind. */
  readonly capacityBytes: number
  /** Where the threads of this ring sleep. @default a parking lot of its own */
  readonly parkingLot?: ParkingLot
  /** The number of the first record: to count on from an earlier ring. @default 0 */
  readonly initialNumber?: number
  /** Where the byte position starts, a multiple of 16: lets a test run past 2^31 and 2^32. @default 0 */
  readonly initialPosition?: number
}

/** A {@link BroadcastRing} as it crosses a thread. */
export interface BroadcastRingHandle {
  readonly memory: SharedArrayBuffer
  readonly capacityBytes: number
  readonly parkingLot: ParkingLotHandle
}

/** The figures of a {@link BroadcastRing}: a snapshot, for monitoring. */
export interface BroadcastRingStats {
  /** The number that the next record will have: so many were published, from the initial number on. */
  readonly next: number
  /** How far the ring was written, in bytes with everything that a record takes. Counts on from the initial position. */
  readonly tail: number
  /** How often a receiver began to wait. Wraps at 2^32. */
  readonly waits: number
}

/**
 * Records of any length from one thread to any number of others, over shared memory, where nobody makes the producer wait: a receiver that falls
 * behind by more than the ring holds is told how many records it missed.
 *
 * Algorithm: Agrona BroadcastTransmitter and BroadcastReceiver.
 */
export class BroadcastRing {
  readonly handle: BroadcastRingHandle
  readonly memory: SharedArrayBuffer
  /** The whole {@link memory}: what the producer's offsets refer to. */
  readonly bytes: Uint8Array
  readonly capacityBytes: number
  /** The longest record that this ring can hold: an eighth of its capacity less 16. */
  readonly maxRecordBytes: number
  readonly parkingLot: ParkingLot
  readonly #ring: BroadcastMemory

  private constructor(handle: BroadcastRingHandle, ring: BroadcastMemory) {
    this.handle = handle
    this.memory = handle.memory
    this.bytes = new Uint8Array(handle.memory)
    this.capacityBytes = handle.capacityBytes
    this.maxRecordBytes = ring.maxRecordBytes
    this.parkingLot = ring.status.parkingLot
    this.#ring = ring
  }

  /** Makes a ring. @throws {OptionError | SharedMemoryUnavailableError} */
  static create(options: BroadcastRingOptions): BroadcastRing {
    const capacityBytes = powerOfTwo('capacityBytes', options.capacityBytes, LEAST_CAPACITY, MOST_CAPACITY)
    const number = wholeNumber('initialNumber', options.initialNumber ?? 0, 0, Number.MAX_SAFE_INTEGER)
    const position = wholeNumber('initialPosition', options.initialPosition ?? 0, 0, Number.MAX_SAFE_INTEGER)
    if (position % ALIGNMENT !== 0) throw new OptionError('initialPosition', position, `a multiple of ${ALIGNMENT}`)
    const parkingLot = options.parkingLot ?? ParkingLot.create()
    const memory = sharedMemory(DATA_BYTE + capacityBytes, 'broadcast ring')
    const ring = new BroadcastMemory(memory, capacityBytes, parkingLot)
    ring.words[MAGIC] = BROADCAST_MAGIC
    ring.words[VERSION] = BROADCAST_VERSION
    ring.words[CAPACITY] = capacityBytes
    ring.format(position, number)
    return new BroadcastRing({ memory, capacityBytes, parkingLot: parkingLot.handle }, ring)
  }

  /** The same ring on another thread. @throws {AttachError} */
  static attach(handle: BroadcastRingHandle): BroadcastRing {
    const what = 'broadcast ring'
    checkHandle(what, handle)
    const { memory, capacityBytes, parkingLot } = handle
    const words = checkHeader(what, memory, BROADCAST_MAGIC, BROADCAST_VERSION, DATA_BYTE + capacityBytes)
    checkWord(what, 'capacity in bytes', words[CAPACITY] as number, capacityBytes)
    return new BroadcastRing(handle, new BroadcastMemory(memory, capacityBytes, ParkingLot.attach(parkingLot)))
  }

  /** Takes the writing side. Only one thread may hold it; its `close()` gives it back. @throws {RoleTakenError} */
  producer(): BroadcastProducer {
    if (Atomics.compareExchange(this.#ring.words, PRODUCER_THREAD, 0, currentThread()) !== 0)
      throw new RoleTakenError('broadcast ring', 'producer', 'or make a ring for each')
    return new BroadcastProducer(this.#ring)
  }

  /** A reading side of its own for the calling thread. The ring does not know of it: there may be any number. @throws {OptionError} */
  receiver(options: BroadcastReceiverOptions = {}): BroadcastReceiver {
    return new BroadcastReceiver(this.#ring, options)
  }

  /**
   * Frees the writing side if a thread held it which has ended, however it ended, and its places in the parking lot, and returns how many
   * sides there were. What it had published stays; the next producer writes over what it had not.
   *
   * @param thread the thread's number: `threadId + 1` of a worker of Node. Only after its exit was seen.
   * @throws {OptionError} that is no thread's number, or the calling thread's own
   */
  reclaim(thread: number): number {
    checkEnded(thread)
    const freed = Atomics.compareExchange(this.#ring.words, PRODUCER_THREAD, thread, 0) === thread ? 1 : 0
    this.parkingLot.reclaim(thread)
    return freed
  }

  /** Whether the ring takes no more records. */
  get stopped(): boolean {
    return this.#ring.status.stopped
  }

  /** Takes no more records; receivers read on, and come to an end. The producer's next claim throws a {@link ClosedError}. */
  close(): void {
    this.#ring.status.stop(RING_CLOSED)
  }

  /** As {@link close}, but because something failed: producer and receivers get a {@link RingHaltedError}. */
  halt(): void {
    this.#ring.status.stop(RING_HALTED)
  }

  /** Reads the figures. */
  stats(): BroadcastRingStats {
    const { number, padding } = this.#ring.newest()
    return { next: padding ? number : number + 1, tail: this.#ring.tail.get(), waits: this.#ring.status.waits }
  }
}
