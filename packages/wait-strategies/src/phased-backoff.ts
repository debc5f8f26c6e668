import type { Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { deadlineNs, leftMs } from './deadline.ts'
import { doze, spin } from './phases.ts'
import { SHORTEST_NAP_MS } from './platform/processor.ts'

/** What a {@link PhasedBackoffWaitStrategy} is made of. */
export interface BackoffPhases {
  /** How long it spins, in nanoseconds. */
  readonly spinNs: number
  /** How long it yields after that, in nanoseconds. */
  readonly yieldNs: number
  /** How it waits after that. */
  readonly fallback: WaitStrategy
}

/**
 * Spins for a time, yields for a time, then waits by another strategy. For who knows how long waits take; {@link AdaptiveWaitStrategy} finds out.
 *
 * Algorithm: LMAX PhasedBackoffWaitStrategy.
 */
export class PhasedBackoffWaitStrategy implements WaitStrategy {
  readonly #phases: BackoffPhases
  readonly #clock: Clock

  constructor(phases: BackoffPhases, clock: Clock) {
    this.#phases = phases
    this.#clock = clock
  }

  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence {
    let available = source.available()
    if (available >= sequence || source.alerted()) return available
    const { spinNs, yieldNs, fallback } = this.#phases
    const startNs = this.#clock.monotonicNs()
    const endNs = deadlineNs(timeoutMs, this.#clock)
    available = spin(sequence, source, available, Infinity, Math.min(startNs + spinNs, endNs), this.#clock)
    if (available >= sequence || source.alerted()) return available
    const yieldEndNs = Math.min(startNs + spinNs + yieldNs, endNs)
    available = doze(sequence, source, available, Infinity, SHORTEST_NAP_MS, yieldEndNs, this.#clock)
    if (available >= sequence || source.alerted()) return available
    return fallback.waitFor(sequence, source, leftMs(endNs, this.#clock))
  }
}
