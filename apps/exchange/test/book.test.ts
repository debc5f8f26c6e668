import { isDisruptorError } from 'disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { Book, MOST_ORDERS } from '../src/book/book.ts'
import { Outcome, outcomeName } from '../src/book/outcome.ts'
import { summaryOf, topOf } from '../src/book/summary.ts'
import { linesOf } from './helpers.ts'

const MOST_U32 = 4_294_967_295
const BUY = 1
const SELL = -1

/** Bids 7 and 8 at 100 and 9 at 99, asks 17 and 18 at 101. */
function smallBook(): Book {
  const book = new Book()
  book.submit(7, BUY, 100, 10)
  book.submit(8, BUY, 100, 20)
  book.submit(9, BUY, 99, 30)
  book.submit(17, SELL, 101, 10)
  book.submit(18, SELL, 101, 20)
  return book
}

describe('an empty book', () => {
  it('sums up to zeros', () => {
    const { digest, ...numbers } = summaryOf(new Book())
    expect(digest).toMatch(/^[0-9a-f]{16}$/)
    expect(new Set(Object.values(numbers))).toEqual(new Set([0]))
    expect(topOf(new Book(), 5)).toEqual({ bids: [], asks: [] })
  })
})

describe('a submitted order', () => {
  it('rests behind those that came before it at its price', () => {
    expect(linesOf(smallBook())).toEqual(['1 100 0 7 10', '1 100 1 8 20', '1 99 0 9 30', '-1 101 0 17 10', '-1 101 1 18 20'])
  })

  it('may cross the other side: a replay never matches', () => {
    const book = smallBook()
    expect(book.submit(20, BUY, 105, 5)).toBe(Outcome.accepted)
    expect(book.bestPrice(BUY)).toBe(105)
    expect(book.bestPrice(SELL)).toBe(101)
    expect(book.restingOrders).toBe(6)
  })

  it('is refused and counted when its id rests already, on either side', () => {
    const book = smallBook()
    expect(book.submit(7, SELL, 300, 1)).toBe(Outcome.duplicateOrder)
    expect(linesOf(book)).toEqual(linesOf(smallBook()))
    expect(book.counters()).toMatchObject({ events: 6, submits: 5, rejected: 1 })
  })

  it('may use an id again that has gone', () => {
    const book = smallBook()
    book.cancel(7)
    expect(book.submit(7, BUY, 100, 1)).toBe(Outcome.accepted)
    expect(linesOf(book).slice(0, 2)).toEqual(['1 100 0 8 20', '1 100 1 7 1'])
  })

  type Submit = readonly [id: number, side: number, price: number, size: number]
  it.each<readonly [name: string, good: Submit, bad: Submit]>([
    ['id', [0, BUY, 1, 1], [-1, BUY, 1, 1]],
    ['id', [Number.MAX_SAFE_INTEGER, BUY, 1, 1], [2 ** 53, BUY, 1, 1]],
    ['id', [3, BUY, 1, 1], [3.5, BUY, 1, 1]],
    ['side', [1, SELL, 1, 1], [1, 0, 1, 1]],
    ['side', [1, BUY, 1, 1], [1, 2, 1, 1]],
    ['price', [1, BUY, 1, 1], [1, BUY, 0, 1]],
    ['price', [1, SELL, MOST_U32, 1], [1, SELL, MOST_U32 + 1, 1]],
    ['size', [1, BUY, 1, 1], [1, BUY, 1, 0]],
    ['size', [1, BUY, 1, MOST_U32], [1, BUY, 1, MOST_U32 + 1]],
    ['size', [1, BUY, 1, 2], [1, BUY, 1, Number.NaN]],
  ])('has a bound to its %s: %j is taken, %j refused', (_name, good, bad) => {
    const book = new Book()
    expect(book.submit(...bad)).toBe(Outcome.invalid)
    expect(book.restingOrders).toBe(0)
    expect(book.counters()).toMatchObject({ events: 1, rejected: 1 })
    expect(book.submit(...good)).toBe(Outcome.accepted)
    expect(linesOf(book)).toEqual([`${good[1]} ${good[2]} 0 ${good[0]} ${good[3]}`])
  })
})

