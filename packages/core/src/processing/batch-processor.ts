import type { EventHandler, Sequence, Step } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import type { ReadonlyView } from '@disruptorx/layout'
import type { StructRing } from '../ring/struct-ring.ts'
import type { Consumer } from '../sequencer/consumer.ts'

/** How a {@link BatchProcessor} is made. */
export interface BatchProcessorOptions<T> {
  readonly ring: StructRing<T>
  /** A consumer of that ring, which nobody else uses. */
  readonly consumer: Consumer
  readonly handler: EventHandler<ReadonlyView<T>>
  /** The most events of one step, after which their slots are released: from 1. @default a quarter of the ring */
  readonly maxBatch?: number
}

/**
 * Hands the events of a ring to a handler: one batch a step, as long as there are any.
 *
 * A handler that throws ends it: what came before that event is released, the event itself and what follows is not.
 * Algorithm: LMAX BatchEventProcessor.
 */
export class BatchProcessor<T> implements Step {
  readonly #ring: StructRing<T>
  readonly #consumer: Consumer
  readonly #handler: EventHandler<ReadonlyView<T>>
  readonly #event: ReadonlyView<T> & { moveTo(byteOffset: number): unknown }
  readonly #maxBatch: number
  readonly #slotBytes: number
  /** Where slot 0 starts. */
  readonly #firstByte: number
  #started = false
  #ended = false

  /** @throws {OptionError} */
  constructor(options: BatchProcessorOptions<T>) {
    const { ring } = options
    this.#ring = ring
    this.#consumer = options.consumer
    this.#handler = options.handler
    this.#slotBytes = ring.slotBytes
    this.#firstByte = ring.offsetOf(0)
    this.#event = ring.layout.view(ring.memory, this.#firstByte)
    this.#maxBatch = wholeNumber('maxBatch', options.maxBatch ?? Math.max(1, ring.capacity / 4), 1, ring.capacity)
  }

  /** Handles a batch. Returns 0 when there was one, otherwise Infinity. @throws what the handler throws */
  step(): number {
    if (this.#ended) return Infinity
    this.start()
    const first = this.#consumer.next
    const available = this.#consumer.available()
    if (available < first) return Infinity
    this.#handle(first, Math.min(available, first + this.#maxBatch - 1), available)
    return 0
  }

  /** Calls the handler's `onStart`, the first time. @throws what it throws */
  start(): void {
    if (this.#started) return
    this.#started = true
    this.#handler.onStart?.()
  }

  /** Handles nothing more, and calls the handler's `onShutdown` if it ever started. Safe to call twice. @throws what the handler throws */
  close(): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#started) this.#handler.onShutdown?.()
  }

  // Hot: benchmark `ring`. The loop does nothing but move the flyweight and call the handler.
  #handle(first: Sequence, last: Sequence, available: Sequence): void {
    const event = this.#event
    const handler = this.#handler
    const slotBytes = this.#slotBytes
    const endByte = this.#firstByte + this.#ring.capacity * slotBytes
    let offset = this.#ring.offsetOf(first)
    let sequence = first
    try {
      for (; sequence <= last; sequence++) {
        event.moveTo(offset)
        handler.onEvent(event, sequence, sequence === available)
        offset += slotBytes
        if (offset === endByte) offset = this.#firstByte
      }
    } finally {
      this.#consumer.advance(sequence - 1)
    }
  }
}
