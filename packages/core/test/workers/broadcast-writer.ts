import { parentPort, workerData } from 'node:worker_threads'
import { BroadcastRing, type BroadcastRingHandle } from '../../src/bytes/broadcast-ring.ts'
import { fill, lengthOf } from './many-byte-record.ts'

const { ring: handle, records, burst } = workerData as { ring: BroadcastRingHandle; records: number; burst: number }
const ring = BroadcastRing.attach(handle)
const words = new Int32Array(ring.memory)
const producer = ring.producer()
for (let number = 0; number < records; number++) {
  fill(words, producer.claim(lengthOf(number)), 0, number)
  if (number % burst === burst - 1) producer.publish()
}
producer.close()
ring.close()
parentPort?.postMessage('written')
