import type { Book } from './book.ts'
import type { BookCounters } from './counters.ts'
import { digestOf } from './digest.ts'

/** Everything that is told of a book at the end of a run. */
export interface BookSummary extends BookCounters {
  /** Orders that rest. */
  readonly restingOrders: number
  /** Prices with bids. */
  readonly bidLevels: number
  /** Prices with asks. */
  readonly askLevels: number
  /** The highest bid, or 0 without bids. */
  readonly bestBid: number
  /** The lowest ask, or 0 without asks. */
  readonly bestAsk: number
  /** 16 hexadecimal digits over side, price, queue position, id and rest of every resting order. */
  readonly digest: string
}

/** One price of a side. */
export interface BookLevel {
  readonly price: number
  /** Shares left of all its orders. */
  readonly size: number
  /** How many orders rest there. */
  readonly orders: number
}

/** The best prices of both sides, the best first. */
export interface BookTop {
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
}

/** Sums a book up. Walks all of it for the digest. */
export function summaryOf(book: Book): BookSummary {
  return {
    ...book.counters(),
    restingOrders: book.restingOrders,
    bidLevels: book.levelCount(1),
    askLevels: book.levelCount(-1),
    bestBid: book.bestPrice(1),
    bestAsk: book.bestPrice(-1),
    digest: digestOf(book).hex(),
  }
}

/** The best `levels` prices of each side; fewer where there are not that many. */
export function topOf(book: Book, levels: number): BookTop {
  return { bids: bestLevels(book, 1, levels), asks: bestLevels(book, -1, levels) }
}

function bestLevels(book: Book, side: number, most: number): BookLevel[] {
  const found: BookLevel[] = []
  if (!(most >= 1)) return found
  for (const head of book.queues(side)) {
    let size = 0
    for (let slot = head; slot !== -1; slot = book.behind(slot)) size += book.restAt(slot)
    found.push({ price: book.priceAt(head), size, orders: book.queueLengthAt(head) })
    if (found.length >= most) break
  }
  return found
}
