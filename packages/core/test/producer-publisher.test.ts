import type { WaitStrategy } from '@disruptorx/contracts'
import { type Publisher, type PublisherOptions, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { atEveryStep, drain } from './ring-fixture.ts'
import { codeOf, codeOfAsync, type Ticket, ticket, ticketOf } from './support.ts'

const kinds = ['single', 'multi'] as const
const nextTurn = () => new Promise(resolve => setImmediate(resolve))

function setUp(producers: 'single' | 'multi', options: PublisherOptions = {}, capacity = 8) {
  const ring = StructRing.create({ layout: ticket, capacity, producers })
  const consumer = ring.addConsumer()
  return { ring, consumer, publisher: ring.publisher({ burst: 2, ...options }) }
}

/** Publishes from `number` on until the ring takes no more. The number of the first that it did not take. */
function fill(publisher: Publisher<Ticket>, number = 0): number {
  while (publisher.publish(ticketOf(number, 1))) number++
  return number
}

/** A strategy that lets `act` happen instead of waiting, and looks once more. */
function acting(act: () => void): WaitStrategy {
  return {
    waitFor(_, source) {
      act()
      return source.available()
    },
  }
}

describe.each(kinds)('a publisher for a %s producer that drops when the ring is full', producers => {
  it('loses exactly what it counts, and nothing else', () => {
    const { ring, consumer, publisher } = setUp(producers, { whenFull: 'drop' })
    const kept: number[] = []
    const read: number[] = []
    for (let number = 0; number < 300; number++) {
      if (publisher.publish(ticketOf(number, 1))) kept.push(number)
      if (number % 37 === 36) read.push(...drain(ring, consumer))
    }
    publisher.flush()
    read.push(...drain(ring, consumer))
    // What was gathered when the ring was full comes when there is room.
    publisher.flush()
    read.push(...drain(ring, consumer))
    expect(read).toEqual(kept)
    expect(kept.length).toBeGreaterThan(8)
    expect(kept.length).toBeLessThan(300)
    expect([publisher.dropped, ring.stats().dropped]).toEqual([300 - kept.length, 300 - kept.length])
  })

  it('gives out a place that nobody reads, for each one that it drops', () => {
    const { ring, consumer, publisher } = setUp(producers, { whenFull: 'drop' })
    const taken = fill(publisher)
    const before = publisher.dropped
    for (let lost = 1; lost <= 3; lost++) {
      publisher.claim()?.set(ticketOf(99, 9))
      expect(publisher.dropped).toBe(before + lost)
    }
    publisher.flush()
    const read = drain(ring, consumer)
    publisher.flush()
    read.push(...drain(ring, consumer))
    expect(read).toEqual(Array.from({ length: taken }, (_, number) => number))
    expect([publisher.claim() !== undefined, publisher.dropped]).toEqual([true, before + 3])
  })

  it('counts for the ring what all of its publishers dropped, and none that refuses', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi' })
    ring.addConsumer()
    const publishers = ['drop', 'refuse', 'drop'].map(whenFull => ring.publisher({ whenFull: whenFull as 'drop', burst: 1 }))
    for (const publisher of publishers) for (let number = 0; number < 10; number++) publisher.publish(ticketOf(number, 1))
    expect(publishers.map(({ dropped }) => dropped)).toEqual([5, 0, 9])
    expect(ring.stats().dropped).toBe(14)
  })
})

