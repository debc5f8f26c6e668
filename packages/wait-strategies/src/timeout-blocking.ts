import type { Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { deadlineNs } from './deadline.ts'
import { park } from './phases.ts'

/**
 * Sleeps at once, and ends every wait after a time of its own, whatever the wait's own limit: so whoever waits looks up regularly.
 *
 * Algorithm: LMAX TimeoutBlockingWaitStrategy and LiteTimeoutBlockingWaitStrategy, with a result that falls short in place of an exception.
 */
export class TimeoutBlockingWaitStrategy implements WaitStrategy {
  readonly #limitMs: number
  readonly #clock: Clock

  constructor(limitMs: number, clock: Clock) {
    this.#limitMs = limitMs
    this.#clock = clock
  }

  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence {
    const available = source.available()
    if (available >= sequence || source.alerted()) return available
    return park(sequence, source, deadlineNs(Math.min(timeoutMs, this.#limitMs), this.#clock), this.#clock)
  }
}
