import { StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { codeOf, codeOfAsync, damageOf, ticket, ticketOf } from './support.ts'

describe.each(['single', 'multi'] as const)('a publisher of a ring for a %s producer', producers => {
  function setUp(capacity = 16, burst = 4) {
    const ring = StructRing.create({ layout: ticket, capacity, producers })
    const consumer = ring.addConsumer()
    return { ring, consumer, publisher: ring.publisher({ burst }) }
  }

  it('holds events back until the burst is full', () => {
    const { consumer, publisher } = setUp()
    for (let number = 0; number < 3; number++) expect(publisher.publish(ticketOf(number, 1))).toBe(true)
    expect([publisher.pending, consumer.available()]).toEqual([3, -1])
    publisher.publish(ticketOf(3, 1))
    expect([publisher.pending, consumer.available()]).toEqual([0, 3])
  })

  it('makes a full burst of claimed events visible at the next claim', () => {
    const { consumer, publisher } = setUp()
    for (let number = 0; number < 4; number++) publisher.claim()?.set(ticketOf(number, 1))
    expect([publisher.pending, consumer.available()]).toEqual([4, -1])
    publisher.claim()
    expect([publisher.pending, consumer.available()]).toEqual([1, 3])
  })

  it('makes everything visible on flush, however little it is', () => {
    const { ring, consumer, publisher } = setUp()
    for (let number = 0; number < 10; number++) {
      publisher.claim()?.set(ticketOf(number, 1))
      expect(publisher.flush()).toBe(true)
      expect(publisher.flush()).toBe(true)
      expect(consumer.available()).toBe(number)
      expect(ring.get(number).copy()).toEqual(ticketOf(number, 1))
      consumer.advance(number)
    }
  })

  it('makes everything visible at the end of the turn, every time', async () => {
    const { consumer, publisher } = setUp()
    for (let turn = 0; turn < 3; turn++) {
      publisher.claim()?.set(ticketOf(turn, 1))
      expect(consumer.available()).toBe(turn - 1)
      await Promise.resolve()
      expect(consumer.available()).toBe(turn)
    }
  })

  it('gives nothing out when the ring is full, loses nothing, and goes on when there is room', () => {
    const { ring, consumer, publisher } = setUp(8, 2)
    let written = 0
    let read = 0
    for (let round = 0; round < 20; round++) {
      for (;;) {
        const view = publisher.claim()
        if (view === undefined) break
        view.set(ticketOf(written++, 1))
      }
      expect(written - read).toBeGreaterThanOrEqual(8)
      expect(publisher.publish(ticketOf(0, 1))).toBe(false)
      const last = consumer.available()
      for (; read <= last; read++) expect(damageOf(ring.get(read), read)).toBe(undefined)
      consumer.advance(last)
      publisher.flush()
    }
    expect(read).toBeGreaterThan(150)
  })

  it('takes nothing when a value is refused', () => {
    const { ring, consumer, publisher } = setUp()
    expect(codeOf(() => publisher.publish({ ...ticketOf(1, 1), producer: -1 }))).toBe('DX_FIELD')
    expect(publisher.pending).toBe(0)
    publisher.publish(ticketOf(2, 1))
    publisher.flush()
    expect(consumer.available()).toBe(0)
    expect(ring.get(0).number).toBe(2)
  })

  it('makes what was gathered visible after maxDelayUs, at the next call', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 64, producers })
    const consumer = ring.addConsumer()
    let nowNs = 0
    const publisher = ring.publisher({ burst: 16, maxDelayUs: 10, clock: { nowMs: () => 0, monotonicNs: () => nowNs } })
    publisher.claim()
    nowNs = 9_999
    publisher.claim()
    expect(consumer.available()).toBe(-1)
    nowNs = 10_000
    publisher.claim()
    expect(consumer.available()).toBe(1)
    nowNs = 19_999
    publisher.claim()
    expect(consumer.available()).toBe(1)
  })

  it('takes no more events once the ring is closed or halted', async () => {
    const { ring, publisher } = setUp()
    publisher.claim()
    ring.close()
    expect(codeOf(() => publisher.flush())).toBe('DX_CLOSED')
    expect(await codeOfAsync(publisher.ready())).toBe('DX_CLOSED')
    ring.halt()
    expect(codeOf(() => publisher.flush())).toBe('DX_RING_HALTED')
    publisher.close()
  })

  it('resolves ready() when there is room, and rejects it in time or by its signal', async () => {
    const { consumer, publisher } = setUp(8, 2)
    await publisher.ready()
    while (publisher.publish(ticketOf(1, 1)));
    expect(await codeOfAsync(publisher.ready({ timeoutMs: 2 }))).toBe('DX_TIMEOUT')
    expect(await codeOfAsync(publisher.ready({ signal: AbortSignal.abort() }))).toBe('DX_ABORTED')
    const controller = new AbortController()
    const aborted = codeOfAsync(publisher.ready({ signal: controller.signal }))
    controller.abort()
    expect(await aborted).toBe('DX_ABORTED')
    const ready = publisher.ready()
    consumer.advance(consumer.available())
    await ready
    expect(publisher.publish(ticketOf(2, 1))).toBe(true)
  })

  it('makes the rest visible when it is closed, and gives its side back', () => {
    const { ring, consumer, publisher } = setUp()
    publisher.publish(ticketOf(1, 1))
    publisher.close()
    publisher.close()
    expect(consumer.available()).toBe(0)
    expect(codeOf(() => publisher.claim())).toBe('DX_CLOSED')
    const next = ring.publisher()
    next.publish(ticketOf(2, 1))
    next.flush()
    expect(consumer.available()).toBe(1)
    expect(ring.get(1).number).toBe(2)
  })

  it('writes bytes beyond the layout where its view lies', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers, slotBytes: 64 })
    const consumer = ring.addConsumer()
    const publisher = ring.publisher({ burst: 1 })
    for (let number = 0; number < 5; number++) {
      publisher.claim()?.set(ticketOf(number, 1))
      new Uint8Array(publisher.memory, publisher.view.offset + ticket.size, 32).fill(number + 1)
      publisher.flush()
      expect(consumer.available()).toBe(number)
      const bytes = new Uint8Array(ring.memory, ring.offsetOf(number) + ticket.size, 32)
      expect(Array.from(bytes)).toEqual(new Array(32).fill(number + 1))
    }
  })

  it.each([{ burst: 0 }, { burst: 5 }, { burst: 1.5 }, { maxDelayUs: 0 }, { maxDelayUs: Number.NaN }])(
    'refuses the options %o',
    options => {
      const ring = StructRing.create({ layout: ticket, capacity: 16, producers })
      expect(codeOf(() => ring.publisher(options))).toBe('DX_OPTION')
      expect(codeOf(() => ring.publisher({ burst: 4 }))).toBe('nothing thrown')
    },
  )
})

describe('a publisher with others beside it', () => {
  it('flushes by itself, once there is room, what it held at the end of a turn', async () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi' })
    const consumer = ring.addConsumer()
    const [first, second] = [ring.publisher({ burst: 1 }), ring.publisher({ burst: 1 })]
    for (let number = 0; number < 4; number++) first.publish(ticketOf(number, 1))
    second.claim()?.set(ticketOf(4, 2))
    await new Promise(resolve => setTimeout(resolve, 5))
    expect([second.pending, consumer.available()]).toEqual([1, 3])
    consumer.advance(3)
    while (second.pending > 0) await new Promise(resolve => setTimeout(resolve, 1))
    expect(consumer.available()).toBe(4)
  })
})
