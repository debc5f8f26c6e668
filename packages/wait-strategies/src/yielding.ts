import type { Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { deadlineNs, leftMs } from './deadline.ts'
import { spinPause, yieldCore } from './platform/processor.ts'

/**
 * Spins for a moment, then looks again after each of many very short sleeps. Costs whoever moves a sequence nothing,
 * as nobody has to be woken; an idle thread uses a few percent of a core.
 *
 * Algorithm: LMAX YieldingWaitStrategy, with the shortest sleep there is in place of a yield.
 */
export class YieldingWaitStrategy implements WaitStrategy {
  readonly #spins: number
  readonly #clock: Clock

  constructor(spins: number, clock: Clock) {
    this.#spins = spins
    this.#clock = clock
  }

  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence {
    let available = source.available()
    if (available >= sequence) return available
    const endNs = deadlineNs(timeoutMs, this.#clock)
    for (let look = 0; !source.alerted(); look++) {
      if (look >= this.#spins) {
        if (leftMs(endNs, this.#clock) === 0) return available
        yieldCore()
      } else spinPause()
      available = source.available()
      if (available >= sequence) return available
    }
    return available
  }
}
