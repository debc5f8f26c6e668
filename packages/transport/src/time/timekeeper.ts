import type { Clock, Scheduler } from '@disruptorx/contracts'
import { type Timer, TimerQueue } from './timer-queue.ts'

/** All timers of a transport over one timer of its scheduler. */
export class Timekeeper {
  readonly #clock: Clock
  readonly #scheduler: Scheduler
  readonly #timers = new TimerQueue()
  #wakesNs = Number.POSITIVE_INFINITY
  #cancelWake: (() => void) | undefined
  readonly #wake = () => {
    this.#wakesNs = Number.POSITIVE_INFINITY
    try {
      this.#timers.fire(this.nowNs())
    } finally {
      // What one task throws shall not stop the others for ever.
      this.#arm()
    }
  }

  constructor(clock: Clock, scheduler: Scheduler) {
    this.#clock = clock
    this.#scheduler = scheduler
  }

  nowNs(): number {
    return this.#clock.monotonicNs()
  }

  /** Calls `task` once after `delayMs`. */
  after(delayMs: number, task: () => void): Timer {
    const timer = this.#timers.add(this.nowNs() + delayMs * 1e6, task)
    if (timer.dueNs < this.#wakesNs) this.#arm()
    return timer
  }

  /** Takes a timer back. Without effect on one that went off. */
  cancel(timer: Timer | undefined): void {
    if (timer !== undefined) this.#timers.remove(timer)
  }

  /** Calls `task` when everything else of this turn is done. */
  soon(task: () => void): void {
    this.#scheduler.schedule(0, task)
  }

  /** Nothing goes off any more. */
  stop(): void {
    this.#cancelWake?.()
    this.#cancelWake = undefined
    // Whoever still sets a timer sets it in vain.
    this.#wakesNs = Number.NEGATIVE_INFINITY
  }

  #arm(): void {
    const { nextNs } = this.#timers
    if (nextNs >= this.#wakesNs) return
    this.#cancelWake?.()
    this.#wakesNs = nextNs
    const delayMs = Math.ceil(Math.max(0, nextNs - this.nowNs()) / 1e6)
    // Timers of an event loop hold 31 bits.
    this.#cancelWake = this.#scheduler.schedule(Math.min(Math.max(1, delayMs), 2 ** 31 - 1), this.#wake)
  }
}