describe.each(kinds)('a publisher for a %s producer that waits when the ring is full', producers => {
  it('shows what it has gathered first, and goes on when there is room', () => {
    const read: number[] = []
    const strategy = acting(() => read.push(...drain(ring, consumer)))
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers })
    const consumer = ring.addConsumer()
    consumer.handle
    const publisher = ring.publisher({ burst: 2, whenFull: 'wait', strategy })
    for (let number = 0; number < 50; number++) expect(publisher.publish(ticketOf(number, 1))).toBe(true)
    while (!publisher.flush()) read.push(...drain(ring, consumer))
    read.push(...drain(ring, consumer))
    expect(read).toEqual(Array.from({ length: 50 }, (_, number) => number))
    expect(publisher.dropped).toBe(0)
    expect(ring.stats().waits).toBeGreaterThan(0)
  })

  it('gives up in time, with the event not taken, and the rest kept', () => {
    const { ring, consumer, publisher } = setUp(producers, { whenFull: 'wait', timeoutMs: 2 })
    consumer.handle
    let number = 0
    expect(
      codeOf(() => {
        for (; ; number++) publisher.publish(ticketOf(number, 1))
      }),
    ).toBe('DX_TIMEOUT')
    expect(codeOf(() => publisher.claim())).toBe('DX_TIMEOUT')
    const read = drain(ring, consumer)
    publisher.flush()
    read.push(...drain(ring, consumer))
    expect(read).toEqual(Array.from({ length: number }, (_, index) => index))
  })

  it('is told when a consumer of its own thread would have to make room, or the ring is halted meanwhile', () => {
    const { ring, consumer, publisher } = setUp(producers, { whenFull: 'wait', strategy: acting(() => ring.halt()) })
    expect(codeOf(() => fill(publisher))).toBe('DX_WOULD_DEADLOCK')
    consumer.handle
    expect(codeOf(() => fill(publisher))).toBe('DX_RING_HALTED')
  })
})

describe.each(kinds)('a publisher for a %s producer', producers => {
  it.each([
    { whenFull: 'perhaps' as 'drop' },
    { timeoutMs: -1 },
    { timeoutMs: Number.NaN },
    { maxDelayUs: 1e9 + 1 },
    { burst: Number.NaN },
  ])('refuses the options %o', options => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers })
    expect(codeOf(() => ring.publisher(options))).toBe('DX_OPTION')
    expect(codeOf(() => ring.publisher({ whenFull: 'wait', timeoutMs: 0, maxDelayUs: 1e9 }))).toBe('nothing thrown')
  })

  it('brings every event across the end of the ring and of 2^32, whatever the burst', () => {
    for (const burst of [1, 2, 3, 4]) {
      const ring = StructRing.create({ layout: ticket, capacity: 16, producers, initialSequence: 2 ** 32 - 21 })
      const consumer = ring.addConsumer()
      const publisher = ring.publisher({ burst })
      const read: number[] = []
      for (let number = 0; number < 100; ) {
        if (number % 7 === 6) publisher.flush()
        if (publisher.publish(ticketOf(number, 1))) number++
        else read.push(...drain(ring, consumer))
      }
      while (!publisher.flush()) read.push(...drain(ring, consumer))
      read.push(...drain(ring, consumer))
      publisher.close()
      expect(read).toEqual(Array.from({ length: 100 }, (_, number) => number))
      expect(ring.cursor.get()).toBe(2 ** 32 + 78)
    }
  })

  it('takes nothing of an event that is refused, anywhere in a burst', () => {
    for (const bad of [0, 1, 2, 3]) {
      const { ring, consumer, publisher } = setUp(producers, { burst: 4 }, 16)
      for (let number = 0; number < 4; number++) {
        if (number === bad) expect(codeOf(() => publisher.publish({ ...ticketOf(99, 1), square: -1 }))).toBe('DX_FIELD')
        publisher.publish(ticketOf(number, 1))
      }
      expect(publisher.pending).toBe(0)
      expect(drain(ring, consumer)).toEqual([0, 1, 2, 3])
    }
  })

  it('after a refused event still shows the next at the end of the turn', async () => {
    const { ring, consumer, publisher } = setUp(producers, { burst: 2 })
    expect(codeOf(() => publisher.publish({ ...ticketOf(99, 1), square: -1 }))).toBe('DX_FIELD')
    await nextTurn()
    publisher.publish(ticketOf(1, 1))
    await nextTurn()
    expect(drain(ring, consumer)).toEqual([1])
  })

  it.each([undefined, 1000])('takes nothing from a ring that was closed, with a limit of delay of %s', maxDelayUs => {
    const { ring, publisher } = setUp(producers, maxDelayUs === undefined ? {} : { maxDelayUs })
    ring.close()
    expect(codeOf(() => publisher.claim())).toBe('DX_CLOSED')
    expect(codeOf(() => publisher.publish(ticketOf(1, 1)))).toBe('DX_CLOSED')
    ring.halt()
    expect(codeOf(() => publisher.claim())).toBe('DX_RING_HALTED')
    expect([publisher.pending, ring.cursor.get()]).toEqual([0, -1])
  })

  it('keeps what it had gathered when the ring was closed, and shows it at the end of a turn once that is reopened', async () => {
    const { ring, consumer, publisher } = setUp(producers, { burst: 4 }, 16)
    publisher.publish(ticketOf(0, 1))
    ring.close()
    await nextTurn()
    expect([publisher.pending, consumer.available()]).toEqual([1, -1])
    ring.reopen()
    publisher.publish(ticketOf(1, 1))
    await nextTurn()
    expect(drain(ring, consumer)).toEqual([0, 1])
    publisher.publish(ticketOf(2, 1))
    await nextTurn()
    expect(drain(ring, consumer)).toEqual([2])
  })

  it('gives nothing out once it is closed, also where the ring was closed first', () => {
    for (const close of [true, false]) {
      const { ring, consumer, publisher } = setUp(producers, { burst: 2 })
      publisher.publish(ticketOf(0, 1))
      if (close) ring.close()
      publisher.close()
      if (close) ring.reopen()
      for (let call = 0; call < 3; call++) {
        expect(codeOf(() => publisher.claim())).toBe('DX_CLOSED')
        expect(codeOf(() => publisher.publish(ticketOf(9, 9)))).toBe('DX_CLOSED')
      }
      const next = ring.publisher()
      next.publish(ticketOf(1, 1))
      next.flush()
      expect(drain(ring, consumer)).toEqual(close ? [1] : [0, 1])
    }
  })

  it('ends its turn without an error, wherever in it the ring is closed or halted', async () => {
    for (const stop of ['close', 'halt'] as const) {
      const turns: (() => void)[] = []
      const original = globalThis.queueMicrotask
      globalThis.queueMicrotask = task => void turns.push(task)
      try {
        atEveryStep(step => {
          const { ring, publisher } = setUp(producers)
          publisher.publish(ticketOf(0, 1))
          step(
            () => turns.pop()?.(),
            () => ring[stop](),
          )
          publisher.close()
          ring.reopen()
          expect(codeOf(() => ring.producer())).toBe('nothing thrown')
        })
      } finally {
        globalThis.queueMicrotask = original
      }
    }
  })
})

