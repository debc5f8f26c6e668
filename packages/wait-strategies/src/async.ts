import type { AsyncWaitStrategy, Clock, Sequence, WaitSource } from '@disruptorx/contracts'
import { deadlineNs, leftMs } from './deadline.ts'

/**
 * Waits on an event loop: a look, then one `Atomics.waitAsync` per idle period. The loop goes on with its other work meanwhile.
 *
 * A pending wait does not keep a Node process alive: a program whose only work left is such a wait ends.
 */
export class EventLoopWaitStrategy implements AsyncWaitStrategy {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async waitForAsync(sequence: Sequence, source: WaitSource, timeoutMs: number): Promise<Sequence> {
    const first = source.available()
    if (first >= sequence || source.alerted()) return first
    const endNs = deadlineNs(timeoutMs, this.#clock)
    for (;;) {
      source.parker.raise()
      const available = source.available()
      const left = leftMs(endNs, this.#clock)
      if (available >= sequence || source.alerted() || left === 0) {
        source.parker.lower()
        return available
      }
      await source.parker.parkAsync(left)
    }
  }
}
