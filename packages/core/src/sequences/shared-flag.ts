import { LINE_BYTES } from '../memory/cells.ts'
import { sharedMemory } from '../memory/shared-memory.ts'
import { ParkingLot, type ParkingLotHandle } from '../parking/parking-lot.ts'

/** A {@link SharedFlag} as it crosses a thread. */
export interface SharedFlagHandle {
  readonly memory: SharedArrayBuffer
  readonly parkingLot: ParkingLotHandle
}

/** A flag that any thread raises and all see, for good: how threads are told to stop. Raising it wakes whoever sleeps in the parking lot. */
export class SharedFlag {
  readonly handle: SharedFlagHandle
  readonly #words: Int32Array
  readonly #parkingLot: ParkingLot

  private constructor(memory: SharedArrayBuffer, parkingLot: ParkingLot) {
    this.handle = { memory, parkingLot: parkingLot.handle }
    this.#words = new Int32Array(memory)
    this.#parkingLot = parkingLot
  }

  /** Makes a flag that is down. */
  static create(parkingLot: ParkingLot): SharedFlag {
    return new SharedFlag(sharedMemory(LINE_BYTES, 'flag'), parkingLot)
  }

  /** The same flag on another thread. @throws {AttachError} */
  static attach(handle: SharedFlagHandle): SharedFlag {
    return new SharedFlag(handle.memory, ParkingLot.attach(handle.parkingLot))
  }

  get raised(): boolean {
    return Atomics.load(this.#words, 0) !== 0
  }

  raise(): void {
    Atomics.store(this.#words, 0, 1)
    this.#parkingLot.unparkAll()
  }
}
