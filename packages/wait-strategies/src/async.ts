import type { AsyncWaitStrategy, Clock, Sequence, WaitSource } from '@disruptorx/contracts'
import { deadlineNs, leftMs } from './deadline.ts'
import { spin } from './phases.ts'

/** What the budget of looks shrinks to. More than where a thread waits: being woken costs an event loop more, and the looks are all that it tries. */
const LEAST_SHARE = 1 / 4

/** What an {@link EventLoopWaitStrategy} is made of. */
export interface EventLoopWait {
  /** Looks before it arms the wait. */
  readonly looks: number
  /** Ends every wait after that long, whatever its own limit: Infinity for none. */
  readonly limitMs: number
}

/**
 * Waits on an event loop: a few looks, then one `Atomics.waitAsync` per idle period. The loop goes on with its other work meanwhile.
 *
 * The looks spare a wait that would end at once; a wait that came to nothing by looking halves them, one that did not doubles them again.
 * A pending wait does not keep a Node process alive: a program whose only work left is such a wait ends.
 */
export class EventLoopWaitStrategy implements AsyncWaitStrategy {
  readonly #looks: number
  readonly #limitMs: number
  readonly #clock: Clock
  #share = 1

  constructor(wait: EventLoopWait, clock: Clock) {
    this.#looks = wait.looks
    this.#limitMs = wait.limitMs
    this.#clock = clock
  }

  async waitForAsync(sequence: Sequence, source: WaitSource, timeoutMs: number): Promise<Sequence> {
    let available = source.available()
    if (available >= sequence || source.alerted()) return available
    const endNs = deadlineNs(Math.min(timeoutMs, this.#limitMs), this.#clock)
    available = spin(sequence, source, available, Math.floor(this.#looks * this.#share), endNs, this.#clock)
    if (available >= sequence) {
      this.#share = Math.min(1, this.#share * 2)
      return available
    }
    if (source.alerted()) return available
    if (this.#share > LEAST_SHARE) this.#share /= 2
    for (;;) {
      source.parker.raise()
      available = source.available()
      const left = leftMs(endNs, this.#clock)
      if (available >= sequence || left === 0 || source.alerted()) {
        source.parker.lower()
        return available
      }
      await source.parker.parkAsync(left)
    }
  }
}
