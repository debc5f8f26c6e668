// Two workers and the main thread on one ring: one writes, one reads, the main thread receives what that one has released, by its event loop.
import { ParkingLot, runStepAsync, StructRing } from '@disruptorx/core'
import { events, ticket } from './tickets.mjs'

// Nobody looks up by himself: a lost wake-up would stop everything.
const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
const ring = StructRing.create({ layout: ticket, capacity: 256, parkingLot })
const upstream = ring.addConsumer()
const consumer = ring.addConsumer({ after: [upstream] })

const writer = new Worker(new URL('./ring-writer.mjs', import.meta.url), { type: 'module' })
const reader = new Worker(new URL('./ring-reader.mjs', import.meta.url), { type: 'module' })
for (const worker of [writer, reader])
  worker.onerror = ({ message }) => {
    throw new Error(`a worker failed: ${message}`)
  }
const read = new Promise(resolve => {
  reader.onmessage = ({ data }) => resolve(data)
})
reader.postMessage({ ring: ring.handle, consumer: upstream.handle })
writer.postMessage({ ring: ring.handle })

let received = 0
let sum = 0
let early = 0
const step = () => {
  const last = consumer.available()
  if (last < consumer.next) return Number.POSITIVE_INFINITY
  if (last > upstream.released()) early++
  for (let sequence = consumer.next; sequence <= last; sequence++) {
    sum += ring.get(sequence).square
    received++
  }
  consumer.advance(last)
  return 0
}
await runStepAsync({ step }, { parker: parkingLot.parker(), stopped: () => received === events })
globalThis.report({ received, sum, early, read: await read })
