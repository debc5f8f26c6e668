import type { Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { deadlineNs, leftMs } from './deadline.ts'
import { spinPause } from './platform/processor.ts'

/** Looks between two readings of the clock. */
const LOOKS_PER_CLOCK = 64

/**
 * Never gives the core away. The lowest latency, for a thread that has a core of its own; a whole core is busy even when idle.
 *
 * Algorithm: LMAX BusySpinWaitStrategy.
 */
export class BusySpinWaitStrategy implements WaitStrategy {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence {
    let available = source.available()
    if (available >= sequence) return available
    const endNs = deadlineNs(timeoutMs, this.#clock)
    for (let look = 0; !source.alerted(); look++) {
      if (endNs !== Infinity && look % LOOKS_PER_CLOCK === 0 && leftMs(endNs, this.#clock) === 0) return available
      spinPause()
      available = source.available()
      if (available >= sequence) return available
    }
    return available
  }
}
