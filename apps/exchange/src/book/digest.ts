import { Hash64 } from '../hash64.ts'
import type { Book } from './book.ts'

/** Called for a resting order: its side (1 or -1), price, place in the queue at its price (from 0), id, and shares left. */
export type OrderVisitor = (side: number, price: number, position: number, id: number, rest: number) => void

/** Visits every resting order in the canonical order: bids before asks, the best price first, each queue from its front. */
export function visitOrders(book: Book, visit: OrderVisitor): void {
  for (const side of [1, -1])
    for (const head of book.queues(side)) {
      const price = book.priceAt(head)
      let position = 0
      for (let slot = head; slot !== -1; slot = book.behind(slot)) visit(side, price, position++, book.idAt(slot), book.restAt(slot))
    }
}

/** Takes one resting order into a digest of a book. */
export function digestOrder(hash: Hash64, side: number, price: number, position: number, id: number, rest: number): void {
  hash
    .u32(side > 0 ? 1 : 2)
    .u32(price)
    .u32(position)
    .u53(id)
    .u32(rest)
}

/**
 * A hash of side, price, queue position, id and rest of every resting order, in canonical order. Two books with the same orders in the same
 * queues have the same one, on every machine and whatever happened before.
 */
export function digestOf(book: Book): Hash64 {
  const hash = new Hash64()
  visitOrders(book, (side, price, position, id, rest) => digestOrder(hash, side, price, position, id, rest))
  return hash
}
