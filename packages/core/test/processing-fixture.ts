import type { Sequence } from '@disruptorx/contracts'
import { BatchProcessor, type BatchProcessorOptions } from '../src/processing/batch-processor.ts'
import { StructRing } from '../src/ring/struct-ring.ts'
import type { Consumer } from '../src/sequencer/consumer.ts'
import { type Ticket, ticket, ticketOf } from './support.ts'

/** A ring of tickets with one consumer, whose events are numbered from 0 whatever its first sequence is. */
export class TicketRing {
  readonly ring: StructRing<Ticket>
  readonly consumer: Consumer
  readonly #first: Sequence
  #published = 0

  constructor(options: { capacity?: number; initialSequence?: Sequence; producers?: 'single' | 'multi' } = {}) {
    const { capacity = 16, initialSequence = 0, producers = 'single' } = options
    this.ring = StructRing.create({ layout: ticket, capacity, initialSequence, producers })
    this.consumer = this.ring.addConsumer()
    this.#first = initialSequence
  }

  /** Publishes the next `count` tickets. */
  publish(count: number): this {
    const producer = this.ring.producer()
    const highest = producer.tryNext(count)
    if (highest < 0) throw new Error('the ring is full')
    for (let sequence = highest - count + 1; sequence <= highest; sequence++) this.ring.get(sequence).set(ticketOf(this.#published++, 1))
    producer.publish(highest - count + 1, highest)
    producer.close()
    return this
  }

  /** How many events are released. */
  get released(): number {
    return this.consumer.released() - this.#first + 1
  }

  processor(handler: Options['handler'], options: Partial<Options> = {}): BatchProcessor<Ticket> {
    return new BatchProcessor<Ticket>({ ring: this.ring, consumer: this.consumer, handler, ...options })
  }
}

type Options = BatchProcessorOptions<Ticket>

/** Steps until a step has nothing to do. Returns what that step returned. */
export function drain(processor: { step(): number }): number {
  for (let steps = 0; steps < 1000; steps++) {
    const delayMs = processor.step()
    if (delayMs > 0) return delayMs
  }
  throw new Error('a thousand steps, and still something to do')
}

/** Lets promises settle that need nothing but turns of the microtask queue. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await undefined
}

/** A clock that moves only when it is told to. */
export class ManualClock {
  #ns = 1e9

  nowMs(): number {
    return this.#ns / 1e6
  }

  monotonicNs(): number {
    return this.#ns
  }

  advance(ms: number): void {
    this.#ns += Math.round(ms * 1e6)
  }
}
