import type { Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { deadlineNs } from './deadline.ts'
import { doze, spin } from './phases.ts'
import { SHORTEST_NAP_MS } from './platform/processor.ts'

/** What a {@link SleepingWaitStrategy} is made of. */
export interface SleepingPhases {
  /** Looks without giving the core away. */
  readonly spins: number
  /** Looks after the shortest of naps each. */
  readonly yields: number
  /** How long each nap is after that, in milliseconds. */
  readonly sleepMs: number
}

/**
 * Spins, then yields, then looks after each of many naps of a set length: the wake-up is late by at most that, whoever moves a sequence
 * pays nothing for it, and the longer the naps, the less an idle thread uses.
 *
 * Algorithm: LMAX SleepingWaitStrategy.
 */
export class SleepingWaitStrategy implements WaitStrategy {
  readonly #phases: SleepingPhases
  readonly #clock: Clock

  constructor(phases: SleepingPhases, clock: Clock) {
    this.#phases = phases
    this.#clock = clock
  }

  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence {
    let available = source.available()
    if (available >= sequence) return available
    const endNs = deadlineNs(timeoutMs, this.#clock)
    const { spins, yields, sleepMs } = this.#phases
    available = spin(sequence, source, available, spins, endNs, this.#clock)
    if (available >= sequence) return available
    available = doze(sequence, source, available, yields, SHORTEST_NAP_MS, endNs, this.#clock)
    if (available >= sequence) return available
    return doze(sequence, source, available, Infinity, sleepMs, endNs, this.#clock)
  }
}
