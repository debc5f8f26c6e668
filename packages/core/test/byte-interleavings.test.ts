import { seeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { interleave } from './byte-interleave.ts'

describe('two producers, a consumer, and whoever reclaims the dead, one atomic operation at a time', () => {
  it('lose, double, reorder and damage nothing, whoever dies at whichever step, and whoever is interrupted at whichever', async () => {
    // Each begins, and another one is reclaimed, while the rest is still to come.
    const orders = [
      [0, 3, 1, 2],
      [1, 0, 3, 2],
    ]
    const outcome = await interleave(0, { orders })
    expect(outcome.failure).toBeUndefined()
    // So many that each was told apart from one in which nothing happened.
    expect(outcome.rounds).toBeGreaterThan(5000)
    expect([outcome.skips > 1000, outcome.redelivered > 1000]).toEqual([true, true])
  }, 240_000)

  it('nor when they are interrupted many times, several die, and positions wrap', async () => {
    const drawn = seeds(4)
    const outcome = await interleave(2 ** 32 - 32, { seeds: drawn, roundsPerSeed: 1000 })
    expect(outcome.failure, `seeds ${drawn}`).toBeUndefined()
    expect([outcome.rounds, outcome.skips > 100 * drawn.length]).toEqual([1000 * drawn.length, true])
  }, 240_000)
})
