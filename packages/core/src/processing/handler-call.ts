import type { AnyEventHandler, BatchHandler, EventHandler, Sequence } from '@disruptorx/contracts'
import type { EventReader } from '../ring/event-ring.ts'
import { ReusedBatch } from './reused-batch.ts'
import type { SequenceSource } from './sequence-source.ts'
import { isThenable } from './thenable.ts'

/** How a processor calls its handler, whichever kind that is. */
export interface HandlerCall {
  /** The event to go on with: after a call that threw or has to be waited for, the one that it is about. */
  readonly at: Sequence
  /** The last event that such a call is about. */
  readonly until: Sequence
  /** Hands events over. The result, if any, is to be waited for. @throws what the handler throws */
  handOver(from: Sequence, to: Sequence, flushAt: Sequence): PromiseLike<unknown> | undefined
  /** What was waited for has settled. */
  settled(): void
}

/** The call that fits a handler. */
export function handlerCall<E>(handler: AnyEventHandler<E>, reader: EventReader<E>, consumer: SequenceSource): HandlerCall {
  return 'onEvent' in handler ? new EventCall(handler, reader) : new BatchCall(handler, reader, consumer)
}

/** Calls `onEvent`. */
class EventCall<E> implements HandlerCall {
  at: Sequence = 0
  readonly #handler: EventHandler<E>
  readonly #reader: EventReader<E>

  constructor(handler: EventHandler<E>, reader: EventReader<E>) {
    this.#handler = handler
    this.#reader = reader
  }

  get until(): Sequence {
    return this.at
  }

  // Hot: benchmark `ring`. The loop does nothing but fetch the event, call the handler, and look whether it returned anything.
  handOver(from: Sequence, to: Sequence, flushAt: Sequence): PromiseLike<unknown> | undefined {
    const reader = this.#reader
    const handler = this.#handler
    let sequence = from
    let pending: PromiseLike<unknown> | undefined
    try {
      for (; sequence <= to; sequence++) {
        const outcome = handler.onEvent(reader.at(sequence), sequence, sequence === flushAt)
        if (outcome !== undefined && isThenable(outcome)) {
          pending = outcome
          break
        }
      }
    } catch (error) {
      this.at = sequence
      throw error
    }
    this.at = sequence
    return pending
  }

  settled(): void {}
}

/** Calls `onBatch`. */
class BatchCall<E> implements HandlerCall {
  at: Sequence = 0
  until: Sequence = -1
  readonly #handler: BatchHandler<E>
  readonly #batch: ReusedBatch<E>
  readonly #consumer: SequenceSource

  constructor(handler: BatchHandler<E>, reader: EventReader<E>, consumer: SequenceSource) {
    this.#handler = handler
    this.#batch = new ReusedBatch(reader)
    this.#consumer = consumer
  }

  // Hot: once per batch.
  handOver(from: Sequence, to: Sequence): PromiseLike<unknown> | undefined {
    this.#batch.begin(from, to)
    this.at = from
    this.until = to
    let isPending = false
    try {
      const outcome = this.#handler.onBatch(this.#batch)
      isPending = isThenable(outcome)
      if (isPending) return outcome as PromiseLike<unknown>
      this.at = to + 1
    } finally {
      if (!isPending) this.settled()
    }
    return undefined
  }

  /** What the handler has released is none of its failure. */
  settled(): void {
    this.#batch.end()
    if (this.at <= this.until) this.at = Math.min(Math.max(this.at, this.#consumer.next), this.until)
  }
}
