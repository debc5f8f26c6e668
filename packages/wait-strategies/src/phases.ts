import type { Clock, Sequence, WaitSource } from '@disruptorx/contracts'
import { leftMs } from './deadline.ts'
import { nap, spinPause } from './platform/processor.ts'

/**
 * The phases that wait strategies are made of. Each looks again and again until `sequence` is available, the source is alerted, `endNs` has come,
 * or it has looked often enough, and returns what was available at its last look: `available` if it looked not at all.
 * None of them allocates, and none reads the clock when `endNs` is Infinity.
 */

/** Looks between two readings of the clock: some microseconds. */
const LOOKS_PER_CLOCK = 64

/** Looks without giving the core away. */
export function spin(sequence: Sequence, source: WaitSource, available: Sequence, looks: number, endNs: number, clock: Clock): Sequence {
  for (let look = 0; look < looks && !source.alerted(); look++) {
    if (endNs !== Infinity && look % LOOKS_PER_CLOCK === 0 && leftMs(endNs, clock) === 0) break
    spinPause()
    available = source.available()
    if (available >= sequence) break
  }
  return available
}

/** Looks after each of many naps of `napMs`, for which nobody has to be woken. */
export function doze(
  sequence: Sequence,
  source: WaitSource,
  available: Sequence,
  looks: number,
  napMs: number,
  endNs: number,
  clock: Clock,
): Sequence {
  for (let look = 0; look < looks && !source.alerted(); look++) {
    const left = leftMs(endNs, clock)
    if (left === 0) break
    nap(Math.min(napMs, left))
    available = source.available()
    if (available >= sequence) break
  }
  return available
}

/**
 * Sleeps until it is woken, as often as it takes.
 *
 * Raise, look again, sleep: whoever moves a sequence after that look sees the raised flag, so no wake-up is lost.
 */
export function park(sequence: Sequence, source: WaitSource, endNs: number, clock: Clock): Sequence {
  const parker = source.parker
  for (;;) {
    parker.raise()
    const available = source.available()
    const left = leftMs(endNs, clock)
    if (available >= sequence || left === 0 || source.alerted()) {
      parker.lower()
      return available
    }
    parker.park(left)
  }
}
