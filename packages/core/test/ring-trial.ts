import { type Consumer, ParkingLot, StructRing } from '@disruptorx/core'
import { expect } from 'vitest'
import { ticket } from './support.ts'
import { runWorker } from './workers/run.ts'

/** Who publishes and who reads, and through which ring. */
export interface Trial {
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
export async function runTrial(trial: Trial): Promise<readonly ConsumerResult[]> {
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
