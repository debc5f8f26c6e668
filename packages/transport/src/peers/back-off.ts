import type { Random } from '@disruptorx/contracts'

/** How long to wait before an address is dialled again. */
export interface BackOffOptions {
  /** The first wait: 1 to 600,000 ms. Each next one is twice as long. @default 50 */
  readonly minDelayMs: number
  /** The longest wait: up to 600,000 ms. @default 5_000 */
  readonly maxDelayMs: number
}

/** Growing waits, each cut short by chance by up to a half: so those who failed together do not come back together. */
export class BackOff {
  readonly #options: BackOffOptions
  readonly #random: Random
  #failures = 0

  constructor(options: BackOffOptions, random: Random) {
    this.#options = options
    this.#random = random
  }

  /** Waits since {@link reset}. */
  get failures(): number {
    return this.#failures
  }

  /** How long to wait now, in milliseconds. */
  next(): number {
    const { minDelayMs, maxDelayMs } = this.#options
    const delayMs = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(this.#failures, 32))
    this.#failures++
    return delayMs * (0.5 + this.#random.u32() / 2 ** 33)
  }

  /** All is well: the next wait is a short one. */
  reset(): void {
    this.#failures = 0
  }
}
