import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../src/seeded-random.ts'

const draw = (random: SeededRandom, count: number) => Array.from({ length: count }, () => random.u32())

describe('a seeded random source', () => {
  it('gives these very numbers for seed 42, in every version', () => {
    expect(draw(new SeededRandom(42), 5)).toEqual([3_011_021_589, 3_960_382_089, 1_547_270_628, 4_040_468_816, 1_355_524_940])
  })

  it('repeats itself for one seed, and differs for seeds that differ only above 32 bits', () => {
    expect(draw(new SeededRandom(7), 100)).toEqual(draw(new SeededRandom(7), 100))
    expect(draw(new SeededRandom(7), 4)).not.toEqual(draw(new SeededRandom(7 + 2 ** 32), 4))
    expect(draw(new SeededRandom(Number.MAX_SAFE_INTEGER), 4)).not.toEqual(draw(new SeededRandom(0), 4))
  })

  it('refuses what is no seed', () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => new SeededRandom(seed)).toThrow(/seed/)
  })

  it('gives whole numbers of 32 bits, with every bit set about half of the time', () => {
    const random = new SeededRandom(1)
    const set = new Array<number>(32).fill(0)
    for (const value of draw(random, 20_000)) {
      expect(Number.isInteger(value) && value >= 0 && value < 2 ** 32).toBe(true)
      for (let bit = 0; bit < 32; bit++) set[bit] = (set[bit] ?? 0) + ((value >>> bit) & 1)
    }
    for (const count of set) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })

  it('draws below a bound: every number, none beyond, about equally often', () => {
    const random = new SeededRandom(3)
    const counts = new Array<number>(7).fill(0)
    for (let i = 0; i < 14_000; i++) {
      const drawn = random.below(7)
      counts[drawn] = (counts[drawn] ?? 0) + 1
    }
    expect(counts).toHaveLength(7)
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(250)
  })

  it('draws below 2^32 the raw number, below 1 only 0, and draws again what would favour small numbers', () => {
    expect(new SeededRandom(5).below(2 ** 32)).toBe(new SeededRandom(5).u32())
    expect(new SeededRandom(5).below(1)).toBe(0)
    // With n = 3 * 2^30 a quarter of the raw numbers is drawn again; taking them modulo n would double the lowest third.
    const random = new SeededRandom(6)
    let low = 0
    for (let i = 0; i < 9_000; i++) if (random.below(3 * 2 ** 30) < 2 ** 30) low++
    expect(Math.abs(low - 3_000)).toBeLessThan(250)
    for (const n of [0, -1, 1.5, 2 ** 32 + 1]) expect(() => random.below(n)).toThrow(/\bn\b/)
  })

  it('draws between two bounds, both included', () => {
    const random = new SeededRandom(8)
    const seen = new Set(Array.from({ length: 200 }, () => random.between(-2, 2)))
    expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2])
    expect(() => random.between(2, 1)).toThrow()
  })

  it('gives fractions from 0 to below 1 with more than 32 bits', () => {
    const random = new SeededRandom(9)
    const values = Array.from({ length: 10_000 }, () => random.float())
    expect(values.every(value => value >= 0 && value < 1)).toBe(true)
    expect(values.some(value => !Number.isInteger(value * 2 ** 32))).toBe(true)
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 0.5)).toBeLessThan(0.02)
  })

  it('is never true with chance 0 and always with chance 1', () => {
    const random = new SeededRandom(10)
    expect(Array.from({ length: 100 }, () => random.chance(0))).not.toContain(true)
    expect(Array.from({ length: 100 }, () => random.chance(1))).not.toContain(false)
  })

  it('picks every item, and refuses to pick from nothing', () => {
    const random = new SeededRandom(11)
    expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c']))).size).toBe(3)
    expect(() => random.pick([])).toThrow()
  })

  it('forks a source whose draws change nothing in the first', () => {
    const drawn = (forkDraws: number) => {
      const random = new SeededRandom(12)
      draw(random.fork(), forkDraws)
      return random.u32()
    }
    expect(drawn(50)).toBe(drawn(0))
    const random = new SeededRandom(12)
    expect(draw(random.fork(), 4)).not.toEqual(draw(random.fork(), 4))
  })
})
