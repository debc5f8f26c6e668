import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { haltTrial } from './disruptor-halt-trial.ts'
import { killTrial } from './disruptor-kill-trial.ts'

describe('a disruptor that is halted before, during and after its start', () => {
  it('always stops, leaves no worker busy, and loses nothing over restarts', async () => {
    await withSeed('halting', async random => {
      const { interrupted, ran, published } = await haltTrial(random, 100)
      expect([interrupted > 0, ran > 0, published > 0]).toEqual([true, true, true])
    })
  }, 240_000)
})

describe('a disruptor whose workers are killed at random moments', () => {
  it('starts again, and no handler misses an event', async () => {
    await withSeed('killing', async random => {
      expect((await killTrial(random, 6)).events).toBeGreaterThan(0)
    })
  }, 240_000)
})
