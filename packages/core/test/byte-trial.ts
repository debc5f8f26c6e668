import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { ByteRing, ParkingLot } from '@disruptorx/core'
import type { SeededRandom } from '@disruptorx/testkit'
import { expect } from 'vitest'
import type { ManyByteConsumerData, ManyByteConsumerResult } from './workers/many-byte-consumer.ts'
import type { ManyByteProducerData } from './workers/many-byte-producer.ts'

/** How many producers there may be in one trial, one after the other. */
const MOST_IDS = 4096

interface Consumer {
  readonly worker: Worker
  /** Of a consumer that comes to its end. */
  readonly result: Promise<ManyByteConsumerResult>
}

/** A ring with room for three producers, and threads on it. All sleep without a limit: a lost wake-up would hang the test. */
class Trial {
  readonly ring: ByteRing
  readonly published = new SharedArrayBuffer(4 * MOST_IDS)
  readonly due = new SharedArrayBuffer(4 * MOST_IDS)

  constructor(capacityBytes: number, initialPosition = 2 ** 32 - 50_000) {
    const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    this.ring = ByteRing.create({ capacityBytes, producers: 'multi', maxProducers: 3, parkingLot, initialPosition })
  }

  /** When each producer has ended. Listened for from its start: it may have ended before others are about to write. */
  readonly ends = new Map<Worker, Promise<unknown>>()

  /** Resolves when the producer is about to write. */
  async producer(id: number, records: number, burst: number, holds = 0): Promise<Worker> {
    const data: ManyByteProducerData = { ring: this.ring.handle, id, records, burst, published: this.published, holds }
    const worker = new Worker(new URL('./workers/many-byte-producer.ts', import.meta.url), { workerData: data })
    this.ends.set(worker, once(worker, 'exit'))
    await once(worker, 'message')
    return worker
  }

  /** Resolves when the consumer is about to read. */
  async consumer(mayMiss: boolean): Promise<Consumer> {
    const data: ManyByteConsumerData = { ring: this.ring.handle, due: this.due, mayMiss }
    const worker = new Worker(new URL('./workers/many-byte-consumer.ts', import.meta.url), { workerData: data })
    await once(worker, 'message')
    return { worker, result: once(worker, 'message').then(([result]) => result as ManyByteConsumerResult) }
  }

  /** Terminates a worker after so many microseconds, roughly, and reclaims what it held. */
  async kill(worker: Worker, afterUs: number): Promise<void> {
    const thread = worker.threadId + 1
    for (const end = performance.now() + afterUs / 1000; performance.now() < end; );
    await worker.terminate()
    this.ring.reclaim(thread)
  }

  publishedBy(id: number): number {
    return Atomics.load(new Int32Array(this.published), id)
  }

  dueOf(id: number): number {
    return Atomics.load(new Int32Array(this.due), id)
  }
}

/** Three producers, which all come to their end. */
export async function runToTheEnd(recordsEach: number, capacityBytes: number): Promise<void> {
  const trial = new Trial(capacityBytes)
  const consumer = await trial.consumer(false)
  const producers = await Promise.all([1, 5, 40].map((burst, id) => trial.producer(id, recordsEach, burst)))
  await Promise.all(producers.map(worker => trial.ends.get(worker)))
  trial.ring.close()
  expect(await consumer.result).toEqual({ faults: [], missed: [], skipped: 0 })
  expect([0, 1, 2].map(id => trial.dueOf(id))).toEqual([recordsEach, recordsEach, recordsEach])
  expect(trial.ring.stats()).toMatchObject({ usedBytes: 0, skipped: 0 })
}

/** A producer that is terminated while it holds claims that fill the ring, so that another one waits for it. Returns how many gaps were skipped. */
export async function killHolder(holds: number, capacityBytes: number): Promise<number> {
  const trial = new Trial(capacityBytes)
  const consumer = await trial.consumer(false)
  const holder = await trial.producer(0, 10, 3, holds)
  await once(holder, 'message')
  const other = await trial.producer(1, 1000, 3)
  const written = trial.ends.get(other)
  await trial.kill(holder, 0)
  await written
  trial.ring.close()
  const { faults, skipped } = await consumer.result
  expect([faults, trial.dueOf(0), trial.dueOf(1), trial.ring.usedBytes]).toEqual([[], 10, 1000, 0])
  return skipped
}

/** Two producers at a time, of which one is terminated every now and then and another one started. Returns how many gaps were skipped. */
export async function killProducers(random: SeededRandom, kills: number): Promise<number> {
  const trial = new Trial(random.pick([256, 4096]))
  const consumer = await trial.consumer(true)
  const burst = random.pick([1, 3, 12])
  const alive: { id: number; worker: Worker }[] = []
  for (let id = 0; id < kills + 2; id++) {
    if (alive.length === 2) {
      const [victim] = alive.splice(random.below(2), 1)
      if (victim) await trial.kill(victim.worker, random.below(2000))
    }
    alive.push({ id, worker: await trial.producer(id, Infinity, burst) })
  }
  for (const { worker } of alive) await trial.kill(worker, 0)
  const last = kills + 2
  await trial.ends.get(await trial.producer(last, 1000, 5))
  trial.ring.close()
  const { faults, missed, skipped } = await consumer.result
  expect(faults).toEqual([])
  // What was published came; what did not come belongs to a burst that was never published in whole.
  const lost = missed.filter(([id, number]) => number < trial.publishedBy(id))
  expect(lost).toEqual([])
  for (let id = 0; id <= last; id++) expect(trial.dueOf(id)).toBeGreaterThanOrEqual(trial.publishedBy(id))
  expect([trial.dueOf(last), trial.ring.usedBytes]).toEqual([1000, 0])
  return skipped
}

/** Two producers, whose consumer is terminated again and again. */
export async function killConsumers(random: SeededRandom, kills: number): Promise<void> {
  const trial = new Trial(random.pick([256, 4096]))
  const producers = await Promise.all([0, 1].map(id => trial.producer(id, Infinity, random.pick([1, 3, 12]))))
  for (let round = 0; round < kills; round++) {
    const { worker } = await trial.consumer(false)
    await trial.kill(worker, random.below(2000))
  }
  const { result } = await trial.consumer(false)
  const total = () => trial.dueOf(0) + trial.dueOf(1)
  // The ring goes on.
  for (const before = total(); total() < before + 1000; ) await new Promise(resolve => setTimeout(resolve, 1))
  for (const worker of producers) await trial.kill(worker, 0)
  trial.ring.close()
  expect((await result).faults).toEqual([])
  for (const id of [0, 1]) expect(trial.dueOf(id)).toBeGreaterThanOrEqual(trial.publishedBy(id))
  expect(trial.ring.usedBytes).toBe(0)
}
