import type { Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { deadlineNs } from './deadline.ts'
import { doze, park, spin } from './phases.ts'
import { SHORTEST_NAP_MS } from './platform/processor.ts'

/** How far the budget shrinks below its seed: a thread that always ends up asleep still tries a little, and so notices a change. */
const LEAST_SHARE = 1 / 16

/** What an {@link AdaptiveWaitStrategy} starts from. */
export interface AdaptiveSeed {
  readonly spins: number
  readonly yields: number
  readonly threads: number
  readonly cores: number
}

/**
 * Spins, then yields, then sleeps, and learns which of them pays.
 *
 * A wait that ends awake doubles the budget for the next one, up to the seed; a wait that ends asleep halves it, so an idle
 * thread soon sleeps almost at once. With more threads than cores it always sleeps at once: spinning would keep from its core
 * the very thread that it waits for.
 */
export class AdaptiveWaitStrategy implements WaitStrategy {
  readonly #spins: number
  readonly #yields: number
  readonly #clock: Clock
  #share: number

  constructor(seed: AdaptiveSeed, clock: Clock) {
    this.#spins = seed.spins
    this.#yields = seed.yields
    this.#clock = clock
    this.#share = seed.threads > seed.cores ? 0 : 1
  }

  /** The part of the seed's spins and yields that the next wait spends before it sleeps: 0 to 1. */
  get share(): number {
    return this.#share
  }

  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence {
    const first = source.available()
    if (first >= sequence || source.alerted()) return first
    const endNs = deadlineNs(timeoutMs, this.#clock)
    const available = this.#awake(sequence, source, first, endNs)
    if (available >= sequence) {
      this.#share = Math.min(1, this.#share * 2)
      return available
    }
    if (source.alerted()) return available
    if (this.#share > LEAST_SHARE) this.#share /= 2
    return park(sequence, source, endNs, this.#clock)
  }

  #awake(sequence: Sequence, source: WaitSource, first: Sequence, endNs: number): Sequence {
    const available = spin(sequence, source, first, Math.floor(this.#spins * this.#share), endNs, this.#clock)
    if (available >= sequence) return available
    return doze(sequence, source, available, Math.floor(this.#yields * this.#share), SHORTEST_NAP_MS, endNs, this.#clock)
  }
}
