import { isDisruptorError } from 'disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { summaryOf } from '../src/book/summary.ts'
import { FlowRandom } from '../src/generator/flow-random.ts'
import { restoreFlow, saveFlow } from '../src/generator/flow-snapshot.ts'
import { HIGHEST_MID, LOWEST_MID, OrderFlow } from '../src/generator/order-flow.ts'
import { Hash64 } from '../src/hash64.ts'
import { formatLine, LONGEST_LINE } from '../src/order-file/format-line.ts'
import { createMessage, MessageType } from '../src/order-file/message.ts'
import { parseLine } from '../src/order-file/parse-line.ts'
import { MemoryReader, MemorySnapshot } from './helpers.ts'
import { NaiveBook } from './naive-book.ts'

/** The next `count` messages of a flow as a hash of their lines. */
function hashOfNext(flow: OrderFlow, count: number): string {
  const hash = new Hash64()
  const line = new Uint8Array(LONGEST_LINE)
  const message = createMessage()
  for (let i = 0; i < count; i++) {
    flow.next(message)
    hash.bytes(line, 0, formatLine(message, line, 0))
  }
  return hash.hex()
}

function saved(flow: OrderFlow): Uint8Array {
  const out = new MemorySnapshot()
  saveFlow(flow, out)
  return out.bytes()
}

