import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../src/seeded-random.ts'
import { checkDistribution, checkRange, type Distribution, drawFromDistribution, happens } from '../../src/simulation/range.ts'

function draws(distribution: Distribution): number[] {
  const random = new SeededRandom(3)
  return Array.from({ length: 5_000 }, () => drawFromDistribution(distribution, random)).sort((a, b) => a - b)
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('a distribution', () => {
  it('is one number, or even over a range', () => {
    expect(new Set(draws(7))).toEqual(new Set([7]))
    expect(new Set(draws({ least: 7, most: 7 }))).toEqual(new Set([7]))
    const even = draws({ least: 10, most: 20 })
    expect(even[0]).toBeGreaterThanOrEqual(10)
    expect(even.at(-1)).toBeLessThanOrEqual(20)
    expect(mean(even)).toBeCloseTo(15, 0)
  })

  it('is exponential above a least one, up to 20 times its mean', () => {
    const values = draws({ least: 2, mean: 5 })
    expect(values[0]).toBeGreaterThanOrEqual(2)
    expect(values.at(-1)).toBeLessThanOrEqual(2 + 3 * 20)
    expect(values.at(-1)).toBeGreaterThan(15)
    expect(mean(values)).toBeCloseTo(5, 0)
  })

  it('is mostly one and sometimes another', () => {
    const values = draws({ usual: 1, rare: { least: 100, most: 200 }, likelihood: 0.1 })
    const rare = values.filter(value => value >= 100).length
    expect(rare).toBeGreaterThan(400)
    expect(rare).toBeLessThan(600)
    expect(values.filter(value => value === 1)).toHaveLength(5_000 - rare)
  })

  it('is refused when it is none', () => {
    for (const range of [-1, Number.NaN, Number.POSITIVE_INFINITY, { least: 2, most: 1 }])
      expect(() => checkRange('x', range)).toThrow(/option x/)
    for (const wrong of [
      { least: 3, mean: 2 },
      { usual: 1, rare: 2, likelihood: 1.1 },
      { usual: -1, rare: 2, likelihood: 0 },
    ])
      expect(() => checkDistribution('x', wrong)).toThrow(/option x/)
  })
})

describe('something that may happen', () => {
  it('draws nothing when it never or always happens', () => {
    const random = new SeededRandom(1)
    expect([happens(0, random), happens(1, random)]).toEqual([false, true])
    expect(random.u32()).toBe(new SeededRandom(1).u32())
  })
})
