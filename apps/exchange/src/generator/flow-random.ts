/**
 * xoshiro128** 1.1 (Blackman and Vigna, 2018) in 32-bit integer arithmetic, seeded through SplitMix32: the same numbers on every machine, and its
 * state can be kept.
 */
export class FlowRandom {
  /** The four words of its state; not all 0. Write to it to go back to a kept state. */
  readonly state = new Int32Array(4)

  /** `seed` is a whole number from 0 to 2^53 - 1. */
  constructor(seed: number) {
    // Two words from each half of the seed, all through permutations: no two seeds share a state, and at most two words are 0.
    for (let i = 0; i < 4; i++) {
      const half = i < 2 ? seed | 0 : (seed / 4294967296) | 0
      let x = (half + Math.imul(i + 1, 0x9e3779b9)) | 0
      x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
      x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
      this.state[i] = x ^ (x >>> 15)
    }
    // Seeds that differ in a few bits start alike; a few rounds part them.
    for (let i = 0; i < 16; i++) this.bits()
  }

  /** 32 random bits as a signed whole number: V8 holds it in a register where one from 0 to 2^32 - 1 would now and then be an object. */
  bits(): number {
    const s = this.state
    const s1 = s[1] as number
    const x = Math.imul(s1, 5)
    const result = Math.imul((x << 7) | (x >>> 25), 9)
    const s2 = (s[2] as number) ^ (s[0] as number)
    const s3 = (s[3] as number) ^ s1
    s[1] = s1 ^ s2
    s[0] = (s[0] as number) ^ s3
    s[2] = s2 ^ (s1 << 9)
    s[3] = (s3 << 11) | (s3 >>> 21)
    return result
  }

  /** A whole number from 0 to `bound - 1`, for bounds up to 2^21: each is as likely as the others to within one in 2^11. */
  below(bound: number): number {
    return Math.floor(((this.bits() >>> 0) * bound) / 4294967296)
  }
}
