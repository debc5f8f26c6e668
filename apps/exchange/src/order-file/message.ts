import type { Book } from '../book/book.ts'
import { Outcome } from '../book/outcome.ts'

/** The types of messages, with the numbers that the order file uses. */
export const MessageType = {
  /** A new limit order. */
  submit: 1,
  /** A part of a resting order is withdrawn: `size` is what goes. */
  reduce: 2,
  /** All that is left of a resting order is withdrawn. */
  cancel: 3,
  /** A visible resting order trades: `size` is what trades. */
  execute: 4,
  /** A hidden order trades; the visible book stays as it is. */
  hidden: 5,
  /** Trading halts or resumes. */
  halt: 7,
} as const

/** One of the numbers of {@link MessageType}. */
export type MessageType = (typeof MessageType)[keyof typeof MessageType]

/** One message of the order flow: made once, filled again for each message. */
export interface OrderMessage {
  type: MessageType
  /** The resting order concerned, from 0 to 2^53 - 1. */
  id: number
  /** Nanoseconds after midnight, from 0 to 2^53 - 1. */
  time: number
  /** Dollars x 10,000, from 1 to 2^32 - 1; 0 in a halt that names none. */
  price: number
  /** Shares, from 1 to 2^32 - 1; 0 in a halt that names none. */
  size: number
  /** The side of the resting order: 1 buy, -1 sell; may be 0 in a halt. */
  side: number
}

/** Makes a message to be filled. */
export function createMessage(): OrderMessage {
  // One fraction each makes V8 hold them as doubles from the start: whole numbers beyond 2^31 then cost no allocation.
  const message: OrderMessage = { type: MessageType.halt, id: 0.5, time: 0.5, price: 0.5, size: 0.5, side: 0 }
  message.id = 0
  message.time = 0
  message.price = 0
  message.size = 0
  return message
}

/** Does to a book what a message says. */
// Hot: benchmark `book/ordersPerSecond`.
export function applyMessage(book: Book, message: Readonly<OrderMessage>): Outcome {
  switch (message.type) {
    case MessageType.submit:
      return book.submit(message.id, message.side, message.price, message.size)
    case MessageType.reduce:
      return book.reduce(message.id, message.size)
    case MessageType.cancel:
      return book.cancel(message.id)
    case MessageType.execute:
      return book.execute(message.id, message.size)
    case MessageType.hidden:
      return book.executeHidden()
    case MessageType.halt:
      return book.halt()
    default:
      return Outcome.invalid
  }
}
