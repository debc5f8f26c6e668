import type { Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { deadlineNs } from './deadline.ts'
import { park } from './phases.ts'

/**
 * Sleeps at once. Uses no processor time while idle; each wake-up costs the waking thread some microseconds.
 *
 * Algorithm: LMAX BlockingWaitStrategy, with one sleeping place per thread in place of a shared lock. Whoever moves a sequence signals only
 * where somebody has said that he waits, which is what LMAX LiteBlockingWaitStrategy adds: so this is both.
 */
export class BlockingWaitStrategy implements WaitStrategy {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence {
    const available = source.available()
    if (available >= sequence || source.alerted()) return available
    return park(sequence, source, deadlineNs(timeoutMs, this.#clock), this.#clock)
  }
}
