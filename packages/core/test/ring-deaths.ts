import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Consumer, ParkingLot, SharedFlag, StructRing } from '@disruptorx/core'
import type { SeededRandom } from '@disruptorx/testkit'
import { expect } from 'vitest'
import { ticket } from './support.ts'
import type { MortalConsumerData, MortalConsumerResult } from './workers/ring-mortal-consumer.ts'
import type { MortalProducerData } from './workers/ring-mortal-producer.ts'

/** A ring and the threads on it. All sleep without a limit: a lost wake-up would hang the test. */
class Trial {
  readonly parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
  readonly ring: StructRing<{ number: number; producer: number; square: number; check: number }>
  /** Tells producers, and then consumers, that this is all. */
  readonly stop = SharedFlag.create(this.parkingLot)
  readonly done = SharedFlag.create(this.parkingLot)
  readonly published: Int32Array
  readonly #producers: number

  constructor(capacity: number, producers: number) {
    const { parkingLot } = this
    this.#producers = producers
    this.published = new Int32Array(new SharedArrayBuffer(4 * producers))
    // So few places that those of the dead have to be given out again.
    this.ring = StructRing.create({
      layout: ticket,
      capacity,
      producers: 'multi',
      maxProducers: 4,
      parkingLot,
      initialSequence: 2 ** 32 - 5000,
    })
  }

  /** Resolves when the producer is about to write. */
  async producer(id: number, holds = false): Promise<Worker> {
    const published = this.published.buffer as SharedArrayBuffer
    const data: MortalProducerData = { ring: this.ring.handle, stop: this.stop.handle, id, published, holds }
    const worker = new Worker(new URL('./workers/ring-mortal-producer.ts', import.meta.url), { workerData: data })
    await once(worker, 'message')
    return worker
  }

  /** Resolves when the consumer is about to read. */
  async consumer(consumer?: Consumer): Promise<{ worker: Worker; result: Promise<MortalConsumerResult> }> {
    const { handle: ring } = this.ring
    const data: MortalConsumerData = { ring, done: this.done.handle, consumer: consumer?.handle, producers: this.#producers }
    const worker = new Worker(new URL('./workers/ring-mortal-consumer.ts', import.meta.url), { workerData: data })
    await once(worker, 'message')
    return { worker, result: once(worker, 'message').then(([result]) => result as MortalConsumerResult) }
  }

  /** Ends a thread after so many microseconds, roughly, and reclaims what it had. */
  async kill(worker: Worker, afterUs: number): Promise<void> {
    const thread = worker.threadId + 1
    for (const end = performance.now() + afterUs / 1000; performance.now() < end; );
    await worker.terminate()
    this.ring.reclaim(thread)
    this.parkingLot.reclaim(thread)
  }

  /** Lets everybody come to an end, and checks what the consumers got that were there from the first event. */
  async end(living: readonly Worker[], results: readonly Promise<MortalConsumerResult>[]): Promise<void> {
    const exits = living.map(worker => once(worker, 'exit'))
    this.stop.raise()
    await Promise.all(exits)
    this.done.raise()
    for (const { due, stray, faults } of await Promise.all(results)) {
      expect(faults).toEqual([])
      for (let producer = 0; producer < this.#producers; producer++) {
        expect([producer, due[producer]]).toEqual([producer, expect.toSatisfy(count => count >= (this.published[producer] as number))])
        // Of a burst that it was about to publish when it died.
        expect((stray[producer] as number[]).length).toBeLessThanOrEqual(5)
      }
    }
  }
}

/** Producers that die one after the other beside one that lives. How many slots they left. */
export async function killProducers(random: SeededRandom, rounds: number): Promise<number> {
  const trial = new Trial(64, rounds + 1)
  const [one, two] = [trial.ring.addConsumer(), trial.ring.addConsumer()]
  const three = trial.ring.addConsumer({ after: [one, two] })
  const consumers = await Promise.all([one, two, three].map(consumer => trial.consumer(consumer)))
  const living = await trial.producer(0)
  for (let round = 1; round <= rounds; round++) {
    const holds = round % 3 === 0
    const worker = await trial.producer(round, holds)
    if (holds) await once(worker, 'message')
    await trial.kill(worker, holds ? 0 : random.below(4000))
    // It goes on: whoever died, the one that lives publishes.
    const before = Atomics.load(trial.published, 0)
    while (Atomics.load(trial.published, 0) === before) await new Promise(resolve => setTimeout(resolve, 1))
  }
  await trial.end(
    [living],
    consumers.map(({ result }) => result),
  )
  const skipped = await Promise.all(consumers.map(async ({ result }) => (await result).skipped))
  expect(new Set(skipped).size).toBe(1)
  return skipped[0] as number
}

/** Consumers that join and die one after the other beside two that live. */
export async function killConsumers(random: SeededRandom, rounds: number): Promise<void> {
  const trial = new Trial(16, 2)
  const one = trial.ring.addConsumer()
  const two = trial.ring.addConsumer({ after: [one] })
  const consumers = await Promise.all([one, two].map(consumer => trial.consumer(consumer)))
  const living = await Promise.all([trial.producer(0), trial.producer(1)])
  for (let round = 0; round < rounds; round++) {
    const { worker, result } = await trial.consumer()
    result.catch(() => {})
    await trial.kill(worker, random.below(3000))
    expect(trial.ring.stats().consumers.length).toBe(2)
    const before = trial.published.slice()
    for (const producer of [0, 1])
      while (Atomics.load(trial.published, producer) === before[producer]) await new Promise(resolve => setTimeout(resolve, 1))
  }
  await trial.end(
    living,
    consumers.map(({ result }) => result),
  )
}
