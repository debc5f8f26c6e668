import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SeedError } from '../src/index.ts'
import { seeds, withSeed } from '../src/seeds.ts'

const failureOf = (promise: Promise<void>): Promise<SeedError> =>
  promise.then(
    () => expect.unreachable('the check passed'),
    error => error,
  )

describe('seeds', () => {
  beforeEach(() => vi.stubEnv('DISRUPTORX_SEED', undefined))
  afterEach(() => vi.unstubAllEnvs())

  it('are the same at every run, as many as asked for', () => {
    expect(seeds()).toEqual([1])
    expect(seeds(3, 10)).toEqual([10, 11, 12])
    for (const count of [0, 1_000_001]) expect(() => seeds(count)).toThrow(/count/)
  })

  it('are the one of the environment alone, where it names one', () => {
    vi.stubEnv('DISRUPTORX_SEED', '9007199254740991')
    expect(seeds(5)).toEqual([9_007_199_254_740_991])
    vi.stubEnv('DISRUPTORX_SEED', '')
    expect(seeds(2)).toEqual([1, 2])
  })

  it('refuse an environment that names no seed', () => {
    for (const text of ['9007199254740992', 'abc', '-1', '1.5']) {
      vi.stubEnv('DISRUPTORX_SEED', text)
      expect(() => seeds()).toThrow(/DISRUPTORX_SEED/)
    }
  })

  it('each give the check a fresh source of that seed', async () => {
    const seen: number[] = []
    await withSeed('a check', random => void seen.push(random.seed), { count: 3 })
    expect(seen).toEqual([1, 2, 3])
  })

  it('name the one that failed, and how to repeat it, for checks that throw and checks that reject', async () => {
    const cause = new Error('lost an event')
    const fail = (seed: number) => {
      if (seed === 2) throw cause
    }
    for (const check of [(r: { seed: number }) => fail(r.seed), async (r: { seed: number }) => fail(r.seed)]) {
      const error = await failureOf(withSeed('the ring', check, { count: 5 }))
      expect(error.message).toBe('the ring failed with seed 2; repeat it with DISRUPTORX_SEED=2: lost an event')
      expect([error.code, error.details.seed, error.cause]).toEqual(['DX_SEED', 2, cause])
    }
  })
})
