import { SeededRandom } from '@disruptorx/testkit'
import { isDisruptorError } from 'disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { Book, MOST_ORDERS } from '../src/book/book.ts'
import { readBook, writeBook } from '../src/book/snapshot.ts'
import { summaryOf } from '../src/book/summary.ts'
import { initialState, readState, writeState } from '../src/state.ts'
import { linesOf, MemoryReader, MemorySnapshot } from './helpers.ts'

/** Does one random operation to a book, decided by `random` alone. */
function operate(book: Book, random: SeededRandom): number {
  const id = random.below(3000) * 2_000_000_000_003
  const [draw, price, size, side] = [random.below(100), 1 + random.below(400), 1 + random.below(9), random.below(2) === 0 ? 1 : -1]
  if (draw < 50) return book.submit(id, side, price, size)
  if (draw < 65) return book.reduce(id, size)
  if (draw < 80) return book.execute(id, size)
  return draw < 83 ? book.executeHidden() : book.cancel(id)
}

function randomBook(seed: number, steps: number, options: { maxOrders?: number } = {}): Book {
  const random = new SeededRandom(seed)
  const book = new Book({ maxOrders: 2000, ...options })
  for (let step = 0; step < steps; step++) operate(book, random)
  return book
}

function bytesOf(book: Book): Uint8Array {
  const out = new MemorySnapshot()
  writeBook(book, out)
  return out.bytes()
}

function refusal(bytes: Uint8Array): string {
  try {
    readBook(new MemoryReader(bytes))
  } catch (error) {
    if (isDisruptorError(error, 'DX_EXCHANGE_SNAPSHOT')) return error.message
    throw error
  }
  return 'it was read'
}

/** The bytes with one 32-bit number replaced. */
function withWord(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice()
  new DataView(changed.buffer).setUint32(at, value, true)
  return changed
}

describe('a book read from its snapshot', () => {
  it.each([0, 1, 50, 3000, 20_000])('has the same orders, counters and digest after %i operations', steps => {
    const book = randomBook(31, steps)
    const restored = readBook(new MemoryReader(bytesOf(book)))
    expect(linesOf(restored)).toEqual(linesOf(book))
    expect(summaryOf(restored)).toEqual(summaryOf(book))
    expect(restored.maxOrders).toBe(book.maxOrders)
  })

  it('behaves the same ever after', () => {
    for (const seed of [32, 33, 34]) {
      const book = randomBook(seed, 4000, { maxOrders: 700 })
      const restored = readBook(new MemoryReader(bytesOf(book)))
      const [one, other] = [new SeededRandom(seed + 100), new SeededRandom(seed + 100)]
      for (let step = 0; step < 8000; step++) expect(operate(restored, other), `seed ${seed} step ${step}`).toBe(operate(book, one))
      expect(linesOf(restored)).toEqual(linesOf(book))
      expect(summaryOf(restored)).toEqual(summaryOf(book))
    }
  })

  it('gives the same bytes again, whatever way it came to its orders', () => {
    const bytes = bytesOf(randomBook(35, 5000))
    expect(bytesOf(readBook(new MemoryReader(bytes)))).toEqual(bytes)
  })

  it('keeps counters beyond 2^32', () => {
    const book = randomBook(36, 100)
    book.setCounters({ ...book.counters(), events: Number.MAX_SAFE_INTEGER, hidden: 2 ** 32 + 5 })
    expect(readBook(new MemoryReader(bytesOf(book))).counters()).toEqual(book.counters())
  })

  it('keeps a full book full', () => {
    const book = new Book({ maxOrders: 3 })
    for (const id of [1, 2, 3]) book.submit(id, 1, 10, 1)
    const restored = readBook(new MemoryReader(bytesOf(book)))
    expect(restored.submit(4, 1, 10, 1)).toBe(book.submit(4, 1, 10, 1))
    expect(restored.restingOrders).toBe(3)
  })
})

