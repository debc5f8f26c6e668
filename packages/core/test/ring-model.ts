import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { ParkingLot, StructRing } from '@disruptorx/core'
import type { ModelRing } from './workers/ring-model-agent.ts'
import type { ModelOutcome, ModelRounds } from './workers/ring-model-driver.ts'
import { event } from './workers/ring-model-event.ts'
import { CONTROL_WORDS, DRIVER } from './workers/ring-schedule.ts'

/** Rings that differ in all that matters to who passes whom: how long a lap is, where numbers wrap, who comes after whom, and who comes later. */
function makeRings(): ModelRing[] {
  const rings: ModelRing[] = []
  for (const producers of ['multi', 'multi', 'single'] as const)
    for (const capacity of [2, 4, 8])
      for (const second of ['beside', 'after', 'late'] as const) {
        const initial = [0, 2 ** 31 - 3, 2 ** 32 - 3][rings.length % 3] as number
        const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY, maxThreads: 8 })
        const ring = StructRing.create({
          layout: event,
          capacity,
          producers,
          parkingLot,
          initialSequence: initial,
          maxProducers: 4,
          maxConsumers: 2,
        })
        const one = ring.addConsumer()
        const two = second === 'late' ? undefined : ring.addConsumer(second === 'after' ? { after: [one] } : {})
        rings.push({ handle: ring.handle, initial, consumers: [one.handle, two?.handle] })
      }
  return rings
}

/** Two producers, two consumers and somebody who reclaims the dead, on real threads, in orders drawn from a seed. */
export async function playModel(rounds: ModelRounds): Promise<ModelOutcome> {
  const control = new SharedArrayBuffer(4 * CONTROL_WORDS)
  const text = new SharedArrayBuffer(2000)
  const rings = makeRings()
  const workers: Worker[] = []
  try {
    for (let agent = 0; agent <= DRIVER; agent++) {
      const file = agent === DRIVER ? './workers/ring-model-driver.ts' : './workers/ring-model-agent.ts'
      const threads = workers.map(worker => worker.threadId + 1)
      workers.push(new Worker(new URL(file, import.meta.url), { workerData: { agent, control, text, rings, threads, rounds } }))
    }
    const [outcome] = (await once(workers[DRIVER] as Worker, 'message')) as [ModelOutcome]
    return outcome
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
}
