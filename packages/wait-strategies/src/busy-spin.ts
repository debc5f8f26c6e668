import type { Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { deadlineNs } from './deadline.ts'
import { spin } from './phases.ts'

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
    const available = source.available()
    if (available >= sequence) return available
    return spin(sequence, source, available, Infinity, deadlineNs(timeoutMs, this.#clock), this.#clock)
  }
}
