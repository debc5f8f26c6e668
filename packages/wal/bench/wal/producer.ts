import { parentPort, workerData } from 'node:worker_threads'
import { ByteRing, type ByteRingHandle } from '@disruptorx/core'

/** What a thread that produces records starts with. */
export interface ProducerData {
  readonly ring: ByteRingHandle
  /** Records to publish in a round. */
  readonly records: number
  /** Round that is on: 0 before the first, -1 when there are no more. */
  readonly round: SharedArrayBuffer
  /** First byte of each record. */
  readonly number: number
}

const RECORD_BYTES = 64
/** Records published together. */
const BURST = 32

// The body of a thread that publishes records into the ring in front of a journal, round by round.
const { ring: handle, records, round: memory, number } = workerData as ProducerData
const ring = ByteRing.attach(handle)
const producer = ring.producer()
const round = new Int32Array(memory)
parentPort?.postMessage('ready')
for (let done = 0; ; done++) {
  while (Atomics.load(round, 0) === done) Atomics.wait(round, 0, done)
  if (Atomics.load(round, 0) < 0) break
  for (let i = 1; i <= records; i++) {
    const at = producer.claim(RECORD_BYTES)
    ring.bytes[at] = number
    if (i % BURST === 0) producer.publish()
  }
  producer.publish()
}
producer.close()
