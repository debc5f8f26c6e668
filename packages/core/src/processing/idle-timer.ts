import type { Clock } from '@disruptorx/contracts'

/** Tells when nothing came for a while. The clock is read only while nothing comes. */
export class IdleTimer {
  readonly timeoutMs: number
  readonly #clock: Clock
  #dueNs = Infinity

  constructor(timeoutMs: number, clock: Clock) {
    this.timeoutMs = timeoutMs
    this.#clock = clock
  }

  /** Something came. */
  reset(): void {
    this.#dueNs = Infinity
  }

  /** Nothing came: how many milliseconds are left. 0 once the time is over, and then it begins anew. */
  leftMs(): number {
    const nowNs = this.#clock.monotonicNs()
    if (this.#dueNs !== Infinity && nowNs < this.#dueNs) return (this.#dueNs - nowNs) / 1e6
    const isOver = this.#dueNs !== Infinity
    this.#dueNs = nowNs + this.timeoutMs * 1e6
    return isOver ? 0 : this.timeoutMs
  }
}
