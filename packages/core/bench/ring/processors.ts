import { BatchProcessor, type ConsumerHandle, type ReadonlyView, runStep, StructRing } from '@disruptorx/core'
import { createWaitStrategy, type WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { type Event, event } from './event.ts'
import type { Part, Writer } from './part.ts'
import type { SharedRing } from './struct.ts'

/** Claims for a producer that waits for room with a strategy, as one does that shares its core. */
const BATCH = 32

/** What a user's handler looks like. */
class Adder {
  sum = 0

  onEvent(view: ReadonlyView<Event>): void {
    this.sum += view.id + view.price + view.size + view.symbol + view.side
  }
}

/** Blocks when the ring is full. */
export function waitingWriter({ ring: handle }: SharedRing, waits: WaitStrategyHandle): Writer {
  const ring = StructRing.attach(handle, event)
  const producer = ring.producer()
  const strategy = createWaitStrategy(waits)
  return {
    write(events) {
      for (let i = 0; i < events; ) {
        const highest = producer.next(BATCH, { strategy })
        const lowest = highest - BATCH + 1
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

/** Lets a processor call a handler for each event. */
export function processor({ ring: handle, consumers }: SharedRing, index: number, waits: WaitStrategyHandle): Part {
  const ring = StructRing.attach(handle, event)
  const consumer = ring.attachConsumer(consumers[index] as ConsumerHandle)
  const handler = new Adder()
  const step = new BatchProcessor({ ring, consumer, handler })
  const parker = ring.parkingLot.parker()
  const strategy = createWaitStrategy(waits)
  return {
    play(round) {
      const first = consumer.next
      let limit = 0
      const stopped = () => {
        const seen = consumer.next - first
        if (seen < limit) return false
        limit = round.limit(seen)
        return seen >= limit
      }
      handler.sum = 0
      runStep(step, { parker, strategy, stopped })
      return { events: consumer.next - first, sum: handler.sum }
    },
    close: () => parker.close(),
  }
}
