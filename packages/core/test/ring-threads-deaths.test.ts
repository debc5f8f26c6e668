import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { killConsumers, killProducers } from './ring-deaths.ts'

describe('a ring whose threads are terminated at random moments', () => {
  it('goes on without 15 of its producers, and the one that lives loses nothing', async () => {
    await withSeed('killing producers', async random => {
      // Each third holds two slots when it dies.
      expect(await killProducers(random, 15)).toBeGreaterThanOrEqual(10)
    })
  }, 240_000)

  it('goes on without 15 of its consumers, and those that live miss nothing', async () => {
    await withSeed('killing consumers', random => killConsumers(random, 15))
  }, 240_000)
})
