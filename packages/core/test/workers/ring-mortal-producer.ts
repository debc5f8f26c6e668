import { parentPort, workerData } from 'node:worker_threads'
import { type Producer, SharedFlag, type SharedFlagHandle, StructRing, type StructRingHandle } from '@disruptorx/core'
import { ticket, ticketOf } from '../support.ts'

export interface MortalProducerData {
  readonly ring: StructRingHandle
  readonly stop: SharedFlagHandle
  readonly id: number
  /** What each producer has published: how many events, in their order. */
  readonly published: SharedArrayBuffer
  /** Claims three slots, publishes the one in the middle, and does nothing any more. */
  readonly holds: boolean
}

/** Publishes in bursts of one to five, now and then after a while, until it is told to stop, or ended. */
const data = workerData as MortalProducerData
const ring = StructRing.attach(data.ring, ticket)
const stop = SharedFlag.attach(data.stop)
const published = new Int32Array(data.published)
let number = 0
parentPort?.postMessage('ready')
publish(ring.producer())

function publish(producer: Producer): void {
  while (!stop.raised && number < 2 ** 30) {
    const count = data.holds ? 3 : 1 + (number % 5)
    const highest = producer.next(count)
    const lowest = highest - count + 1
    for (let sequence = lowest; sequence <= highest; sequence++) ring.get(sequence).set(ticketOf(number++, data.id))
    if (data.holds) {
      producer.publish(lowest + 1)
      parentPort?.postMessage('holding')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    }
    if (number % 64 < 5) for (let spin = 0; spin < 20_000; spin++) published[data.id] = number - count
    producer.publish(lowest, highest)
    Atomics.store(published, data.id, number)
  }
  producer.close()
}
