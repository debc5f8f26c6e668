import { type Consumer, type ConsumerHandle, type PublisherOptions, StructRing, type StructRingHandle } from '@disruptorx/core'
import { CAPACITY, event, SLOT_BYTES } from './event.ts'
import type { Reader, Writer } from './part.ts'

/** What the threads of a struct ring share. */
export interface SharedRing {
  readonly ring: StructRingHandle
  readonly consumers: readonly ConsumerHandle[]
}

/** What kind of ring. */
export interface RingChoice {
  readonly producers?: 'multi'
  /** @default 1 */
  readonly consumers?: number
  /** Each consumer comes after the one before. @default side by side */
  readonly chained?: boolean
  /** @default 0 */
  readonly initialSequence?: number
}

/** Makes a ring and its consumers. */
export function shareRing(options: RingChoice = {}): SharedRing {
  const { producers = 'single', initialSequence = 0 } = options
  const ring = StructRing.create({ layout: event, capacity: CAPACITY, slotBytes: SLOT_BYTES, producers, initialSequence })
  const consumers: Consumer[] = []
  for (let count = options.consumers ?? 1; count > 0; count--) {
    consumers.push(ring.addConsumer({ after: options.chained ? consumers.slice(-1) : [] }))
  }
  return { ring: ring.handle, consumers: consumers.map(consumer => consumer.handle) }
}

/** Claims and publishes `batch` events at a time. */
export function batchWriter({ ring: handle }: SharedRing, batch: number): Writer {
  const ring = StructRing.attach(handle, event)
  const producer = ring.producer()
  return {
    write(events) {
      for (let i = 0; i < events; ) {
        let highest = producer.tryNext(batch)
        while (highest < 0) highest = producer.tryNext(batch)
        const lowest = highest - batch + 1
        for (let sequence = lowest; sequence <= highest; sequence++, i++) {
          const view = ring.get(sequence)
          view.id = i
          view.price = i & 0xffff
          view.size = 100
          view.symbol = 7
          view.side = i & 1
        }
        producer.publish(lowest, highest)
      }
    },
    close: () => producer.close(),
  }
}

/** Claims one event at a time and leaves it to the publisher when they become visible. */
export function publisherWriter({ ring }: SharedRing, options: PublisherOptions = {}): Writer {
  const publisher = StructRing.attach(ring, event).publisher(options)
  return {
    write(events) {
      for (let i = 0; i < events; i++) {
        let view = publisher.claim()
        while (view === undefined) view = publisher.claim()
        view.id = i
        view.price = i & 0xffff
        view.size = 100
        view.symbol = 7
        view.side = i & 1
      }
    },
    flush() {
      while (!publisher.flush());
    },
    close: () => publisher.close(),
  }
}

/** Reads whatever there is, and releases it together. */
export function structReader({ ring: handle, consumers }: SharedRing): Reader {
  const ring = StructRing.attach(handle, event)
  const consumer = ring.attachConsumer(consumers[0] as ConsumerHandle)
  const tally = { seen: 0, sum: 0 }
  return {
    tally,
    read(events) {
      let seen = 0
      let sum = 0
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
    },
  }
}
