import { SeededRandom, seeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { Book } from '../src/book/book.ts'
import { digestOrder } from '../src/book/digest.ts'
import { outcomeName } from '../src/book/outcome.ts'
import { summaryOf } from '../src/book/summary.ts'
import { Hash64 } from '../src/hash64.ts'
import { linesOf } from './helpers.ts'
import { NaiveBook } from './naive-book.ts'

/** The digest that a book with these orders must have. */
function digestOfLines(lines: readonly string[]): string {
  const hash = new Hash64()
  for (const line of lines) {
    const [side = 0, price = 0, position = 0, id = 0, rest = 0] = line.split(' ').map(Number)
    digestOrder(hash, side, price, position, id, rest)
  }
  return hash.hex()
}

interface Walk {
  readonly seed: number
  readonly steps: number
  readonly maxOrders: number
  /** Prices are from 1 to this. */
  readonly prices: number
  /** Ids are from 0 to this: the fewer, the more duplicates and unknown ones. */
  readonly ids: number
}

function compare({ seed, steps, maxOrders, prices, ids }: Walk): void {
  const random = new SeededRandom(seed)
  const book = new Book({ maxOrders, initialOrders: Math.min(8, maxOrders) })
  const naive = new NaiveBook(maxOrders)
  for (let step = 0; step < steps; step++) {
    const id = random.below(ids) * 8_796_093_022_207
    const size = 1 + random.below(12)
    const side = random.below(2) === 0 ? 1 : -1
    const price = 1 + random.below(prices)
    const draw = random.below(((step >> 10) & 1) === 0 ? 100 : 140)
    const [real, truth] =
      draw < 55
        ? [book.submit(id, side, price, size), naive.submit(id, side, price, size)]
        : draw < 70
          ? [book.reduce(id, size), naive.reduce(id, size)]
          : draw < 80
            ? [book.execute(id, size), naive.execute(id, size)]
            : draw < 82
              ? [book.executeHidden(), naive.executeHidden()]
              : draw < 83
                ? [book.halt(), naive.halt()]
                : [book.cancel(id), naive.cancel(id)]
    expect(outcomeName(real), `seed ${seed} step ${step}`).toBe(truth)
    if (step % 250 !== 0 && step !== steps - 1) continue
    const lines = naive.lines()
    expect(linesOf(book), `seed ${seed} step ${step}`).toEqual(lines)
    expect(summaryOf(book), `seed ${seed} step ${step}`).toEqual({ ...naive.summary(), digest: digestOfLines(lines) })
  }
}

describe('a book agrees with a naive one, in outcomes, counters, queues and digest', () => {
  for (const seed of seeds(4, 101)) {
    it(`over few prices and long queues (seed ${seed})`, () => compare({ seed, steps: 6000, maxOrders: 10_000, prices: 6, ids: 900 }))
    it(`over many prices and short queues (seed ${seed})`, () =>
      compare({ seed, steps: 6000, maxOrders: 10_000, prices: 4_000_000_000, ids: 1000 }))
    it(`when it is full most of the time (seed ${seed})`, () => compare({ seed, steps: 6000, maxOrders: 100, prices: 40, ids: 200 }))
    it(`when it has room for one order (seed ${seed})`, () => compare({ seed, steps: 1500, maxOrders: 1, prices: 3, ids: 4 }))
  }
})