describe('a book with a bound', () => {
  it('takes maxOrders orders, refuses the next, and takes another when one has gone', () => {
    const book = new Book({ maxOrders: 1500 })
    for (let id = 1; id <= 1500; id++) expect(book.submit(id, BUY, id, 1)).toBe(Outcome.accepted)
    expect(book.submit(1501, BUY, 7, 1)).toBe(Outcome.bookFull)
    expect(book.submit(3, BUY, 7, 1)).toBe(Outcome.duplicateOrder)
    expect(book.counters()).toMatchObject({ events: 1502, submits: 1500, rejected: 2 })
    expect(book.slotOf(1501)).toBe(-1)
    book.cancel(700)
    expect(book.submit(1501, BUY, 7, 1)).toBe(Outcome.accepted)
    expect(book.submit(1502, BUY, 7, 1)).toBe(Outcome.bookFull)
    expect(book.restingOrders).toBe(1500)
  })

  it('names an option that is out of its range', () => {
    for (const options of [
      { maxOrders: 0 },
      { maxOrders: MOST_ORDERS + 1 },
      { maxOrders: 1.5 },
      { initialOrders: 0 },
      { maxOrders: 5, initialOrders: 6 },
    ]) {
      let caught: unknown
      try {
        new Book(options)
      } catch (error) {
        caught = error
      }
      expect(isDisruptorError(caught, 'DX_OPTION'), JSON.stringify(options)).toBe(true)
    }
    expect(new Book({ maxOrders: 1 }).maxOrders).toBe(1)
    expect(new Book({ maxOrders: MOST_ORDERS }).maxOrders).toBe(MOST_ORDERS)
    expect(new Book({ maxOrders: 5, initialOrders: 5 }).maxOrders).toBe(5)
    expect(new Book().maxOrders).toBe(4_194_304)
  })
})

describe('a reduction', () => {
  it('of less than the rest keeps the order and its place', () => {
    const book = smallBook()
    expect(book.reduce(7, 9)).toBe(Outcome.accepted)
    expect(linesOf(book)[0]).toBe('1 100 0 7 1')
    expect(book.counters()).toMatchObject({ reductions: 1, cancels: 0 })
  })

  it.each([10, 11, MOST_U32])('of at least the rest (10) by %i takes the order out', size => {
    const book = smallBook()
    expect(book.reduce(7, size)).toBe(Outcome.accepted)
    expect(linesOf(book)[0]).toBe('1 100 0 8 20')
    expect(book.reduce(7, 1)).toBe(Outcome.unknownOrder)
    expect(book.counters()).toMatchObject({ reductions: 1, rejected: 1 })
  })

  it('of nothing, or of an order that does not rest, is refused and counted', () => {
    const book = smallBook()
    expect(book.reduce(7, 0)).toBe(Outcome.invalid)
    expect(book.reduce(70, 1)).toBe(Outcome.unknownOrder)
    expect(book.counters()).toMatchObject({ events: 7, reductions: 0, rejected: 2 })
    expect(linesOf(book)).toEqual(linesOf(smallBook()))
  })
})

describe('a cancel', () => {
  it.each([
    [7, ['1 100 0 8 20', '1 99 0 9 30']],
    [8, ['1 100 0 7 10', '1 99 0 9 30']],
    [9, ['1 100 0 7 10', '1 100 1 8 20']],
  ])('of order %i leaves the others in their queues', (id, bids) => {
    const book = smallBook()
    expect(book.cancel(id)).toBe(Outcome.accepted)
    expect(linesOf(book).slice(0, 2)).toEqual(bids)
    expect(book.restingOrders).toBe(4)
  })

  it('of the last order of a price takes the price away', () => {
    const book = smallBook()
    book.cancel(7)
    expect(book.bestPrice(BUY)).toBe(100)
    book.cancel(8)
    expect(book.bestPrice(BUY)).toBe(99)
    expect(book.levelCount(BUY)).toBe(1)
    book.cancel(9)
    expect(book.bestPrice(BUY)).toBe(0)
    expect(summaryOf(book)).toMatchObject({ bidLevels: 0, askLevels: 1, bestBid: 0, bestAsk: 101, cancels: 3 })
  })

  it('of an order that does not rest is refused and counted', () => {
    const book = smallBook()
    for (const id of [70, -1, 1.5, Number.NaN, 7 + 2 ** 32]) expect(book.cancel(id)).toBe(Outcome.unknownOrder)
    expect(book.counters()).toMatchObject({ events: 10, cancels: 0, rejected: 5 })
  })
})

