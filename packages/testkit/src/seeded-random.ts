import type { Random } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'

const TWO_32 = 2 ** 32

/**
 * Chance that repeats: one seed, one sequence of numbers, on every machine and in every version.
 *
 * Algorithm: sfc32 (Chris Doty-Humphrey, PractRand); the state starts as the seed's low half, its high half and 0, and 15 rounds are
 * thrown away to mix them.
 */
export class SeededRandom implements Random {
  /** What this source was made from: print it when a test fails. */
  readonly seed: number
  #a: number
  #b: number
  #c = 0
  #counter = 1

  /** @param seed a whole number from 0 to 2^53 - 1 @throws {OptionError} */
  constructor(seed: number) {
    this.seed = wholeNumber('seed', seed, 0, Number.MAX_SAFE_INTEGER)
    this.#a = seed | 0
    this.#b = Math.floor(seed / TWO_32) | 0
    for (let round = 0; round < 15; round++) this.u32()
  }

  /** A whole number from 0 to 2^32 - 1. */
  u32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result >>> 0
  }

  /** A whole number from 0 to `n` - 1, each exactly as likely as the others. `n` is from 1 to 2^32. @throws {OptionError} */
  below(n: number): number {
    wholeNumber('n', n, 1, TWO_32)
    // Numbers of the last, incomplete round would come up more often: draw again.
    const fair = TWO_32 - (TWO_32 % n)
    let drawn = this.u32()
    while (drawn >= fair) drawn = this.u32()
    return drawn % n
  }

  /** A whole number from `least` to `most`, both included, at most 2^32 apart. @throws {OptionError} */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** A number from 0 up to but not including 1, with 53 random bits. */
  float(): number {
    const high = this.u32() >>> 5
    const low = this.u32() >>> 6
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean {
    return this.float() < probability
  }

  /** One of the items, each as likely as the others. @throws {OptionError} when there is none */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  /** A source of its own for one part of a test, so that drawing more there changes nothing here. */
  fork(): SeededRandom {
    return new SeededRandom((this.u32() & 0x1f_ffff) * TWO_32 + this.u32())
  }

  /**
   * A source of its own for what these names say. It depends on this source's seed and the names only, not on what was drawn here or which
   * other sources were derived: so adding an actor to a simulation changes nothing for the others.
   */
  derive(...names: readonly (string | number)[]): SeededRandom {
    return new SeededRandom(hash53(JSON.stringify(names), this.seed))
  }
}

/** A text and a seed as a number of 53 bits. Algorithm: cyrb53 (bryc, public domain), with the halves of the seed in its two words. */
function hash53(text: string, seed: number): number {
  let high = 0xdeadbeef ^ (seed | 0)
  let low = 0x41c6ce57 ^ (Math.floor(seed / TWO_32) | 0)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return (low & 0x1f_ffff) * TWO_32 + (high >>> 0)
}
