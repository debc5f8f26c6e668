import { ByteRing, type ByteRingHandle, ParkingLot, SharedFlag, type SharedFlagHandle, SharedSequence } from '@disruptorx/core'

/** Bytes in front of a request's data in the ring: kind, which is that of the record asked for, index, term. */
export const REQUEST_HEADER_BYTES = 24

/** What a log and its journal's thread share, as it crosses to that thread. */
export interface LogChannelHandle {
  readonly ring: ByteRingHandle
  readonly stop: SharedFlagHandle
  readonly progress: SharedArrayBuffer
}

/** What a log and its journal's thread share: requests one way, progress the other. */
export class LogChannel {
  readonly ring: ByteRing
  readonly parkingLot: ParkingLot
  /** Raised to end the journal's thread. */
  readonly stop: SharedFlag
  /** Everything up to this LSN is durable. */
  readonly durableLsn: SharedSequence
  readonly #progress: SharedArrayBuffer

  private constructor(ring: ByteRing, stop: SharedFlag, progress: SharedArrayBuffer, initial?: number) {
    this.ring = ring
    this.parkingLot = ring.parkingLot
    this.stop = stop
    this.durableLsn = new SharedSequence(progress, 0, initial)
    this.#progress = progress
  }

  static create(bufferBytes: number): LogChannel {
    const parkingLot = ParkingLot.create({ maxThreads: 4 })
    const ring = ByteRing.create({ capacityBytes: bufferBytes, parkingLot })
    return new LogChannel(ring, SharedFlag.create(parkingLot), new SharedArrayBuffer(SharedSequence.BYTES), 0)
  }

  static attach(handle: LogChannelHandle): LogChannel {
    return new LogChannel(ByteRing.attach(handle.ring), SharedFlag.attach(handle.stop), handle.progress)
  }

  get handle(): LogChannelHandle {
    return { ring: this.ring.handle, stop: this.stop.handle, progress: this.#progress }
  }
}
