import { SeededRandom, seeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { killConsumers, killProducers } from './ring-deaths.ts'
import { runTrial } from './ring-trial.ts'

const budgetMs = Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000)

describe('a ring between threads, for long', () => {
  it('carries 10^6 events through a chain of 3 consumers, each whole and in its order', async () => {
    const initialSequence = 2 ** 31 - 500_000
    await runTrial({ producers: 3, consumers: 3, events: 999_999, capacity: 1024, by: 'next', chain: true, initialSequence })
  })

  it('goes on, whoever is terminated', async () => {
    const end = performance.now() + budgetMs * 0.4
    let skipped = 0
    let rounds = 0
    for (let [seed = 1] = seeds(); rounds < 200 || performance.now() < end; seed++, rounds += 100) {
      console.log(`seed ${seed}`)
      const random = new SeededRandom(seed)
      skipped += await killProducers(random, 50)
      await killConsumers(random, 50)
    }
    console.log(`${rounds} threads were terminated, and left ${skipped} slots`)
    expect(skipped).toBeGreaterThan(rounds / 4)
  })

  it('carries 10^7 events from 3 producers to 3 consumers, each whole and in its order', async () => {
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

  it('carries events through every small shape, again and again, for as long as the slice lasts', async () => {
    const end = performance.now() + budgetMs * 0.25
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
