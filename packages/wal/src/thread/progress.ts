import type { Lsn } from '@disruptorx/contracts'
import { ParkingLot, type ParkingLotHandle, SequenceBarrier, SharedFlag, type SharedFlagHandle, SharedSequence } from '@disruptorx/core'

/** How far a journal is, in shared memory, as it crosses a thread. See {@link durableBarrier}. */
export interface JournalProgressHandle {
  /** Cells of 128 bytes each, as `SharedSequence` of `@disruptorx/core` has them: the durable LSN first. */
  readonly cells: SharedArrayBuffer
  /** Raised when the journal was closed, has stopped, or its thread has died: nothing moves any more. */
  readonly ended: SharedFlagHandle
  /** Where whoever waits sleeps. */
  readonly parkingLot: ParkingLotHandle
}

const CELLS = ['durableLsn', 'syncedLsn', 'bytesWritten', 'bytesOnDisk', 'segmentsMadeInline'] as const

type Cells = Readonly<Record<(typeof CELLS)[number], SharedSequence>>

/** How far a journal is: moved by its thread, read by any. */
export class JournalProgress {
  readonly handle: JournalProgressHandle
  readonly parkingLot: ParkingLot
  readonly ended: SharedFlag
  readonly cells: Cells

  private constructor(handle: JournalProgressHandle, parkingLot: ParkingLot, ended: SharedFlag, initial?: number) {
    this.handle = handle
    this.parkingLot = parkingLot
    this.ended = ended
    const cell = (i: number) => new SharedSequence(handle.cells, i * SharedSequence.BYTES, initial)
    this.cells = Object.fromEntries(CELLS.map((name, i) => [name, cell(i)])) as Cells
  }

  static create(parkingLot: ParkingLot): JournalProgress {
    const ended = SharedFlag.create(parkingLot)
    const cells = new SharedArrayBuffer(CELLS.length * SharedSequence.BYTES)
    return new JournalProgress({ cells, ended: ended.handle, parkingLot: parkingLot.handle }, parkingLot, ended, 0)
  }

  static attach(handle: JournalProgressHandle): JournalProgress {
    return new JournalProgress(handle, ParkingLot.attach(handle.parkingLot), SharedFlag.attach(handle.ended))
  }

  get durableLsn(): Lsn {
    return this.cells.durableLsn.get() as number
  }
}

/**
 * Waits, on any thread, until a journal is durable up to an LSN: `waitFor(lsn)` blocks, `waitForAsync(lsn)` does not. What they return is how far it is: less than
 * what was asked for only when the journal has ended. Close the barrier when the thread needs it no longer.
 *
 * @param handle of the journal, as its `progress` has it: it crosses threads
 * @example
 * const durable = durableBarrier(workerData.progress)
 * if (durable.waitFor(lsn) < lsn) throw new Error('the journal has ended')
 */
export function durableBarrier(handle: JournalProgressHandle): SequenceBarrier {
  const { cells, parkingLot, ended } = JournalProgress.attach(handle)
  return new SequenceBarrier({ cells: [cells.durableLsn], parkingLot, alerted: () => ended.raised })
}
