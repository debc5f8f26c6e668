import { BatchProcessor, type ConsumerHandle, type ReadonlyView, runStep, StructRing } from '@disruptorx/core'
import { createWaitStrategy, type WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { type Event, event } from './event.ts'
import type { Part, Writer } from './part.ts'
import { publisherWriter, type SharedRing } from './struct.ts'

/** What a user's handler looks like. */
class Adder {
  sum = 0

  onEvent(view: ReadonlyView<Event>): void {
    this.sum += view.id + view.price + view.size + view.symbol + view.side
  }
}

/** A publisher that blocks when the ring is full. */
export function waitingWriter(shared: SharedRing, waits: WaitStrategyHandle): Writer {
  return publisherWriter(shared, { whenFull: 'wait', strategy: createWaitStrategy(waits) })
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
