import { describe, expect, it } from 'vitest'
import { FakeClock, withSeed } from '../../testkit/src/index.ts'
import { AdaptiveBatchSize, type AdaptiveBatchSizeOptions } from '../src/processing/adaptive-batch-size.ts'
import { codeOf } from './support.ts'

/** Runs full batches of a handler that takes so long, and returns the size of each. */
function run(size: AdaptiveBatchSize, batches: number, eventNs: (batch: number) => number, backlog = Number.POSITIVE_INFINITY): number[] {
  const clock = new FakeClock()
  return Array.from({ length: batches }, (_, batch) => {
    const limit = size.next()
    const events = Math.min(limit, backlog)
    const before = clock.monotonicNs()
    clock.advance((events * eventNs(batch)) / 1e6)
    size.record(events, clock.monotonicNs() - before)
    return limit
  })
}

const make = (options: AdaptiveBatchSizeOptions = {}) => new AdaptiveBatchSize(options)

describe('a batch size that adapts', () => {
  it('starts at 32, aims at 50 us a batch, and comes to rest between half of that and all', () => {
    const sizes = run(make(), 100, () => 200)
    expect(sizes[0]).toBe(32)
    const rest = sizes[99] as number
    expect(rest * 200).toBeGreaterThanOrEqual(25_000)
    expect(rest * 200).toBeLessThanOrEqual(50_000)
    expect(new Set(sizes.slice(50)).size).toBe(1)
  })

  it('comes to rest from above as from below', () => {
    for (const initial of [1, 2, 9, 10, 11, 250, 1024]) {
      const sizes = run(make({ initial }), 200, () => 1000)
      expect(sizes[0]).toBe(initial)
      const rest = sizes[199] as number
      expect(rest).toBeGreaterThanOrEqual(25)
      expect(rest).toBeLessThanOrEqual(50)
      expect(new Set(sizes.slice(100)).size).toBe(1)
    }
  })

  it('grows to 1,024 under a handler that is fast, and no further', () => {
    const sizes = run(make(), 200, () => 10)
    expect(sizes.at(-1)).toBe(1024)
    expect(Math.max(...sizes)).toBe(1024)
    expect(sizes.indexOf(1024)).toBeLessThan(45)
  })

  it('shrinks to single events under a handler that is slow, and no further, and comes back', () => {
    const size = make()
    const sizes = run(size, 200, () => 1e6)
    expect(sizes.at(-1)).toBe(1)
    expect(Math.min(...sizes)).toBe(1)
    expect(sizes.indexOf(1)).toBeLessThan(25)
    expect(run(size, 200, () => 10).at(-1)).toBe(1024)
  })

  it('keeps to bounds of its own', () => {
    expect(run(make({ least: 8, most: 64 }), 200, () => 1).at(-1)).toBe(64)
    expect(run(make({ least: 8, most: 64 }), 200, () => 1e6).at(-1)).toBe(8)
    expect(make({ least: 100 }).next()).toBe(100)
    expect(make({ most: 16 }).next()).toBe(16)
    expect(make({ least: 5000 }).next()).toBe(5000)
  })

  it('stays where it is at exactly half of the target, and at exactly the target', () => {
    for (const [elapsedNs, next] of [
      [25_000, 100],
      [24_999, 110],
      [50_000, 100],
      [50_001, 90],
    ] as const) {
      const size = make({ initial: 100 })
      size.record(100, elapsedNs)
      expect(size.next()).toBe(next)
    }
  })

  it('learns nothing from a short batch that was quick, and shrinks after a short one that was slow', () => {
    const size = make({ initial: 100 })
    size.record(99, 1)
    expect(size.next()).toBe(100)
    size.record(3, 60_000)
    expect(size.next()).toBe(90)
  })

  it('gives a tenth for a batch that was stopped by chance, and takes it back', () => {
    const sizes = run(make({ initial: 30 }), 100, batch => (batch === 50 ? 1e6 : 500))
    expect([sizes[50], sizes[51]]).toEqual([sizes[49], Math.floor((sizes[50] as number) * 0.9)])
    expect(sizes[99]).toBeGreaterThanOrEqual(50)
  })

  it('does not swing although every batch takes another time', () =>
    withSeed(
      'a noisy handler',
      random => {
        const sizes = run(make(), 1000, () => 160 + random.below(80)).slice(100)
        expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.5)
      },
      { count: 20 },
    ))

  it('refuses options out of range by name', () => {
    const wrong = [{ targetUs: 0.9 }, { targetUs: 1e9 + 1 }, { targetUs: Number.NaN }, { least: 0 }, { least: 2, most: 1 }, { initial: 0 }]
    for (const options of [...wrong, { most: 2 ** 26 + 1 }, { initial: 1025 }]) expect(codeOf(() => make(options))).toBe('DX_OPTION')
    expect(make({ targetUs: 1, least: 1, most: 1, initial: 1 }).next()).toBe(1)
  })
})
