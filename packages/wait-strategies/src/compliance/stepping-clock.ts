import type { Clock } from '@disruptorx/contracts'

/** A clock of its own time: it goes on by a step at each reading, so that nobody who waits by it waits for ever, and when a simulated sleep ends. */
export class SteppingClock implements Clock {
  #nowNs = 1e9
  /** How far it goes on at each reading. */
  stepNs = 0

  /** The time without a step. */
  get nowNs(): number {
    return this.#nowNs
  }

  nowMs(): number {
    return this.#nowNs / 1e6
  }

  monotonicNs(): number {
    this.#nowNs += this.stepNs
    return this.#nowNs
  }

  advance(ms: number): void {
    this.#nowNs += ms * 1e6
  }
}
