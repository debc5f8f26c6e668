import type { MessageType, OrderEvent, OrderMessage } from '@disruptorx/exchange'
import type { ExchangeStream } from '../session/open-session.ts'

/** The exchange's event for each type of message. */
const eventOf = {
  1: 'submit',
  2: 'reduce',
  3: 'cancel',
  4: 'execute',
  5: 'hidden',
  7: 'halt',
} as const satisfies Record<MessageType, string>

/** Puts messages into a stream, through one event that is filled again for each of them. */
export class OrderPublisher {
  readonly #stream: ExchangeStream
  readonly #event: { -readonly [K in keyof OrderEvent]: OrderEvent[K] }

  constructor(stream: ExchangeStream) {
    this.#stream = stream
    // Fractions make V8 hold the fields as doubles from the start: large whole numbers then cost no allocation.
    this.#event = { id: 0.5, time: 0.5, line: 0.5, price: 0.5, size: 0.5, hashLow: 0.5, hashHigh: 0.5, side: 0 }
  }

  /**
   * Publishes a message; false when the ring is full and nothing was taken. `line`, `hashLow` and `hashHigh` say where in its source it stands;
   * 0 for a message of no source.
   */
  // Hot: once per event. Guarded by benchmark `pipeline`.
  offer(message: Readonly<OrderMessage>, line: number, hashLow: number, hashHigh: number): boolean {
    const event = this.#event
    event.id = message.id
    event.time = message.time
    event.line = line
    event.price = message.price
    event.size = message.size
    event.hashLow = hashLow
    event.hashHigh = hashHigh
    event.side = message.side
    return this.#stream.tryPublish(eventOf[message.type], event)
  }
}