describe('a flow of orders', () => {
  it('is the same for ever for a seed', () => {
    expect(hashOfNext(new OrderFlow({ seed: 1 }), 50_000)).toBe('cf034fff77ca2340')
    expect(hashOfNext(new OrderFlow({ seed: 2 ** 53 - 1, restingOrders: 300 }), 50_000)).toBe('1bca831c8f1b9b84')
  })

  it('differs from seed to seed, in the lower and the upper half of it', () => {
    const seeds = [0, 1, 2, 3, 2 ** 32, 2 ** 32 + 1, 2 ** 52, 2 ** 53 - 1]
    expect(new Set(seeds.map(seed => hashOfNext(new OrderFlow({ seed }), 100))).size).toBe(seeds.length)
  })

  it('has the mix of a real hour, names only orders that rest, and never crosses', () => {
    const flow = new OrderFlow({ seed: 3 })
    const message = createMessage()
    for (let i = 0; i < 400_000; i++) {
      flow.next(message)
      const { bestBid, bestAsk } = { bestBid: flow.book.bestPrice(1), bestAsk: flow.book.bestPrice(-1) }
      if (bestBid !== 0 && bestAsk !== 0 && bestBid >= bestAsk) expect.fail(`crossed at message ${i}: ${bestBid} ${bestAsk}`)
    }
    const summary = summaryOf(flow.book)
    const share = (count: number) => count / summary.events
    expect(summary.events).toBe(400_000)
    expect(summary.rejected).toBe(0)
    expect(share(summary.submits)).toBeGreaterThan(0.45)
    expect(share(summary.submits)).toBeLessThan(0.52)
    expect(share(summary.cancels)).toBeGreaterThan(0.4)
    expect(share(summary.cancels)).toBeLessThan(0.48)
    expect(share(summary.executions)).toBeGreaterThan(0.03)
    expect(share(summary.executions)).toBeLessThan(0.07)
    expect(share(summary.hidden)).toBeGreaterThan(0.02)
    expect(share(summary.hidden)).toBeLessThan(0.03)
    expect(share(summary.reductions)).toBeGreaterThan(0.003)
    expect(share(summary.reductions)).toBeLessThan(0.008)
    expect(summary.executionsAtFront / summary.executions).toBeGreaterThan(0.95)
    expect(summary.executionsAtFront).toBeLessThan(summary.executionsAtBest)
    expect(summary.executionsAtBest).toBeLessThan(summary.executions)
  })

  it('stays bounded however long it runs: orders, prices, its table; and halts once in a million messages', () => {
    const flow = new OrderFlow({ seed: 4, restingOrders: 200 })
    const message = createMessage()
    let [lowest, highest, most, crowd] = [2 ** 32, 0, 0, 0]
    for (let i = 0; i < 2_000_000; i++) {
      flow.next(message)
      if (message.type !== MessageType.halt) {
        lowest = Math.min(lowest, message.price)
        highest = Math.max(highest, message.price)
      }
      most = Math.max(most, flow.book.restingOrders)
      crowd = Math.max(crowd, flow.state.live)
    }
    expect(most).toBeGreaterThan(200)
    expect(most).toBeLessThanOrEqual(400)
    expect(crowd).toBeLessThanOrEqual(flow.state.table.length)
    expect(lowest).toBeGreaterThanOrEqual(1_590_500)
    expect(highest).toBeLessThanOrEqual(10_409_600)
    expect(flow.book.counters().rejected).toBe(0)
    const { events, submits, reductions, cancels, executions, hidden } = flow.book.counters()
    const halts = events - submits - reductions - cancels - executions - hidden
    expect(halts).toBeGreaterThan(0)
    expect(halts).toBeLessThan(20)
  })

  it.each([
    ['lowest', LOWEST_MID],
    ['highest', HIGHEST_MID],
  ])('drifts no further than the %s price around which orders may gather', (_name, bound) => {
    const flow = new OrderFlow({ seed: 15, restingOrders: 200 })
    flow.state.mid = bound
    const message = createMessage()
    const seen = new Set<number>()
    for (let i = 0; i < 200_000; i++) {
      flow.next(message)
      seen.add(flow.state.mid)
      if (message.type !== MessageType.halt) expect(message.price > 0 && message.price < 11_000_000).toBe(true)
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(LOWEST_MID)
    expect(Math.max(...seen)).toBeLessThanOrEqual(HIGHEST_MID)
    expect(seen.size).toBeGreaterThan(5)
    expect(flow.book.counters().rejected).toBe(0)
  })

  it('keeps the wanted number of orders, a few thousand by default', () => {
    const flow = new OrderFlow({ seed: 5 })
    hashOfNext(flow, 300_000)
    const { restingOrders, bidLevels, askLevels } = summaryOf(flow.book)
    expect(restingOrders).toBeGreaterThan(3500)
    expect(restingOrders).toBeLessThan(6500)
    expect(bidLevels).toBeGreaterThan(50)
    expect(askLevels).toBeGreaterThan(50)
  })

  it('has time stamps that advance, and opens again when the session has closed', () => {
    const flow = new OrderFlow({ seed: 6 })
    const message = createMessage()
    let last = 0
    for (let i = 0; i < 100_000; i++) {
      flow.next(message)
      expect(message.time > last).toBe(true)
      last = message.time
    }
    expect((last - 34_200e9) / 100_000).toBeGreaterThan(10_000)
    expect((last - 34_200e9) / 100_000).toBeLessThan(40_000)
    flow.state.time = 57_600e9 - 1
    flow.next(message)
    expect(message.time).toBeGreaterThan(34_200e9)
    expect(message.time).toBeLessThan(34_201e9)
  })

  it('is a flow of messages that a file can hold and a naive book accepts', () => {
    const flow = new OrderFlow({ seed: 7, restingOrders: 100 })
    const naive = new NaiveBook()
    const [message, read] = [createMessage(), createMessage()]
    const line = new Uint8Array(LONGEST_LINE)
    for (let i = 0; i < 20_000; i++) {
      flow.next(message)
      const end = formatLine(message, line, 0)
      expect(parseLine(line, 0, end - 1, read)).toBe(true)
      expect(read).toEqual(message)
      const { type, id, side, price, size } = read
      const order = naive.orders.get(id)
      if (type === 2 || type === 3 || type === 4) expect(order).toMatchObject({ side, price })
      if (type === 3) expect(order?.rest).toBe(size)
      if (type === 1) expect(naive.submit(id, side, price, size)).toBe('accepted')
      else if (type === 2) expect(naive.reduce(id, size)).toBe('accepted')
      else if (type === 3) expect(naive.cancel(id)).toBe('accepted')
      else if (type === 4) expect(naive.execute(id, size)).toBe('accepted')
      else if (type === 5) naive.executeHidden()
      else naive.halt()
    }
    expect(summaryOf(flow.book)).toMatchObject(naive.summary())
  })

  it('names an option that is out of its range', () => {
    const wrong = [{ seed: -1 }, { seed: 2 ** 53 }, { seed: 0.5 }, { seed: 1, restingOrders: 99 }, { seed: 1, restingOrders: 100_001 }]
    for (const options of wrong) {
      let caught: unknown
      try {
        new OrderFlow(options)
      } catch (error) {
        caught = error
      }
      expect(isDisruptorError(caught, 'DX_OPTION'), JSON.stringify(options)).toBe(true)
    }
    expect(new OrderFlow({ seed: 0, restingOrders: 100 }).restingOrders).toBe(100)
    expect(new OrderFlow({ seed: 2 ** 53 - 1, restingOrders: 100_000 }).restingOrders).toBe(100_000)
  })
})

describe('a flow read from its snapshot', () => {
  it.each([0, 1, 2, 17, 999, 5000, 33_333])('goes on exactly as if it had not been stopped after %i messages', before => {
    for (const seed of [8, 9]) {
      const whole = new OrderFlow({ seed, restingOrders: 400 })
      hashOfNext(whole, before)
      const stopped = new OrderFlow({ seed, restingOrders: 400 })
      hashOfNext(stopped, before)
      const resumed = restoreFlow(new MemoryReader(saved(stopped)))
      expect(resumed.count).toBe(before)
      expect(hashOfNext(resumed, 30_000), `seed ${seed}`).toBe(hashOfNext(whole, 30_000))
      expect(summaryOf(resumed.book)).toEqual(summaryOf(whole.book))
      expect(saved(resumed)).toEqual(saved(whole))
    }
  })

  it('can be stopped again and again', () => {
    const whole = new OrderFlow({ seed: 10 })
    let flow = new OrderFlow({ seed: 10 })
    for (let stop = 0; stop < 40; stop++) {
      expect(hashOfNext(flow, 601), `stop ${stop}`).toBe(hashOfNext(whole, 601))
      flow = restoreFlow(new MemoryReader(saved(flow)))
    }
  })

  it('goes on the same from a checkpoint and a fast forward', () => {
    const whole = new OrderFlow({ seed: 11 })
    hashOfNext(whole, 4000)
    const checkpoint = saved(whole)
    hashOfNext(whole, 3000)
    const resumed = restoreFlow(new MemoryReader(checkpoint))
    const message = createMessage()
    while (resumed.count < whole.count) resumed.next(message)
    expect(hashOfNext(resumed, 1000)).toBe(hashOfNext(whole, 1000))
  })

  it('is written in pieces of at most 64 KiB, and leaves alone what follows it', () => {
    const flow = new OrderFlow({ seed: 12, restingOrders: 20_000 })
    hashOfNext(flow, 100_000)
    const out = new MemorySnapshot()
    saveFlow(flow, out)
    expect(out.pieces.length).toBeGreaterThan(4)
    for (const piece of out.pieces) expect(piece.length).toBeLessThanOrEqual(65_536)
    const reader = new MemoryReader(Buffer.concat([out.bytes(), Buffer.from('x')]))
    expect(restoreFlow(reader).count).toBe(100_000)
    expect(reader.at).toBe(out.bytes().length)
  })

  it('is refused when it is of something else, of another version, or damaged', () => {
    const flow = new OrderFlow({ seed: 13, restingOrders: 100 })
    hashOfNext(flow, 5000)
    const bytes = saved(flow)
    const damages: [at: number, value: number, message: RegExp][] = [
      [0, 5, /snapshot of the order flow cannot be read/],
      [4, 2, /version 2/],
      [24, 99, /restingOrders is 99/],
      [24, 100_001, /restingOrders is 100001/],
      [28, 1, /mid is 1,/],
      [32, 401, /number of ids is 401/],
      [36, 1, /reserved/],
      [52, 0, /time/],
      [56, 1, /its ids/],
      [64, 1, /its ids/],
    ]
    for (const [at, value, message] of damages) {
      const damaged = bytes.slice()
      new DataView(damaged.buffer).setUint32(at, value, true)
      expect(() => restoreFlow(new MemoryReader(damaged)), `${at}`).toThrow(message)
    }
    const silent = bytes.slice().fill(0, 8, 24)
    expect(() => restoreFlow(new MemoryReader(silent))).toThrow(/random state/)
    for (let length = 0; length < bytes.length; length += 61)
      expect(() => restoreFlow(new MemoryReader(bytes.subarray(0, length)))).toThrow('no bytes left')
  })
})

describe('the random numbers of a flow', () => {
  it('are those of xoshiro128** 1.1', () => {
    const random = new FlowRandom(0)
    random.state.set([1, 2, 3, 4])
    // What the authors' C gives from this state.
    expect(Array.from({ length: 10 }, () => random.bits() >>> 0)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ])
  })

  it('are spread evenly below a bound, both ends included', () => {
    const random = new FlowRandom(14)
    const counts = new Float64Array(10)
    for (let i = 0; i < 100_000; i++) {
      const value = random.below(10)
      counts[value] = (counts[value] ?? 0) + 1
    }
    expect(counts.reduce((a, b) => a + b)).toBe(100_000)
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
    expect(random.below(1)).toBe(0)
  })
})