describe('an execution', () => {
  it('of part of an order keeps its place; of at least the rest takes it out', () => {
    const book = smallBook()
    expect(book.execute(8, 5)).toBe(Outcome.accepted)
    expect(linesOf(book)[1]).toBe('1 100 1 8 15')
    expect(book.execute(8, 15)).toBe(Outcome.accepted)
    expect(book.slotOf(8)).toBe(-1)
    expect(book.execute(7, 1000)).toBe(Outcome.accepted)
    expect(book.bestPrice(BUY)).toBe(99)
  })

  it('counts whether it was at the best price of its side, and whether first in the queue there', () => {
    const book = smallBook()
    const after = (id: number) => {
      book.execute(id, 1)
      const { executions, executionsAtBest, executionsAtFront } = book.counters()
      return [executions, executionsAtBest, executionsAtFront]
    }
    expect(after(9)).toEqual([1, 0, 0])
    expect(after(8)).toEqual([2, 1, 0])
    expect(after(7)).toEqual([3, 2, 1])
    expect(after(18)).toEqual([4, 3, 1])
    expect(after(17)).toEqual([5, 4, 2])
    expect(after(99)).toEqual([5, 4, 2])
  })

  it('of an order behind the best price is not at the front even if it is first in its own queue', () => {
    const book = smallBook()
    book.execute(9, 30)
    expect(book.counters()).toMatchObject({ executions: 1, executionsAtBest: 0, executionsAtFront: 0 })
  })

  it('of nothing, or of an order that does not rest, is refused and counted', () => {
    const book = smallBook()
    expect(book.execute(7, 0)).toBe(Outcome.invalid)
    expect(book.execute(70, 1)).toBe(Outcome.unknownOrder)
    expect(book.counters()).toMatchObject({ events: 7, executions: 0, rejected: 2 })
  })

  it('of a hidden order is counted and changes no order', () => {
    const book = smallBook()
    expect(book.executeHidden()).toBe(Outcome.accepted)
    expect(book.counters()).toMatchObject({ events: 6, executions: 0, hidden: 1, rejected: 0 })
    expect(linesOf(book)).toEqual(linesOf(smallBook()))
  })
})

describe('a halt', () => {
  it('counts as an event and as nothing else', () => {
    const book = smallBook()
    const before = summaryOf(book)
    expect(book.halt()).toBe(Outcome.accepted)
    expect(summaryOf(book)).toEqual({ ...before, events: before.events + 1 })
  })
})

describe('the top of a book', () => {
  it('has the best prices first, with shares and orders of each', () => {
    const book = smallBook()
    expect(topOf(book, 5)).toEqual({
      bids: [
        { price: 100, size: 30, orders: 2 },
        { price: 99, size: 30, orders: 1 },
      ],
      asks: [{ price: 101, size: 30, orders: 2 }],
    })
    expect(topOf(book, 1).bids).toEqual([{ price: 100, size: 30, orders: 2 }])
    expect(topOf(book, 0)).toEqual({ bids: [], asks: [] })
  })
})

describe('the outcomes', () => {
  it('have names', () => {
    expect(Object.values(Outcome).map(outcomeName)).toEqual(['accepted', 'unknown-order', 'duplicate-order', 'book-full', 'invalid'])
    expect(Object.values(Outcome)).toEqual([0, 1, 2, 3, 4])
  })
})
