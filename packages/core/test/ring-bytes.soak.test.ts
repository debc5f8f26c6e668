import { SeededRandom, seeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { broadcast } from './broadcast-trial.ts'
import { interleave } from './byte-interleave.ts'
import { killConsumers, killHolder, killProducers, runToTheEnd } from './byte-trial.ts'

/** The part of the slice that is for these tests. */
const budgetMs = Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000) * 0.25

describe('byte rings between threads, for long', () => {
  it('bring 10^6 records over from 3 producers, each whole and in its order', async () => {
    await runToTheEnd(333_334, 65_536)
    await runToTheEnd(50_000, 256)
  })

  it('go on, whoever is terminated', async () => {
    const end = performance.now() + budgetMs * 0.4
    let skipped = 0
    let seed = 1
    do {
      console.log(`seed ${seed}`)
      const random = new SeededRandom(seed++)
      skipped += await killProducers(random, 20)
      skipped += await killHolder(random.between(1, 6), 256)
      await killConsumers(random, 10)
    } while (performance.now() < end)
    expect(skipped).toBeGreaterThan(0)
  })

  it('keep their promises in every order of steps that there was time for', async () => {
    const orders = [0, 1, 2].flatMap(a => [0, 1, 2, 3].flatMap(b => [0, 1, 2, 3].map(c => [a, b, c, 6 - a - b - c])))
    const all = await interleave(2 ** 31 - 32, { orders: orders.filter(order => new Set(order).size === 4) })
    expect(all.failure).toBeUndefined()
    const drawnSeeds = seeds(10_000)
    const drawn = await interleave(2 ** 32 - 32, { seeds: drawnSeeds, roundsPerSeed: 1000, limitMs: budgetMs * 0.3 })
    console.log(`${all.rounds} orders in all, and ${drawn.rounds} by lot, from seed ${drawnSeeds[0]}`)
    expect(drawn.failure, `from seed ${drawnSeeds[0]}`).toBeUndefined()
  })

  it('tell each receiver of a broadcast what it missed', async () => {
    const end = performance.now() + budgetMs * 0.2
    let missed = 0
    do {
      for (const capacityBytes of [512, 1024, 4096, 65_536])
        for (const result of await broadcast(1_000_000, capacityBytes, 1 + (capacityBytes % 7))) missed += result.missed
    } while (performance.now() < end)
    expect(missed).toBeGreaterThan(0)
  })
})
