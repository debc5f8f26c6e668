import type { ParkingLot } from '../parking/parking-lot.ts'
import { currentThread } from '../platform/current-thread.ts'
import { SharedSequence } from '../sequences/shared-sequence.ts'
import {
  type ByteRingOffsets,
  type ByteRingShape,
  byteRingOffsets,
  CONSUMER_THREAD,
  CURSOR_BYTE,
  maxRecordBytes,
  RECLAIMS,
  RELEASED_BYTE,
} from './byte-ring-descriptor.ts'
import { ProducerTable } from './producer-table.ts'
import { RingStatus } from './ring-status.ts'

/** What both sides of a byte ring share. */
export class ByteRingMemory {
  readonly memory: SharedArrayBuffer
  readonly words: Int32Array
  readonly bytes: Uint8Array
  readonly shape: ByteRingShape
  readonly at: ByteRingOffsets
  readonly maxRecordBytes: number
  readonly status: RingStatus
  readonly cursor: SharedSequence
  readonly released: SharedSequence
  readonly producers: ProducerTable

  /** With `initialPosition`, sets where the ring starts: only its maker does so. */
  constructor(memory: SharedArrayBuffer, shape: ByteRingShape, parkingLot: ParkingLot, initialPosition?: number) {
    this.memory = memory
    this.words = new Int32Array(memory)
    this.bytes = new Uint8Array(memory)
    this.shape = shape
    this.at = byteRingOffsets(shape)
    this.maxRecordBytes = maxRecordBytes(shape.capacityBytes)
    this.status = new RingStatus(this.words, parkingLot)
    const initial = initialPosition === undefined ? [] : [initialPosition]
    this.cursor = new SharedSequence(memory, CURSOR_BYTE, ...initial)
    this.released = new SharedSequence(memory, RELEASED_BYTE, ...initial)
    this.producers = new ProducerTable(this.words, shape.maxProducers)
  }

  /** Takes the reading side for the calling thread. False when somebody holds it. */
  takeConsumer(): boolean {
    return Atomics.compareExchange(this.words, CONSUMER_THREAD, 0, currentThread()) === 0
  }

  giveConsumer(): void {
    Atomics.store(this.words, CONSUMER_THREAD, 0)
  }

  /** Whether it is the calling thread that reads. */
  get consumedHere(): boolean {
    return Atomics.load(this.words, CONSUMER_THREAD) === currentThread()
  }

  /** Takes a dead thread's sides away and returns how many it held. */
  reclaim(thread: number): number {
    settleEpoch(this.cursor)
    settleEpoch(this.released)
    const freed = this.producers.reclaim(thread)
    if (Atomics.load(this.words, CONSUMER_THREAD) !== thread) return freed
    // It may have died while it took flags down that it had not yet released: the next one has to pass these.
    Atomics.add(this.words, RECLAIMS, 1)
    return Atomics.compareExchange(this.words, CONSUMER_THREAD, thread, 0) === thread ? freed + 1 : freed
  }
}

/**
 * Brings the epoch of a position's cell up to date. For whoever has moved its low 32 bits past a multiple of 2^31, which a change of their sign
 * shows, and for whoever takes a side over: the one before may have died in between.
 */
export function settleEpoch(cell: SharedSequence): void {
  cell.raiseEpoch(cell.get())
}
