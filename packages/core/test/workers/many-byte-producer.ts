import { parentPort, workerData } from 'node:worker_threads'
import { ByteRing, type ByteRingHandle } from '@disruptorx/core'
import { fill, lengthOf } from './many-byte-record.ts'

/** What a producer of the thread tests does. */
export interface ManyByteProducerData {
  readonly ring: ByteRingHandle
  readonly id: number
  /** How many records; Infinity for one that goes on until it is terminated. */
  readonly records: number
  /** How many it claims at most before it publishes. */
  readonly burst: number
  /** Where it says how many it has published, at its id. */
  readonly published: SharedArrayBuffer
  /** How many it claims after that without ever publishing them: it sleeps until it is terminated. */
  readonly holds?: number
}

const { ring: handle, id, records, burst, published, holds = 0 } = workerData as ManyByteProducerData
const ring = ByteRing.attach(handle)
const words = new Int32Array(ring.memory)
const producer = ring.producer()
const progress = new Int32Array(published)
parentPort?.postMessage('writing')
for (let number = 0; number < records; ) {
  const end = Math.min(records, number + 1 + (number % burst))
  // A claim that waits publishes what was claimed before it: that is written by then.
  for (; number < end; number++) fill(words, producer.claim(lengthOf(number)), id, number)
  producer.publish()
  Atomics.store(progress, id, number)
}
if (holds > 0) {
  const nap = new Int32Array(new SharedArrayBuffer(4))
  for (let number = records; number < records + holds; number++) {
    // Not `claim`, which would publish what was claimed before.
    let at = producer.tryClaim(lengthOf(number))
    for (; at < 0; at = producer.tryClaim(lengthOf(number))) Atomics.wait(nap, 0, 0, 1)
    fill(words, at, id, number)
  }
  parentPort?.postMessage('holding')
  Atomics.wait(nap, 0, 0)
}
producer.close()
