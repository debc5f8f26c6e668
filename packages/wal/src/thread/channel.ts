import type { Lsn } from '@disruptorx/contracts'
import { ByteRing, type ByteRingHandle, ParkingLot, SharedFlag, type SharedFlagHandle } from '@disruptorx/core'
import type { JournalStats } from './journal.ts'
import { JournalProgress, type JournalProgressHandle } from './progress.ts'

/** What a journal and its thread share, as it crosses to that thread. */
export interface JournalChannelHandle {
  readonly ring: ByteRingHandle
  readonly stop: SharedFlagHandle
  readonly progress: JournalProgressHandle
}

/** What a journal and its thread share: requests one way, progress the other. All who wait for either sleep in one parking lot. */
export class JournalChannel {
  readonly ring: ByteRing
  readonly parkingLot: ParkingLot
  /** Raised to end the journal's thread. */
  readonly stop: SharedFlag
  readonly progress: JournalProgress
  readonly handle: JournalChannelHandle

  private constructor(ring: ByteRing, stop: SharedFlag, progress: JournalProgress) {
    this.ring = ring
    this.parkingLot = ring.parkingLot
    this.stop = stop
    this.progress = progress
    this.handle = { ring: ring.handle, stop: stop.handle, progress: progress.handle }
  }

  static create(bufferBytes: number): JournalChannel {
    const parkingLot = ParkingLot.create()
    const ring = ByteRing.create({ capacityBytes: bufferBytes, parkingLot })
    return new JournalChannel(ring, SharedFlag.create(parkingLot), JournalProgress.create(parkingLot))
  }

  static attach(handle: JournalChannelHandle): JournalChannel {
    const ring = ByteRing.attach(handle.ring)
    return new JournalChannel(ring, SharedFlag.attach(handle.stop), JournalProgress.attach(handle.progress))
  }

  /** Everything up to this LSN is on stable storage. */
  get syncedLsn(): Lsn {
    return this.progress.cells.syncedLsn.get() as number
  }

  stats(): JournalStats {
    const { bytesOnDisk, bytesWritten, segmentsMadeInline } = this.progress.cells
    return {
      bytesOnDisk: bytesOnDisk.get() as number,
      bytesWritten: bytesWritten.get() as number,
      segmentsMadeInline: segmentsMadeInline.get() as number,
      bufferedBytes: this.ring.usedBytes,
    }
  }
}
