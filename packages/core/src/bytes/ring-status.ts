import { ClosedError } from '@disruptorx/contracts'
import { RingHaltedError } from '../errors.ts'
import type { ParkingLot } from '../parking/parking-lot.ts'

/** Words of the first line that every ring of bytes has in the same place, after magic number and version. */
export const CAPACITY = 2
export const STATUS = 3
const WAITS = 4

/** Values of `status`. */
export const RING_OPEN = 0
export const RING_CLOSED = 1
export const RING_HALTED = 2

/** Whether a ring of bytes takes records, and whom to wake when that changes. */
export class RingStatus {
  readonly parkingLot: ParkingLot
  readonly #words: Int32Array

  constructor(words: Int32Array, parkingLot: ParkingLot) {
    this.#words = words
    this.parkingLot = parkingLot
  }

  /** Whether records are taken no more. */
  get stopped(): boolean {
    return Atomics.load(this.#words, STATUS) !== RING_OPEN
  }

  get halted(): boolean {
    return Atomics.load(this.#words, STATUS) === RING_HALTED
  }

  /** @throws {ClosedError | RingHaltedError} when records are taken no more */
  checkOpen(): void {
    const status = Atomics.load(this.#words, STATUS)
    if (status === RING_HALTED) throw new RingHaltedError()
    if (status === RING_CLOSED) throw new ClosedError('the ring')
  }

  /** Ends the taking of records, for good. A halted ring stays halted. */
  stop(status: typeof RING_CLOSED | typeof RING_HALTED): void {
    if (status === RING_HALTED) Atomics.store(this.#words, STATUS, RING_HALTED)
    else Atomics.compareExchange(this.#words, STATUS, RING_OPEN, RING_CLOSED)
    this.parkingLot.unparkAll()
  }

  countWait(): void {
    Atomics.add(this.#words, WAITS, 1)
  }

  /** How often somebody began to wait, modulo 2^32. */
  get waits(): number {
    return Atomics.load(this.#words, WAITS) >>> 0
  }
}
