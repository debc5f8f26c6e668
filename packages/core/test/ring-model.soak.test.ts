import { seeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { playModel } from './ring-model.ts'

const budgetMs = Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000)

describe('producers and consumers, one atomic operation at a time, for long', () => {
  it('keep their promises in every order that there was time for', async () => {
    const [seed = 1] = seeds()
    const outcome = await playModel({ seed, first: 0, rounds: 2 ** 31, limitMs: budgetMs * 0.9 })
    console.log(outcome)
    expect(outcome.failure).toBeUndefined()
    expect(outcome.rounds).toBeGreaterThan(0)
  })
})
