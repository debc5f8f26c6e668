import { type ConsumerHandle, StructRing, type StructRingHandle } from '@disruptorx/core'
import { event, write } from './event.ts'
import { consuming, type Part, producing } from './part.ts'

/** Claims and publishes `batch` events at a time. */
export function batchProducer(handle: StructRingHandle, batch: number): Part {
  const ring = StructRing.attach(handle, event)
  const producer = ring.producer()
  return {
    ...producing(events => {
      for (let i = 0; i < events; ) {
        let highest = producer.tryNext(batch)
        while (highest < 0) highest = producer.tryNext(batch)
        const lowest = highest - batch + 1
        for (let sequence = lowest; sequence <= highest; sequence++) write(ring.get(sequence), i++)
        producer.publish(lowest, highest)
      }
    }),
    close: () => producer.close(),
  }
}

/** Claims one event at a time and leaves it to the publisher when they become visible. */
export function publisherProducer(handle: StructRingHandle): Part {
  const publisher = StructRing.attach(handle, event).publisher()
  const produce = (events: number) => {
    for (let i = 0; i < events; i++) {
      let view = publisher.claim()
      while (view === undefined) view = publisher.claim()
      write(view, i)
    }
  }
  return {
    ...producing(produce, () => {
      while (!publisher.flush());
    }),
    close: () => publisher.close(),
  }
}

/** Reads whatever there is, and releases it together. */
export function structConsumer(handle: StructRingHandle, consumerHandle: ConsumerHandle): Part {
  const ring = StructRing.attach(handle, event)
  const consumer = ring.attachConsumer(consumerHandle)
  let total = 0
  const consume = (events: number) => {
    let sum = 0
    let seen = 0
    while (seen < events) {
      const first = consumer.next
      const last = consumer.available()
      if (last < first) continue
      for (let sequence = first; sequence <= last; sequence++) {
        const view = ring.get(sequence)
        sum += view.id + view.price + view.size + view.symbol + view.side
      }
      consumer.advance(last)
      seen += last - first + 1
    }
    total += sum
    return seen
  }
  return consuming(consume, () => {
    const sum = total
    total = 0
    return sum
  })
}
