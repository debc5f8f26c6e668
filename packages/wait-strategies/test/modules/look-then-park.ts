import type { Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'

/** The README's example of a strategy of one's own. */
export class LookThenPark implements WaitStrategy {
  readonly #looks: number

  constructor(looks: number) {
    this.#looks = looks
  }

  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence {
    if (!(timeoutMs >= 0)) throw new RangeError(`a limit of ${timeoutMs} ms`)
    for (let look = 0; look < this.#looks; look++) {
      const available = source.available()
      if (available >= sequence || source.alerted()) return available
    }
    const end = performance.now() + timeoutMs
    for (;;) {
      source.parker.raise()
      const available = source.available()
      const left = end - performance.now()
      if (available >= sequence || source.alerted() || left <= 0) {
        source.parker.lower()
        return available
      }
      source.parker.park(left)
    }
  }
}
