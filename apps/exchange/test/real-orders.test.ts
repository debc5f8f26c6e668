import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Book } from '../src/book/book.ts'
import { digestOf } from '../src/book/digest.ts'
import { readBook, writeBook } from '../src/book/snapshot.ts'
import { summaryOf } from '../src/book/summary.ts'
import { formatLine, LONGEST_LINE } from '../src/order-file/format-line.ts'
import { applyMessage, createMessage, MessageType } from '../src/order-file/message.ts'
import { parseLine } from '../src/order-file/parse-line.ts'
import { linesOf, MemoryReader, MemorySnapshot } from './helpers.ts'
import { NaiveBook } from './naive-book.ts'

const FILE = fileURLToPath(new URL('../../../../shared/data/orders-aapl-2012-06-21.csv', import.meta.url))
const LINE_FEED = 10
const present = existsSync(FILE)
if (!present) console.warn(`skipped: the real hour of orders is not at ${FILE}`)

/** Calls back with the start and end of each line of a file, line feeds aside. */
function forEachLine(bytes: Uint8Array, visit: (start: number, end: number, line: number) => void): void {
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const end = feed === -1 ? bytes.length : feed
    visit(start, end, line)
    start = end + 1
  }
}

/** The message that a line of columns says to the naive book. */
function applyText(book: NaiveBook, text: string): string {
  const [, type = 0, id = 0, size = 0, price = 0, side = 0] = text.split(',').map(Number)
  if (type === MessageType.submit) return book.submit(id, side, price, size)
  if (type === MessageType.reduce) return book.reduce(id, size)
  if (type === MessageType.cancel) return book.cancel(id)
  if (type === MessageType.execute) return book.execute(id, size)
  return type === MessageType.hidden ? book.executeHidden() : book.halt()
}

describe.skipIf(!present)('a real hour of orders', () => {
  const bytes = present ? readFileSync(FILE) : new Uint8Array()

  it('is read line by line, and written again byte by byte but for one time with too many places', () => {
    const message = createMessage()
    const line = new Uint8Array(LONGEST_LINE)
    let [lines, messages, same, last] = [0, 0, 0, 0]
    forEachLine(bytes, (start, end) => {
      lines++
      if (!parseLine(bytes, start, end, message)) return
      messages++
      if (message.time < last) expect.fail(`time goes back at line ${lines}`)
      last = message.time
      const length = formatLine(message, line, 0) - 1
      if (Buffer.compare(line.subarray(0, length), bytes.subarray(start, end)) === 0) same++
    })
    expect(lines).toBe(91_997)
    expect(messages).toBe(lines)
    expect(same).toBe(lines - 1)
  })

  it('gives the summary and the queues that a naive book gives, at every thousandth message and at the end', () => {
    const book = new Book()
    const naive = new NaiveBook()
    const message = createMessage()
    const text = Buffer.from(bytes).toString('latin1').split('\n')
    forEachLine(bytes, (start, end, line) => {
      parseLine(bytes, start, end, message)
      const refused = applyMessage(book, message) !== 0
      if (refused === (applyText(naive, text[line - 1] ?? '') === 'accepted')) expect.fail(`outcomes differ at line ${line}`)
      if (line % 1000 === 0) expect(linesOf(book), `line ${line}`).toEqual(naive.lines())
    })
    const { digest, ...summary } = summaryOf(book)
    expect(summary).toEqual(naive.summary())
    expect(linesOf(book)).toEqual(naive.lines())
    expect(digest).toBe(digestOf(book).hex())
    expect(summary).toMatchObject({ events: 91_997, submits: 44_256, reductions: 469, rejected: 84, hidden: 2_201, restingOrders: 380 })
    expect(summary.submits + summary.reductions + summary.cancels + summary.executions + summary.hidden + summary.rejected).toBe(
      summary.events,
    )
    // Price-time priority holds on the real exchange: nearly every fill is of the first order at the best price.
    expect(summary.executionsAtFront).toBeLessThanOrEqual(summary.executionsAtBest)
    expect(summary.executionsAtFront / summary.executions).toBeGreaterThan(0.9)
    expect(summary.bestBid).toBeLessThan(summary.bestAsk)
  })

  it('ends the same when the book goes through a snapshot on the way', () => {
    const whole = new Book()
    let book = new Book()
    const message = createMessage()
    forEachLine(bytes, (start, end, line) => {
      parseLine(bytes, start, end, message)
      applyMessage(whole, message)
      applyMessage(book, message)
      if (line % 7001 !== 0) return
      const out = new MemorySnapshot()
      writeBook(book, out)
      book = readBook(new MemoryReader(out.bytes()))
    })
    expect(summaryOf(book)).toEqual(summaryOf(whole))
  })
})
