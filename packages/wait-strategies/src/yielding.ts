import type { Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { deadlineNs } from './deadline.ts'
import { doze, spin } from './phases.ts'
import { SHORTEST_NAP_MS } from './platform/processor.ts'

/**
 * Spins for a moment, then looks again after each of many very short naps. Costs whoever moves a sequence nothing,
 * as nobody has to be woken; an idle thread uses some percent of a core.
 *
 * Algorithm: LMAX YieldingWaitStrategy, with the shortest nap there is in place of a yield.
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
    available = spin(sequence, source, available, this.#spins, endNs, this.#clock)
    if (available >= sequence) return available
    return doze(sequence, source, available, Infinity, SHORTEST_NAP_MS, endNs, this.#clock)
  }
}
