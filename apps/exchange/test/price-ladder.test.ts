import { SeededRandom } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { PriceLadder, rankOfPrice } from '../src/book/price-ladder.ts'

function expectSame(ladder: PriceLadder, truth: Map<number, number>, context: string): void {
  const ranks = [...truth.keys()].sort((a, b) => b - a)
  expect([...ladder.bestFirst()], context).toEqual(ranks.map(rank => truth.get(rank)))
  expect(ladder.count, context).toBe(truth.size)
  expect(ladder.best, context).toBe(truth.get(ranks[0] ?? -1) ?? -1)
}

describe('a ladder of prices', () => {
  it('is empty at first and again after its last level went', () => {
    const ladder = new PriceLadder()
    expectSame(ladder, new Map(), 'new')
    expect(ladder.find(0)).toBe(-1)
    ladder.insert(0, 3)
    expect(ladder.find(0)).toBe(3)
    ladder.remove(0)
    expectSame(ladder, new Map(), 'emptied')
    expect(ladder.find(0)).toBe(-1)
  })

  it.each([
    ['few ranks', 40],
    ['some blocks of ranks', 1000],
    ['ranks over all 32 bits', 2 ** 32],
  ])('agrees with a sorted list over random insertions and removals of %s', (_name, range) => {
    for (const seed of [11, 12, 13]) {
      const random = new SeededRandom(seed)
      const ladder = new PriceLadder()
      const truth = new Map<number, number>()
      for (let step = 0; step < 6000; step++) {
        const grow = random.below(10) < ((step >> 10) & 1 ? 2 : 8)
        const known = [...truth.keys()]
        const rank = !grow && known.length > 0 && range > 1000 ? (known[random.below(known.length)] ?? 0) : random.below(range)
        const level = truth.get(rank)
        expect(ladder.find(rank), `seed ${seed} step ${step}`).toBe(level ?? -1)
        if (grow && level === undefined) {
          ladder.insert(rank, step)
          truth.set(rank, step)
        } else if (!grow && level !== undefined) {
          ladder.remove(rank)
          truth.delete(rank)
        }
        if (step % 50 === 0) expectSame(ladder, truth, `seed ${seed} step ${step}`)
      }
    }
  })

  it('keeps the order of 20,000 levels that come best first, worst first, and from the middle', () => {
    const orders = [(i: number) => i, (i: number) => 20_000 - i, (i: number) => 100_000 + (i % 2 ? i : -i)]
    for (const order of orders) {
      const ladder = new PriceLadder()
      const truth = new Map<number, number>()
      for (let i = 0; i < 20_000; i++) {
        ladder.insert(order(i), i)
        truth.set(order(i), i)
      }
      expectSame(ladder, truth, String(order))
      for (let i = 0; i < 20_000; i += 2) {
        ladder.remove(order(i))
        truth.delete(order(i))
      }
      expectSame(ladder, truth, String(order))
    }
  })

  it('does not grow when levels come and go for ever, however sparse they leave its blocks', () => {
    const ladder = new PriceLadder()
    let largest = 0
    for (let round = 0; round < 200; round++) {
      // Each round fills a fresh stretch densely and leaves one level of it standing; only ten of these survive at a time.
      const base = round * 1000
      for (let i = 0; i < 600; i++) ladder.insert(base + i, i)
      for (let i = 1; i < 600; i++) ladder.remove(base + i)
      if (round >= 10) ladder.remove((round - 10) * 1000)
      if (round === 30) largest = ladder.bytes
    }
    expect(ladder.count).toBe(10)
    expect(ladder.bytes).toBe(largest)
  })

  it('merges blocks that were thinned out one after the other, so that they stay in proportion to levels', () => {
    const ladder = new PriceLadder()
    for (let round = 0; round < 20; round++) {
      const base = round * 10_000
      for (let i = 0; i < 6400; i++) ladder.insert(base + i, i)
      for (let i = 0; i < 6400; i++) if (i % 64 !== 0) ladder.remove(base + i)
    }
    expect(ladder.count).toBe(2000)
    // 2,000 blocks of one level each would take more than 2 MB.
    expect(ladder.bytes).toBeLessThan(600_000)
  })

  it('ranks the higher bid and the lower ask better', () => {
    expect(rankOfPrice(1, 101)).toBeGreaterThan(rankOfPrice(1, 100))
    expect(rankOfPrice(-1, 100)).toBeGreaterThan(rankOfPrice(-1, 101))
    expect(rankOfPrice(-1, 1)).toBe(4_294_967_294)
    expect(rankOfPrice(-1, 4_294_967_295)).toBe(0)
  })
})
