import { parentPort, workerData } from 'node:worker_threads'
import type { WorkPoolHandle } from '@disruptorx/core'
import { BatchProcessor, runStep, SharedFlag, type SharedFlagHandle, StructRing, type StructRingHandle, WorkPool } from '@disruptorx/core'
import { damageOf, type Ticket, ticket } from '../support.ts'

export interface PoolMemberData {
  readonly ring: StructRingHandle
  readonly pool: WorkPoolHandle
  readonly stop: SharedFlagHandle
  /** A word for each ticket: how often it was handled. */
  readonly counts: SharedArrayBuffer
  readonly claim: number
  /** Leaves the pool after so many events, and comes back as another worker. */
  readonly changeEvery: number
  /** A word that it sets at its 10th event, which it never gets done. */
  readonly stuck?: SharedArrayBuffer | undefined
}

/** Handles tickets as a worker of a pool until it is told to stop. Its message is how many it handled. */
const data = workerData as PoolMemberData
const ring = StructRing.attach(data.ring, ticket)
const stop = SharedFlag.attach(data.stop)
const pool = WorkPool.attach(data.pool, ring)
const counts = new Int32Array(data.counts)
const parker = ring.parkingLot.parker()
let handled = 0
let fallbackWakes = 0
while (!stop.raised) member()
fallbackWakes += parker.fallbackWakes
parentPort?.postMessage({ handled, fallbackWakes })

function member(): void {
  const worker = pool.worker({ claim: data.claim })
  let left = data.changeEvery
  const onEvent = (event: Ticket) => {
    const damage = damageOf(event, event.number)
    if (damage !== undefined) throw new Error(damage)
    if (handled === 10 && data.stuck !== undefined) hang(new Int32Array(data.stuck))
    Atomics.add(counts, event.number, 1)
    handled++
    if (--left === 0) processor.halt()
  }
  const processor = new BatchProcessor({ ring, consumer: worker, handler: { onEvent }, maxBatch: 3, canAwait: false })
  runStep(processor, { parker, stopped: () => stop.raised || processor.ended })
  processor.close()
  worker.close()
}

function hang(word: Int32Array): void {
  Atomics.store(word, 0, 1)
  Atomics.wait(word, 0, 1)
}
