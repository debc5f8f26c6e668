const LOW_SEED = 0x243f6a88
const HIGH_SEED = 0x85a308d3 | 0
const TWO_32 = 4294967296

/**
 * A streaming 64-bit hash in two 32-bit lanes: the same value on every machine, and for every way of cutting the same bytes into pieces.
 *
 * Built from the rounds and finishers of MurmurHash3 (Austin Appleby), with the low lane fed into the high one at each word. It finds
 * accidents (a changed file, a book that differs), not forgeries: whoever wants to can construct a collision.
 */
export class Hash64 {
  #low = LOW_SEED | 0
  #high = HIGH_SEED
  /** Bytes that do not fill a word yet, lowest first. */
  #pending = 0
  #pendingBytes = 0
  #length = 0

  /** Forgets everything taken in. */
  reset(): this {
    this.#low = LOW_SEED | 0
    this.#high = HIGH_SEED
    this.#pending = 0
    this.#pendingBytes = 0
    this.#length = 0
    return this
  }

  /** How many bytes were taken in. */
  get length(): number {
    return this.#length
  }

  /** Takes in the bytes of `source` from `start` up to, not including, `end`. */
  // Hot: once per line of a replayed file. Guarded by `book/hashBytesPerSecond`.
  bytes(source: Uint8Array, start = 0, end = source.length): this {
    let at = start
    this.#length += end - start
    while (this.#pendingBytes !== 0 && at < end) this.#byte(source[at++] as number)
    for (const whole = end - 3; at < whole; at += 4)
      this.#word(
        (source[at] as number) |
          ((source[at + 1] as number) << 8) |
          ((source[at + 2] as number) << 16) |
          ((source[at + 3] as number) << 24),
      )
    while (at < end) this.#byte(source[at++] as number)
    return this
  }

  /** Takes in a whole number from 0 to 2^32 - 1 as four bytes, lowest first. */
  u32(value: number): this {
    this.#length += 4
    const shift = this.#pendingBytes * 8
    if (shift === 0) {
      this.#word(value | 0)
    } else {
      this.#word(this.#pending | (value << shift))
      this.#pending = value >>> (32 - shift)
    }
    return this
  }

  /** Takes in a whole number from 0 to 2^53 - 1 as eight bytes, lowest first. */
  u53(value: number): this {
    return this.u32(value | 0).u32((value / TWO_32) | 0)
  }

  /** The lower 32 bits of the hash of everything so far, from 0 to 2^32 - 1. More can be taken in afterwards. */
  get low(): number {
    return this.#finish(false)
  }

  /** The upper 32 bits of the hash of everything so far, from 0 to 2^32 - 1. More can be taken in afterwards. */
  get high(): number {
    return this.#finish(true)
  }

  /** The hash of everything so far as 16 hexadecimal digits, the upper half first. */
  hex(): string {
    return this.high.toString(16).padStart(8, '0') + this.low.toString(16).padStart(8, '0')
  }

  #byte(value: number): void {
    this.#pending |= value << (this.#pendingBytes * 8)
    if (++this.#pendingBytes < 4) return
    const word = this.#pending
    this.#pending = 0
    this.#pendingBytes = 0
    this.#word(word)
  }

  #word(word: number): void {
    const low = lowRound(this.#low, word)
    this.#high = highRound(this.#high, low, word)
    this.#low = low
  }

  #finish(upper: boolean): number {
    let low = this.#low
    let high = this.#high
    if (this.#pendingBytes !== 0) {
      low = lowRound(low, this.#pending)
      high = highRound(high, low, this.#pending)
    }
    low ^= this.#length | 0
    high ^= (this.#length / TWO_32) | 0
    low = (low + high) | 0
    high = avalanche((high + low) | 0)
    low = avalanche(low)
    low = (low + high) | 0
    return (upper ? high + low : low) >>> 0
  }
}

function lowRound(low: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const mixed = low ^ k
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}

/** A permutation of `high` for each pair of the others, so that no earlier difference is ever lost. */
function highRound(high: number, low: number, word: number): number {
  let k = Math.imul(word, 0x38b34ae5)
  k = Math.imul((k << 16) | (k >>> 16), 0xa1e38b93)
  const mixed = high ^ k
  return (Math.imul(((mixed << 17) | (mixed >>> 15)) + low, 5) + 0x561ccd1b) | 0
}

function avalanche(value: number): number {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}
