import { AbortedError, OptionError, TimeoutError } from '@disruptorx/contracts'
import { createAsyncWaitStrategy } from '@disruptorx/wait-strategies'
import { holdOpen } from '../platform/event-loop.ts'
import type { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import type { ReadyOptions } from './publisher.ts'

/** Waits on an event loop, keeping its process alive, until `room()` is at least `count`. @throws {TimeoutError | AbortedError | ClosedError | RingHaltedError} */
export async function waitForRoom(ring: SequencerMemory, room: () => number, count: number, options: ReadyOptions): Promise<void> {
  const { timeoutMs = Infinity, signal } = options
  const what = 'waiting for room in the ring'
  if (!(timeoutMs >= 0)) throw new OptionError('timeoutMs', timeoutMs, 'a number from 0, or Infinity')
  if (signal?.aborted) throw new AbortedError(what, signal.reason)
  ring.checkOpen()
  if (room() >= count) return
  const parker = ring.parkingLot.parker()
  const wake = () => ring.parkingLot.unparkAll()
  const letGo = holdOpen()
  signal?.addEventListener('abort', wake)
  try {
    const alerted = () => ring.stopped || signal?.aborted === true
    const found = await createAsyncWaitStrategy().waitForAsync(count, { available: room, alerted, parker }, timeoutMs)
    if (signal?.aborted) throw new AbortedError(what, signal.reason)
    ring.checkOpen()
    if (found < count) throw new TimeoutError(what, timeoutMs)
    parker.noteFound()
  } finally {
    signal?.removeEventListener('abort', wake)
    parker.close()
    letGo()
  }
}
