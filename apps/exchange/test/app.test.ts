import { describe, expect, it } from 'vitest'
import app, { MOST_TOP_LEVELS, type OrderEvent, orderEvent } from '../src/app.ts'
import { summaryOf } from '../src/book/summary.ts'
import { OrderFlow } from '../src/generator/order-flow.ts'
import { Hash64 } from '../src/hash64.ts'
import { createMessage, MessageType } from '../src/order-file/message.ts'
import { MemoryReader, MemorySnapshot } from './helpers.ts'

const NAMES = ['submit', 'reduce', 'cancel', 'execute', 'hidden', 'halt'] as const
type Name = (typeof NAMES)[number]

const BLANK: OrderEvent = { id: 0, time: 0, line: 0, price: 0, size: 0, hashLow: 0, hashHigh: 0, side: 0 }
const CONTEXT = { now: 0, random: { u32: () => 0 }, index: 1, ordinal: 0 }

/** Applies an event as a handler thread does: through a view over bytes. */
function apply(state: ReturnType<typeof app.state>, name: Name, event: Partial<OrderEvent>): unknown {
  const view = orderEvent.view(new ArrayBuffer(orderEvent.size))
  view.set({ ...BLANK, ...event })
  return app.apply[name](state, view, CONTEXT)
}

describe('the exchange as an application', () => {
  it('gives each event the number that the order file uses', () => {
    expect(Object.fromEntries(NAMES.map(name => [name, app.events[name].type]))).toEqual(MessageType)
    expect(app.name).toBe('exchange')
  })

  it('holds every value that an event can have', () => {
    const most = {
      id: 2 ** 53 - 1,
      time: 2 ** 53 - 1,
      line: 2 ** 53 - 1,
      price: 2 ** 32 - 1,
      size: 2 ** 32 - 1,
      hashLow: 2 ** 32 - 1,
      hashHigh: 2 ** 32 - 1,
      side: -1,
    }
    const view = orderEvent.view(new ArrayBuffer(orderEvent.size))
    expect(view.set(most).copy()).toEqual(most)
    expect(orderEvent.size).toBe(48)
  })

  it('answers each event with its outcome', () => {
    const state = app.state()
    const bid = { id: 7, side: 1, price: 100, size: 10 }
    expect(apply(state, 'submit', bid)).toBe(0)
    expect(apply(state, 'submit', bid)).toBe(2)
    expect(apply(state, 'reduce', { id: 7, size: 4 })).toBe(0)
    expect(apply(state, 'execute', { id: 7, size: 5 })).toBe(0)
    expect(apply(state, 'execute', { id: 8, size: 5 })).toBe(1)
    expect(apply(state, 'hidden', { size: 5, price: 100 })).toBe(0)
    expect(apply(state, 'halt', {})).toBe(0)
    expect(apply(state, 'cancel', { id: 7 })).toBe(0)
    expect(apply(state, 'cancel', { id: 7 })).toBe(1)
    expect(apply(state, 'submit', {})).toBe(4)
    expect(app.query?.summary(state, undefined)).toMatchObject({
      events: 10,
      rejected: 4,
      submits: 1,
      reductions: 1,
      executions: 1,
      hidden: 1,
      cancels: 1,
      restingOrders: 0,
    })
  })

  it('keeps where in its source the last event came from, and leaves it alone for events of no source', () => {
    const state = app.state()
    expect(app.query?.source(state, undefined)).toEqual({ line: 0, hashLow: 0, hashHigh: 0 })
    for (const [at, name] of NAMES.entries()) {
      const place = { line: 2 ** 32 + at, hashLow: 2 ** 32 - 1 - at, hashHigh: 2 ** 31 + at }
      apply(state, name, { ...place, id: 1, side: 1, price: 1, size: 1 })
      expect(app.query?.source(state, undefined), name).toEqual(place)
    }
    const before = app.query?.source(state, undefined)
    apply(state, 'halt', { line: 0, hashLow: 5, hashHigh: 6 })
    expect(app.query?.source(state, undefined)).toEqual(before)
  })

  it('answers with the top of the book, of 1 to 1,000 levels', () => {
    const state = app.state()
    for (let id = 0; id < 1500; id++) apply(state, 'submit', { id, side: 1, price: 10 + id, size: 3 })
    expect(app.query?.top(state, { levels: 2 })).toEqual({
      bids: [
        { price: 1509, size: 3, orders: 1 },
        { price: 1508, size: 3, orders: 1 },
      ],
      asks: [],
    })
    expect(app.query?.top(state, { levels: MOST_TOP_LEVELS }).bids).toHaveLength(1000)
    for (const levels of [0, MOST_TOP_LEVELS + 1, 1.5]) expect(() => app.query?.top(state, { levels })).toThrow(/option levels/)
  })

  it('goes on from its snapshot as if nothing had been', () => {
    const flow = new OrderFlow({ seed: 16, restingOrders: 300 })
    const message = createMessage()
    const byType = new Map<number, Name>(NAMES.map(name => [app.events[name].type, name]))
    const hash = new Hash64()
    let resumed = app.state()
    const whole = app.state()
    for (let line = 1; line <= 20_000; line++) {
      flow.next(message)
      const { type, ...values } = message
      hash.u53(line)
      const event = { ...values, line, hashLow: hash.low, hashHigh: hash.high }
      const name = byType.get(type) ?? 'halt'
      expect(apply(resumed, name, event)).toBe(apply(whole, name, event))
      if (line % 3001 !== 0) continue
      const out = new MemorySnapshot()
      app.snapshot.write(resumed, out)
      resumed = app.snapshot.read(new MemoryReader(out.bytes()))
    }
    expect(app.query?.summary(resumed, undefined)).toEqual(summaryOf(flow.book))
    expect(app.query?.summary(whole, undefined)).toEqual(summaryOf(flow.book))
    expect(resumed.source).toEqual({ line: 20_000, hashLow: hash.low, hashHigh: hash.high })
  })
})
