import { type App, defineApp } from 'disruptorx/cluster'
import { type Infer, type StructLayout, struct } from 'disruptorx/layout'
import type { Outcome } from './book/outcome.ts'
import { type BookSummary, type BookTop, summaryOf, topOf } from './book/summary.ts'
import { wholeOption } from './errors.ts'
import { MessageType } from './order-file/message.ts'
import { type ExchangeState, initialState, readState, type SourcePosition, writeState } from './state.ts'

/** The most prices of a side that the query `top` answers with. */
export const MOST_TOP_LEVELS = 1000

/** The fields of {@link orderEvent}. */
export type OrderEventSpec = {
  readonly id: 'u53'
  readonly time: 'u53'
  readonly line: 'u53'
  readonly price: 'u32'
  readonly size: 'u32'
  readonly hashLow: 'u32'
  readonly hashHigh: 'u32'
  readonly side: 'i8'
}

/**
 * The bytes of every event. What an event has no use for is 0.
 *
 * `time` is in nanoseconds after midnight, `price` in dollars x 10,000, `side` 1 or -1. `line`, `hashLow` and `hashHigh` tell where in its
 * source the event comes from (see {@link SourcePosition}); an event of no source has line 0.
 */
export const orderEvent: StructLayout<OrderEventSpec> = struct({
  id: 'u53',
  time: 'u53',
  line: 'u53',
  price: 'u32',
  size: 'u32',
  hashLow: 'u32',
  hashHigh: 'u32',
  side: 'i8',
})

/** An event of the exchange as a plain value. */
export type OrderEvent = Infer<typeof orderEvent>

/** The names of the events. */
export type ExchangeEvent = 'submit' | 'reduce' | 'cancel' | 'execute' | 'hidden' | 'halt'

/** What the queries are asked with. */
export type ExchangeArgs = {
  readonly summary: undefined
  /** `levels`: how many prices of each side, from 1 to {@link MOST_TOP_LEVELS}. */
  readonly top: { readonly levels: number }
  readonly source: undefined
}

/** What the queries answer. */
export type ExchangeAnswers = {
  readonly summary: BookSummary
  readonly top: BookTop
  readonly source: SourcePosition
}

// Written out, so that the declarations name nothing but this package and `disruptorx`.
/**
 * The exchange: one limit order book that does what it is told and answers each event with an {@link Outcome}.
 *
 * Queries: `summary` (counters, best prices, digest), `top` (`{ levels }`, 1 to 1,000: the best prices of each side), `source`.
 */
const exchange: App<
  ExchangeState,
  Record<ExchangeEvent, OrderEvent>,
  Record<ExchangeEvent, Outcome>,
  ExchangeArgs,
  ExchangeAnswers
> = defineApp({
  url: import.meta.url,
  name: 'exchange',
  version: 1,
  events: {
    submit: { type: MessageType.submit, layout: orderEvent },
    reduce: { type: MessageType.reduce, layout: orderEvent },
    cancel: { type: MessageType.cancel, layout: orderEvent },
    execute: { type: MessageType.execute, layout: orderEvent },
    hidden: { type: MessageType.hidden, layout: orderEvent },
    halt: { type: MessageType.halt, layout: orderEvent },
  },
  state: initialState,
  apply: {
    submit: (state: ExchangeState, event): Outcome => {
      follow(state.source, event)
      return state.book.submit(event.id, event.side, event.price, event.size)
    },
    reduce: (state: ExchangeState, event): Outcome => {
      follow(state.source, event)
      return state.book.reduce(event.id, event.size)
    },
    cancel: (state: ExchangeState, event): Outcome => {
      follow(state.source, event)
      return state.book.cancel(event.id)
    },
    execute: (state: ExchangeState, event): Outcome => {
      follow(state.source, event)
      return state.book.execute(event.id, event.size)
    },
    hidden: (state: ExchangeState, event): Outcome => {
      follow(state.source, event)
      return state.book.executeHidden()
    },
    halt: (state: ExchangeState, event): Outcome => {
      follow(state.source, event)
      return state.book.halt()
    },
  },
  query: {
    summary: (state: ExchangeState): BookSummary => summaryOf(state.book),
    top: (state: ExchangeState, args: { readonly levels: number }): BookTop =>
      topOf(state.book, wholeOption('levels', args?.levels, 1, MOST_TOP_LEVELS)),
    source: (state: ExchangeState): SourcePosition => ({ ...state.source }),
  },
  snapshot: { write: writeState, read: readState },
})

export default exchange

// Hot: once per event. Guarded by `book/appliedPerSecond`.
function follow(source: SourcePosition, event: Pick<OrderEvent, 'line' | 'hashLow' | 'hashHigh'>): void {
  if (event.line === 0) return
  source.line = event.line
  source.hashLow = event.hashLow
  source.hashHigh = event.hashHigh
}
