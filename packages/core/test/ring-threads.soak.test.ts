import { describe, expect, it } from 'vitest'
import { runTrial } from './ring-trial.ts'

const budgetMs = Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000)
const timeout = { timeout: budgetMs + 300_000 }

describe('a ring between threads, for long', () => {
  it('carries 10^7 events from 3 producers to 3 consumers, each whole and in its order', timeout, async () => {
    const events = 9_999_999
    await runTrial({
      producers: 3,
      consumers: 3,
      events,
      capacity: 4096,
      by: 'publisher',
      chain: false,
      initialSequence: 2 ** 32 - 5_000_000,
    })
  })

  it('carries events through every small shape, again and again, for as long as the slice lasts', timeout, async () => {
    const end = performance.now() + budgetMs * 0.5
    let rounds = 0
    do {
      for (const producers of [1, 2, 3])
        for (const consumers of [1, 3])
          for (const capacity of [8, 64, 1024]) {
            const initialSequence = rounds % 2 === 0 ? 2 ** 31 - 3_000 : 2 ** 32 - 3_000
            await runTrial({
              producers,
              consumers,
              capacity,
              initialSequence,
              events: 6_000 * producers,
              by: 'publisher',
              chain: rounds % 3 === 0,
            })
          }
      rounds++
    } while (performance.now() < end)
    console.log(`${rounds} rounds of 18 shapes`)
    expect(rounds).toBeGreaterThan(0)
  })
})
