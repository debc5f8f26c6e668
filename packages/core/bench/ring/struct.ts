import { type Consumer, type ConsumerHandle, StructRing, type StructRingHandle } from '@disruptorx/core'
import { CAPACITY, event, SLOT_BYTES, write } from './event.ts'
import { consuming, type Part, producing } from './part.ts'

/** What the threads of a struct ring share. */
export interface SharedRing {
  readonly ring: StructRingHandle
  readonly consumers: readonly ConsumerHandle[]
}

/** A ring with so many consumers: side by side, or each after the one before. */
export function shareRing(options: { producers?: 'multi'; consumers?: number; chained?: boolean } = {}): SharedRing {
  const { producers = 'single' } = options
  const ring = StructRing.create({ layout: event, capacity: CAPACITY, slotBytes: SLOT_BYTES, producers })
  const consumers: Consumer[] = []
  for (let count = options.consumers ?? 1; count > 0; count--) {
    consumers.push(ring.addConsumer({ after: options.chained ? consumers.slice(-1) : [] }))
  }
  return { ring: ring.handle, consumers: consumers.map(consumer => consumer.handle) }
}

/** Claims and publishes `batch` events at a time. */
export function batchProducer({ ring: handle }: SharedRing, batch: number): Part {
  const ring = StructRing.attach(handle, event)
  const producer = ring.producer()
  const produce = (events: number) => {
    for (let i = 0; i < events; ) {
      let highest = producer.tryNext(batch)
      while (highest < 0) highest = producer.tryNext(batch)
      const lowest = highest - batch + 1
      for (let sequence = lowest; sequence <= highest; sequence++) write(ring.get(sequence), i++)
      producer.publish(lowest, highest)
    }
  }
  return { ...producing(produce), close: () => producer.close() }
}

/** Claims one event at a time and leaves it to the publisher when they become visible. */
export function publisherProducer({ ring }: SharedRing): Part {
  const publisher = StructRing.attach(ring, event).publisher()
  const produce = (events: number) => {
    for (let i = 0; i < events; i++) {
      let view = publisher.claim()
      while (view === undefined) view = publisher.claim()
      write(view, i)
    }
  }
  const flush = () => {
    while (!publisher.flush());
  }
  return { ...producing(produce, flush), close: () => publisher.close() }
}

/** Reads whatever there is, and releases it together. */
export function structConsumer({ ring: handle, consumers }: SharedRing): Part {
  const ring = StructRing.attach(handle, event)
  const consumer = ring.attachConsumer(consumers[0] as ConsumerHandle)
  return consuming((tally, events) => {
    let { seen, sum } = tally
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
    tally.seen = seen
    tally.sum = sum
  })
}
