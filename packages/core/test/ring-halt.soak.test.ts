import { SeededRandom, seeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { haltTrial } from './disruptor-halt-trial.ts'
import { killTrial } from './disruptor-kill-trial.ts'

const budgetMs = Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000)

describe('a disruptor that is halted before, during and after its start, for long', () => {
  it('always stops: 2,000 rounds at least, with workers that are used again', async () => {
    const end = performance.now() + budgetMs * 0.4
    let rounds = 0
    for (let [seed = 1] = seeds(); rounds < 2_000 || performance.now() < end; seed++, rounds += 500) {
      console.log(`halting: seed ${seed}`, await haltTrial(new SeededRandom(seed), 500))
    }
    console.log(`${rounds} rounds`)
    expect(rounds).toBeGreaterThanOrEqual(2_000)
  })
})

describe('a disruptor whose workers are killed at random moments, for long', () => {
  it('starts again, and no handler misses an event', async () => {
    const end = performance.now() + budgetMs * 0.4
    for (let [seed = 1] = seeds(), more = true; more; seed++, more = performance.now() < end) {
      console.log(`killing: seed ${seed}`, await killTrial(new SeededRandom(seed), 20))
    }
  })
})
