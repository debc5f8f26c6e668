import { isDisruptorError, TimeoutError } from '@disruptorx/contracts'
import { systemClock } from '@disruptorx/contracts/internal'
import { SequenceBarrier, type WaitOptions } from '../processing/sequence-barrier.ts'
import { endOf } from '../sequencer/room-waiter.ts'
import type { DisruptorRing } from './disruptor-ring.ts'

/** What {@link drain} empties. */
export interface Drained<E> {
  readonly ring: DisruptorRing<E>
  /** Whether every handler has dealt with all that was published. */
  readonly isHandled: () => boolean
  /** Whether the handlers end for another reason: then there is nothing to wait for. */
  readonly isEnding: () => boolean
  /** Makes visible what publishers of this thread hold, and closes them. */
  readonly closePublishers: (left: () => WaitOptions) => Promise<void>
}

/**
 * Lets a ring take no more events, and waits until all is handled that was published.
 *
 * A producer elsewhere may have claimed before it saw that the ring is closed. So the ring is halted once all is handled, and then whoever publishes is told
 * that nobody will see it; what was published just before that is waited for as well.
 *
 * @throws {TimeoutError | AbortedError}
 * @throws {OptionError} there is no such limit; nothing was closed
 */
export async function drain<E>({ ring, isHandled, isEnding, closePublishers }: Drained<E>, options: WaitOptions): Promise<void> {
  const { timeoutMs = Infinity } = options
  const endNs = endOf(timeoutMs)
  const left = () => ({ ...options, timeoutMs: Math.max(0, (endNs - systemClock.monotonicNs()) / 1e6) })
  const handled = { get: () => (isHandled() ? 1 : 0), set: () => {} }
  const barrier = new SequenceBarrier({ cells: [handled], parkingLot: ring.parkingLot, alerted: isEnding })
  try {
    if (!ring.stopped) await closePublishers(left).catch(unlessHalted)
    ring.close()
    await barrier.waitForAsync(1, left())
    if (isEnding()) return
    ring.halt()
    await barrier.waitForAsync(1, left())
  } catch (error) {
    if (isEnding()) return
    throw isDisruptorError(error, 'DX_TIMEOUT') ? new TimeoutError('shutdown', timeoutMs) : error
  }
}

/** A worker halts the ring before anybody hears what its handler threw: that is on its way, and ends the wait for what will not be handled. */
function unlessHalted(error: unknown): void {
  if (!isDisruptorError(error, 'DX_RING_HALTED')) throw error
}
