import { describe, expect, it } from 'vitest'
import { Book } from '../src/book/book.ts'
import { summaryOf } from '../src/book/summary.ts'
import { linesOf } from './helpers.ts'

type Order = readonly [id: number, side: number, price: number, size: number]

const ORDERS: readonly Order[] = [
  [7, 1, 100, 10],
  [8, 1, 100, 20],
  [9, 1, 99, 30],
  [17, -1, 101, 10],
  [2 ** 40, -1, 101, 20],
]

function digest(orders: readonly Order[]): string {
  const book = new Book()
  for (const order of orders) book.submit(...order)
  return summaryOf(book).digest
}

/** The orders with the first one replaced. */
function withFirst(...order: Order): readonly Order[] {
  return [order, ...ORDERS.slice(1)]
}

describe('the digest of a book', () => {
  const before = digest(ORDERS)

  it('is the same for ever: 16 hexadecimal digits', () => {
    expect(before).toBe('638ffabb189a5273')
  })

  it('changes with the side of an order', () => {
    expect(digest(withFirst(7, -1, 100, 10))).not.toBe(before)
    expect(digest([[1, 1, 5, 5]])).not.toBe(digest([[1, -1, 5, 5]]))
  })

  it('changes with the price of an order', () => {
    expect(digest([[1, 1, 5, 5]])).not.toBe(digest([[1, 1, 6, 5]]))
    expect(digest(withFirst(7, 1, 101, 10))).not.toBe(before)
  })

  it('changes with the place of an order in its queue', () => {
    const [first, second, ...others] = ORDERS
    if (first === undefined || second === undefined) throw new Error('two orders are needed')
    expect(digest([second, first, ...others])).not.toBe(before)
  })

  it('changes with the id of an order, in its lower and its upper half', () => {
    expect(digest(withFirst(6, 1, 100, 10))).not.toBe(before)
    expect(digest(withFirst(7 + 2 ** 32, 1, 100, 10))).not.toBe(before)
  })

  it('changes with the rest of an order', () => {
    expect(digest(withFirst(7, 1, 100, 11))).not.toBe(before)
    const book = new Book()
    for (const order of ORDERS) book.submit(...order)
    book.reduce(9, 1)
    expect(summaryOf(book).digest).not.toBe(before)
  })

  it('changes when an order comes or goes', () => {
    expect(digest(ORDERS.slice(1))).not.toBe(before)
    expect(digest([...ORDERS, [1, 1, 1, 1]])).not.toBe(before)
  })

  it('does not depend on how the book came to be', () => {
    const book = new Book({ initialOrders: 1 })
    for (let id = 1000; id < 3000; id++) book.submit(id, id % 2 ? 1 : -1, 1 + (id % 300), 5)
    for (const [id, side, price, size] of [...ORDERS].reverse()) book.submit(id + 5_000_000, side, price, size)
    for (const [id, side, price, size] of ORDERS) book.submit(id, side, price, size + 3)
    for (const [id] of ORDERS) book.execute(id + 5_000_000, 1000)
    for (let id = 2999; id >= 1000; id--) book.cancel(id)
    for (const [id] of ORDERS) book.reduce(id, 3)
    expect(linesOf(book)).toHaveLength(ORDERS.length)
    expect(summaryOf(book).digest).toBe(before)
  })
})
