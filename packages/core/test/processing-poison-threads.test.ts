import { ParkingLot, PoisonSet, type ProcessorStats, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { ticket, ticketOf } from './support.ts'
import { isPoisoned, type PoisonStageData } from './workers/poison-stage.ts'
import { runWorker } from './workers/run.ts'

interface StageResult {
  readonly seen: number
  readonly bad: number
  readonly stats: ProcessorStats
}

describe('poisoned events on threads of their own', () => {
  it('are seen by the stage that marks them and by none after it, and nothing else is lost', async () => {
    const events = 60_000
    const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const ring = StructRing.create({ layout: ticket, capacity: 128, parkingLot, initialSequence: 2 ** 32 - 30_000 })
    const poisonSet = PoisonSet.create(ring.capacity).handle
    const first = ring.addConsumer()
    const second = ring.addConsumer({ after: [first] })
    const third = ring.addConsumer({ after: [second] })
    const stages = [first, second, third].map((consumer, stage) => {
      const data: PoisonStageData = { ring: ring.handle, consumer: consumer.handle, poisonSet, events, poisons: stage === 0 }
      return runWorker<StageResult>('./poison-stage.ts', data)
    })
    const publisher = ring.publisher()
    for (let number = 0; number < events; number++) while (!publisher.publish(ticketOf(number, 1))) await publisher.ready()
    publisher.close()
    const results = await Promise.all(stages)
    const bad = Array.from({ length: events }, (_, number) => number).filter(isPoisoned).length
    expect(bad).toBeGreaterThan(1000)
    expect(results.map(({ seen, bad }) => ({ seen, bad }))).toEqual([
      { seen: events, bad },
      { seen: events - bad, bad: 0 },
      { seen: events - bad, bad: 0 },
    ])
    expect(results.map(({ stats }) => [stats.poisoned, stats.passedOver])).toEqual([
      [bad, 0],
      [0, bad],
      [0, bad],
    ])
  }, 60_000)
})
