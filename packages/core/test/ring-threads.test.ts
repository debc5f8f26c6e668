import { type Consumer, ParkingLot, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { ticket } from './support.ts'
import { runWorker } from './workers/run.ts'

interface Trial {
  readonly producers: number
  readonly consumers: number
  readonly events: number
  readonly capacity: number
  readonly by: 'publisher' | 'next'
  /** Each consumer after the one before it, not beside it. */
  readonly chain: boolean
  readonly initialSequence: number
}

interface ConsumerResult {
  readonly due: readonly number[]
  readonly fallbackWakes: number
}

/** Runs producers and consumers on threads of their own, all sleeping without a limit: a lost wake-up would hang the test. */
async function run(trial: Trial): Promise<readonly ConsumerResult[]> {
  const { events, capacity, by, initialSequence } = trial
  const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
  const kind = trial.producers === 1 ? 'single' : 'multi'
  const ring = StructRing.create({ layout: ticket, capacity, producers: kind, parkingLot, initialSequence })
  const consumers: Consumer[] = []
  for (let i = 0; i < trial.consumers; i++) consumers.push(ring.addConsumer(trial.chain ? { after: consumers.slice(-1) } : {}))
  const each = events / trial.producers
  const reading = consumers.map(consumer =>
    runWorker<ConsumerResult>('./ring-consumer.ts', { handle: ring.handle, consumer: consumer.handle, events }),
  )
  const writing = Array.from({ length: trial.producers }, (_, id) =>
    runWorker('./ring-producer.ts', { handle: ring.handle, id, events: each, by }),
  )
  const [results] = await Promise.all([Promise.all(reading), Promise.all(writing)])
  expect(ring.cursor.get()).toBe(initialSequence + events - 1)
  expect(ring.remainingCapacity()).toBe(capacity)
  for (const result of results) expect(result).toEqual({ due: new Array(trial.producers).fill(each), fallbackWakes: 0 })
  return results
}

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
    expect(await run(trial)).toHaveLength(3)
  }, 60_000)

  it('carries them through a chain of consumers, past sequence 2^31', async () => {
    const initialSequence = 2 ** 31 - 50_000
    await run({ producers: 3, consumers: 3, events: 150_000, capacity: 256, by: 'publisher', chain: true, initialSequence })
  }, 60_000)

  it('carries them from one publisher, past sequence 2^32', async () => {
    const initialSequence = 2 ** 32 - 50_000
    await run({ producers: 1, consumers: 2, events: 200_000, capacity: 128, by: 'publisher', chain: false, initialSequence })
  }, 60_000)

  it('carries them from producers that block, through a ring of eight slots', async () => {
    await run({ producers: 2, consumers: 1, events: 40_000, capacity: 8, by: 'next', chain: false, initialSequence: 2 ** 32 - 20_000 })
    await run({ producers: 1, consumers: 1, events: 40_000, capacity: 8, by: 'next', chain: false, initialSequence: 0 })
  }, 60_000)
})