describe('a snapshot of a book', () => {
  it('is written in pieces of at most 64 KiB, and leaves alone what follows it', () => {
    const book = new Book()
    for (let id = 0; id < 20_000; id++) book.submit(id, id % 3 ? 1 : -1, 1 + (id % 777), 1 + (id % 50))
    const out = new MemorySnapshot()
    writeBook(book, out)
    expect(out.pieces.length).toBeGreaterThan(4)
    for (const piece of out.pieces) expect(piece.length).toBeLessThanOrEqual(65_536)
    const bytes = out.bytes()
    const reader = new MemoryReader(Buffer.concat([bytes, Buffer.from('what follows')]))
    expect(summaryOf(readBook(reader))).toEqual(summaryOf(book))
    expect(reader.at).toBe(bytes.length)
  })

  const bytes = bytesOf(randomBook(37, 2000))
  const bids = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true)

  it('is refused when it is of something else, or of another version', () => {
    expect(refusal(withWord(bytes, 0, 0x12345678))).toMatch(/snapshot of the book cannot be read.*0x12345678/)
    expect(refusal(withWord(bytes, 4, 2))).toMatch(/version 2/)
    expect(refusal(withWord(bytes, 4, 0))).toMatch(/version 0/)
  })

  it('is refused when its lengths are nonsense, before memory is taken for them', () => {
    expect(refusal(withWord(bytes, 8, 0))).toMatch(/allows 0 orders/)
    expect(refusal(withWord(bytes, 8, MOST_ORDERS + 1))).toMatch(/allows/)
    expect(refusal(withWord(bytes, 12, 0xffffffff))).toMatch(/announces/)
    expect(refusal(withWord(bytes, 16, 2001))).toMatch(/announces/)
    expect(refusal(withWord(bytes, 20, 1))).toMatch(/reserved/)
    // A length within bounds that the bytes do not keep: the source ends.
    const long = withWord(withWord(bytes, 8, MOST_ORDERS), 12, MOST_ORDERS - 10_000)
    const before = process.memoryUsage().arrayBuffers
    expect(() => readBook(new MemoryReader(long))).toThrow('no bytes left')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16_000_000)
  })

  it('is refused when a counter, an order or the digest is damaged', () => {
    expect(refusal(withWord(bytes, 28, 0x200000))).toMatch(/2\^53/)
    expect(refusal(withWord(bytes, 96 + 8, 0))).toMatch(/no book can hold/)
    expect(refusal(withWord(bytes, 96 + 12, 0))).toMatch(/no book can hold/)
    expect(refusal(withWord(bytes, 96 + 12, 999_999))).toMatch(/digest/)
    expect(refusal(withWord(bytes, bytes.length - 4, 1))).toMatch(/digest/)
    expect(refusal(withWord(bytes, 12, bids - 1))).not.toBe('it was read')
    const twice = bytes.slice()
    twice.copyWithin(96 + 16, 96, 96 + 8)
    expect(refusal(twice)).toMatch(/twice/)
  })

  it('is refused when it ends early, wherever', () => {
    for (let length = 0; length < bytes.length; length += length < 200 ? 1 : 997)
      expect(() => readBook(new MemoryReader(bytes.subarray(0, length))), String(length)).toThrow('no bytes left')
  })
})

describe('a snapshot of the exchange', () => {
  it('keeps the book and the place in its source', () => {
    const state = initialState()
    Object.assign(state.source, { line: 2 ** 40 + 7, hashLow: 0xfedcba98, hashHigh: 0x89abcdef })
    state.book.submit(1, 1, 2, 3)
    const out = new MemorySnapshot()
    writeState(state, out)
    const restored = readState(new MemoryReader(out.bytes()))
    expect(restored.source).toEqual(state.source)
    expect(summaryOf(restored.book)).toEqual(summaryOf(state.book))
  })

  it('is refused when it is of something else, or of another version', () => {
    const out = new MemorySnapshot()
    writeState(initialState(), out)
    expect(() => readState(new MemoryReader(withWord(out.bytes().slice(), 0, 5)))).toThrow(/snapshot of the exchange cannot be read/)
    expect(() => readState(new MemoryReader(withWord(out.bytes().slice(), 4, 2)))).toThrow(/version 2/)
  })
})
