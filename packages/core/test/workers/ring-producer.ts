import { parentPort, workerData } from 'node:worker_threads'
import { type Publisher, StructRing, type StructRingHandle } from '@disruptorx/core'
import { type Ticket, ticket, ticketOf } from '../support.ts'

/** `events` tickets, by a publisher that waits whenever the ring is full, or by blocking claims of one to five slots. */
const { handle, id, events, by } = workerData as { handle: StructRingHandle; id: number; events: number; by: 'publisher' | 'next' }
const ring = StructRing.attach(handle, ticket)
if (by === 'publisher') await publishAll(ring.publisher())
else claimAll()
parentPort?.postMessage({ id, events })

async function publishAll(publisher: Publisher<Ticket>): Promise<void> {
  for (let number = 0; number < events; number++) {
    while (!publisher.publish(ticketOf(number, id))) await publisher.ready()
  }
  while (!publisher.flush()) await publisher.ready()
  publisher.close()
}

function claimAll(): void {
  const producer = ring.producer()
  for (let number = 0; number < events; ) {
    const count = Math.min(1 + (number % 5), events - number)
    const highest = producer.next(count)
    for (let sequence = highest - count + 1; sequence <= highest; sequence++) ring.get(sequence).set(ticketOf(number++, id))
    producer.publish(highest - count + 1, highest)
  }
  producer.close()
}
