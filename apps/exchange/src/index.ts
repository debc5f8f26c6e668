/**
 * A limit order book as a DisruptorX application: price-time priority over typed arrays, a million orders a second; with the reader and writer
 * of order files, and a generator of order flow.
 *
 * @example
 * import { Book, outcomeName, summaryOf } from '@disruptorx/exchange'
 *
 * const book = new Book()
 * book.submit(1, 1, 5_853_300, 18)
 * console.log(outcomeName(book.execute(2, 18)), summaryOf(book).bestBid) // unknown-order 5853300
 * @packageDocumentation
 */
export {
  default,
  type ExchangeAnswers,
  type ExchangeArgs,
  type ExchangeEvent,
  MOST_TOP_LEVELS,
  type OrderEvent,
  type OrderEventSpec,
  orderEvent,
} from './app.ts'
export { Book, type BookOptions } from './book/book.ts'
export type { BookCounters } from './book/counters.ts'
export { type OrderVisitor, visitOrders } from './book/digest.ts'
export { Outcome, outcomeName } from './book/outcome.ts'
export { readBook, writeBook } from './book/snapshot.ts'
export { type BookLevel, type BookSummary, type BookTop, summaryOf, topOf } from './book/summary.ts'
export { ExchangeSnapshotError } from './errors.ts'
export { restoreFlow, saveFlow } from './generator/flow-snapshot.ts'
export { OrderFlow, type OrderFlowOptions } from './generator/order-flow.ts'
export { Hash64 } from './hash64.ts'
export { formatLine, LONGEST_LINE } from './order-file/format-line.ts'
export { applyMessage, createMessage, MessageType, type OrderMessage } from './order-file/message.ts'
export { parseLine } from './order-file/parse-line.ts'
export type { ExchangeState, SourcePosition } from './state.ts'
