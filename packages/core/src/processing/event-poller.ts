import type { Sequence } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { checkRing, type EventReader, type EventRing } from '../ring/event-ring.ts'
import type { Consumer } from '../sequencer/consumer.ts'

/** What a poll came to: events were handled; there are events that others have to deal with first, or that are not yet published; or there are none. */
export type PollState = 'processing' | 'gating' | 'idle'

/** Called for each event of a poll. `false` ends the poll after this event; anything else is ignored: no promise is waited for. */
export type PollHandler<E> = (event: E, sequence: Sequence, endOfPoll: boolean) => unknown

/** How an {@link EventPoller} is made. */
export interface EventPollerOptions<E> {
  readonly ring: EventRing<E>
  /** A consumer of that ring, which nobody else uses. @default a new one, which starts after the cursor */
  readonly consumer?: Consumer
  /** The most events of one poll: 1 to the ring's capacity. @default the capacity */
  readonly maxBatch?: number
}

/**
 * Reads a ring when its owner finds the time, from any loop that he has already. Never waits. For one thread.
 *
 * Algorithm: LMAX EventPoller.
 */
export class EventPoller<E> {
  readonly #ring: EventRing<E>
  readonly #consumer: Consumer
  readonly #reader: EventReader<E>
  readonly #maxBatch: number
  #polling = false
  #closed = false

  /** @throws {OptionError | TableFullError} */
  constructor(options: EventPollerOptions<E>) {
    const { ring } = options
    checkRing(ring)
    this.#ring = ring
    this.#maxBatch = wholeNumber('maxBatch', options.maxBatch ?? ring.capacity, 1, ring.capacity)
    this.#consumer = options.consumer ?? ring.addConsumer()
    this.#reader = ring.reader()
  }

  /** What it is to its ring: for the `after` of others. */
  get consumer(): Consumer {
    return this.#consumer
  }

  // Hot: once per event inside.
  /**
   * Hands over what there is, and releases it. A handler that throws keeps its event for the next poll. A poll out of the handler finds nothing, nor does one after {@link close}.
   *
   * @throws what the handler throws
   */
  poll(handler: PollHandler<E>): PollState {
    if (this.#polling || this.#closed) return 'idle'
    const consumer = this.#consumer
    const available = consumer.available()
    const first = consumer.next
    if (available < first) return this.#ring.cursor.get() >= first ? 'gating' : 'idle'
    const last = Math.min(available, first + this.#maxBatch - 1)
    const reader = this.#reader
    let sequence = first
    this.#polling = true
    try {
      for (let more = true; more && sequence <= last; sequence++) more = handler(reader.at(sequence), sequence, sequence === last) !== false
    } finally {
      this.#polling = false
      reader.expire?.(sequence - 1)
      consumer.advance(sequence - 1)
      if (this.#closed) consumer.close()
    }
    return 'processing'
  }

  /** Leaves the ring; out of the handler, once the poll is over. Safe to call twice. @throws {ConsumerInUseError} */
  close(): void {
    this.#closed = true
    if (!this.#polling) this.#consumer.close()
  }
}
