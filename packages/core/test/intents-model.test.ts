import { seeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { playModel } from './ring-model.ts'

/*
 * The real code, on real threads, of which one runs at a time: each atomic operation is a point at which another may go on, or this one may die.
 * So the orders of atomic operations are tried, sleeping and waking included, as if memory were sequentially consistent: which it is for atomic
 * operations. Plain stores happen together with the atomic operation before them, so nothing is shown about how a processor may delay them: that
 * each is followed by an atomic store before anybody looks is left to the tests without a schedule.
 */
describe('two producers, two consumers, and whoever reclaims the dead, one atomic operation at a time', () => {
  it('lose, double and reorder nothing, read nothing that nobody wrote, and never get stuck, whoever dies when', async () => {
    for (const seed of seeds()) {
      const outcome = await playModel({ seed, first: 0, rounds: 6000, limitMs: Number.POSITIVE_INFINITY })
      expect(outcome.failure).toBeUndefined()
      expect(outcome).toMatchObject({ rounds: 6000 })
      expect(Math.min(outcome.deaths, outcome.skipped, outcome.delivered / 4)).toBeGreaterThan(4000)
    }
  }, 240_000)

  it('do not get stuck where one joins while what is not for it is written over', async () => {
    const outcome = await playModel({ seed: 239577977, first: 28604, rounds: 1, limitMs: Number.POSITIVE_INFINITY })
    expect(outcome).toMatchObject({ rounds: 1 })
    expect(outcome.failure).toBeUndefined()
  })
})
