import { SeededRandom } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { Hash64 } from '../src/hash64.ts'

const text = new TextEncoder().encode('34200.004241176,1,16113575,18,5853300,1\n34200.00426064,1,16113584,18,5853200,1\n')

describe('Hash64', () => {
  it('has the same value for ever: these are kept in journals and snapshots', () => {
    expect(new Hash64().hex()).toBe('f7c158e36eaa8dfb')
    expect(new Hash64().bytes(text).hex()).toBe('e75a77e170309df1')
    expect(
      new Hash64()
        .u32(7)
        .u53(2 ** 53 - 1)
        .hex(),
    ).toBe('4dbfdc9a86520c80')
  })

  it('depends on the bytes only, not on how they are cut', () => {
    const whole = new Hash64().bytes(text).hex()
    for (let first = 0; first <= text.length; first++)
      for (let second = first; second <= text.length; second += 7) {
        const parts = new Hash64().bytes(text, 0, first).bytes(text, first, second).bytes(text.subarray(second))
        expect(parts.hex()).toBe(whole)
        expect(parts.length).toBe(text.length)
      }
  })

  it('takes numbers as their bytes, lowest first, wherever they fall', () => {
    for (const before of [0, 1, 2, 3]) {
      const prefix = text.subarray(0, before)
      const bytes = Uint8Array.of(0x78, 0x56, 0x34, 0xf2, 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x19, 0, 9)
      const numbers = new Hash64().bytes(prefix).u32(0xf2345678).u53(0x19aabbccddeeff).bytes(Uint8Array.of(9))
      expect(numbers.hex()).toBe(new Hash64().bytes(prefix).bytes(bytes).hex())
    }
  })

  it('can be read at any time and goes on', () => {
    const hash = new Hash64()
    for (let at = 0; at < 20; at++) {
      expect(hash.hex()).toBe(new Hash64().bytes(text, 0, at).hex())
      expect(hash.hex()).toBe(hash.high.toString(16).padStart(8, '0') + hash.low.toString(16).padStart(8, '0'))
      hash.bytes(text, at, at + 1)
    }
    expect(hash.reset().hex()).toBe(new Hash64().hex())
  })

  it('tells zeros of different number apart', () => {
    const seen = new Set<string>()
    for (let length = 0; length < 64; length++) seen.add(new Hash64().bytes(new Uint8Array(length)).hex())
    expect(seen.size).toBe(64)
  })

  it('flips about half of its bits for any bit of input', () => {
    const random = new SeededRandom(1)
    const flips = new Float64Array(64)
    let trials = 0
    for (let round = 0; round < 20; round++) {
      const input = Uint8Array.from({ length: 24 }, () => random.below(256))
      const before = new Hash64().bytes(input)
      for (let bit = 0; bit < input.length * 8; bit++) {
        const changed = input.slice()
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const after = new Hash64().bytes(changed)
        trials++
        for (let out = 0; out < 32; out++) {
          flips[out] = (flips[out] ?? 0) + (((before.low ^ after.low) >>> out) & 1)
          flips[32 + out] = (flips[32 + out] ?? 0) + (((before.high ^ after.high) >>> out) & 1)
        }
      }
    }
    for (const count of flips) {
      expect(count / trials).toBeGreaterThan(0.46)
      expect(count / trials).toBeLessThan(0.54)
    }
  })

  it('has no collision, in either half beyond chance, among 200,000 small numbers', () => {
    const wholes = new Set<string>()
    const lows = new Set<number>()
    const highs = new Set<number>()
    const hash = new Hash64()
    for (let value = 0; value < 200_000; value++) {
      hash.reset().u53(value)
      wholes.add(hash.hex())
      lows.add(hash.low)
      highs.add(hash.high)
    }
    expect(wholes.size).toBe(200_000)
    // Chance alone gives about 5 equal pairs in 32 bits.
    expect(lows.size).toBeGreaterThan(199_950)
    expect(highs.size).toBeGreaterThan(199_950)
  })
})
