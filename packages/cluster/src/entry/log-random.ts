import type { Random } from '@disruptorx/contracts'

/**
 * Chance that is the same on every replica and in every replay: seeded by the place of an event in the log.
 *
 * Algorithm: a Weyl sequence with the finalizer of MurmurHash3, as in splitmix32.
 */
export class LogRandom implements Random {
  #state = 0

  /** Starts anew for one event. */
  seed(index: number, ordinal: number): void {
    this.#state = mix(mix((index / 2 ** 32) | 0) ^ mix(index | 0) ^ Math.imul(ordinal + 1, 0x9e3779b1))
  }

  u32(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    return mix(this.#state) >>> 0
  }
}

function mix(value: number): number {
  let v = value
  v = Math.imul(v ^ (v >>> 16), 0x85ebca6b)
  v = Math.imul(v ^ (v >>> 13), 0xc2b2ae35)
  return v ^ (v >>> 16)
}
