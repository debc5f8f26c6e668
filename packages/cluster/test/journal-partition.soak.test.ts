import { seeds, withSeed } from '@disruptorx/testkit'
import { expect, it } from 'vitest'
import { liveThroughCrashes } from './simulated-life.ts'

const budgetMs = Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000)
/** Beyond the seeds of the short test. */
const FIRST_SEED = 100_000

it('a partition keeps every acknowledged event through crash after crash, for as long as the slice lasts', async () => {
  const end = performance.now() + budgetMs * 0.9
  let histories = 0
  let acknowledged = 0
  const [first = FIRST_SEED] = seeds(1, FIRST_SEED)
  do {
    await withSeed(
      'a partition that crashes',
      async random => {
        acknowledged += (await liveThroughCrashes(random, 6)).acknowledged
      },
      { first: first + histories },
    )
    histories++
  } while (performance.now() < end)
  console.log(`${histories} histories from seed ${first} on, ${acknowledged} events acknowledged`)
  expect(acknowledged).toBeGreaterThan(histories)
})