describe.each(kinds)('waiting until a publisher for a %s producer is ready', producers => {
  it('shows what was gathered first, so that somebody can make room', async () => {
    const { ring, consumer, publisher } = setUp(producers, { burst: 2 }, 16)
    publisher.publish(ticketOf(0, 1))
    const ready = publisher.ready()
    expect(drain(ring, consumer)).toEqual([0])
    await ready
    fill(publisher, 1)
    const full = publisher.ready()
    await nextTurn()
    expect(drain(ring, consumer).slice(0, 2)).toEqual([1, 2])
    await full
    expect(publisher.publish(ticketOf(1, 1))).toBe(true)
  })

  it.each([-1, Number.NaN])('refuses a limit of %d milliseconds', async timeoutMs => {
    const { publisher } = setUp(producers)
    expect(await codeOfAsync(publisher.ready({ timeoutMs }))).toBe('DX_OPTION')
  })

  it('ends in time, by its signal, and when the ring is closed or halted', async () => {
    const { ring, publisher } = setUp(producers)
    fill(publisher)
    for (const timeoutMs of [0, 2]) expect(await codeOfAsync(publisher.ready({ timeoutMs }))).toBe('DX_TIMEOUT')
    const reason = new Error('enough')
    await expect(publisher.ready({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({ code: 'DX_ABORTED', cause: reason })
    const controller = new AbortController()
    const waiting = [codeOfAsync(publisher.ready({ signal: controller.signal })), codeOfAsync(publisher.ready())]
    await nextTurn()
    controller.abort()
    expect(await waiting[0]).toBe('DX_ABORTED')
    ring.close()
    expect(await waiting[1]).toBe('DX_CLOSED')
    ring.halt()
    expect(await codeOfAsync(publisher.ready())).toBe('DX_RING_HALTED')
    expect(ring.parkingLot.stats().threads).toBe(0)
  })
})
