import { describe, expect, it } from 'vitest'
import { runTrial } from './ring-trial.ts'

describe('a ring between threads', () => {
  it('carries 999,999 events from 3 producers to 3 consumers, each whole and in its order', async () => {
    const trial = {
      producers: 3,
      consumers: 3,
      events: 999_999,
      capacity: 1024,
      by: 'publisher',
      chain: false,
      initialSequence: 0,
    } as const
    expect(await runTrial(trial)).toHaveLength(3)
  }, 240_000)

  it('carries them through a chain of consumers, past sequence 2^31', async () => {
    const initialSequence = 2 ** 31 - 50_000
    await runTrial({ producers: 3, consumers: 3, events: 150_000, capacity: 256, by: 'publisher', chain: true, initialSequence })
  }, 240_000)

  it('carries them from one publisher, past sequence 2^32', async () => {
    const initialSequence = 2 ** 32 - 50_000
    await runTrial({ producers: 1, consumers: 2, events: 200_000, capacity: 128, by: 'publisher', chain: false, initialSequence })
  }, 240_000)

  it('carries them from producers that block, through a ring of eight slots', async () => {
    await runTrial({ producers: 2, consumers: 1, events: 40_000, capacity: 8, by: 'next', chain: false, initialSequence: 2 ** 32 - 20_000 })
    await runTrial({ producers: 1, consumers: 1, events: 40_000, capacity: 8, by: 'next', chain: false, initialSequence: 0 })
  }, 240_000)
})
