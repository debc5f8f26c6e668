import type { Clock, Sequence, WaitSource } from '@disruptorx/contracts'
import { leftMs } from './deadline.ts'

/**
 * Sleeps until `sequence` is available, the source is alerted, or `endNs` has come.
 *
 * Raise, look again, sleep: whoever moves a sequence after that look sees the raised flag, so no wake-up is lost.
 */
export function parkUntil(sequence: Sequence, source: WaitSource, endNs: number, clock: Clock): Sequence {
  const parker = source.parker
  for (;;) {
    parker.raise()
    const available = source.available()
    const left = leftMs(endNs, clock)
    if (available >= sequence || source.alerted() || left === 0) {
      parker.lower()
      return available
    }
    parker.park(left)
  }
}
