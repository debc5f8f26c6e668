import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { killConsumers, killHolder, killProducers, runToTheEnd } from './byte-trial.ts'

describe('three producers of a byte ring and a consumer, all on threads of their own', () => {
  it('bring 300,000 records over, each whole, each producer in its order, through a large ring and a tiny one', async () => {
    await runToTheEnd(80_000, 65_536)
    await runToTheEnd(20_000, 256)
  }, 240_000)
})

describe('producers that are terminated in the middle of their work', () => {
  it('cost nothing but what they had claimed and not published, and whoever waits for that room gets it', async () => {
    expect(await killHolder(1, 4096)).toBe(1)
    // Seven records of 16 to 40 bytes: with them, and the padding at its end, the ring is nearly full.
    expect(await killHolder(7, 256)).toBe(1)
  }, 240_000)

  it(
    'leave a ring that goes on, at whichever moment that happens',
    () => withSeed('killing producers', async random => void (await killProducers(random, 5)), { count: 2 }),
    240_000,
  )
})

describe('consumers that are terminated in the middle of their work', () => {
  it('are followed by others to whom nothing is lost', () => withSeed('killing consumers', random => killConsumers(random, 5)), 240_000)
})
