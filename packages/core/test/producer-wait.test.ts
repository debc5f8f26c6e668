import type { WaitStrategy } from '@disruptorx/contracts'
import { currentThread, ParkingLot, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { drain, send } from './ring-fixture.ts'
import { codeOf, codeOfAsync, ticket, ticketOf } from './support.ts'
import { runWorker } from './workers/run.ts'

const forever = Number.POSITIVE_INFINITY

/** A full ring of two slots, whose consumer this thread may move while another way of waiting is pretended. */
function setUp(producers: 'single' | 'multi') {
  const parkingLot = ParkingLot.create({ fallbackMs: forever })
  const ring = StructRing.create({ layout: ticket, capacity: 2, producers, parkingLot })
  const consumer = ring.addConsumer()
  // As if it were for another thread: waiting for it on this one is no deadlock then.
  expect(consumer.handle.index).toBe(0)
  const producer = ring.producer()
  for (const number of [0, 1]) send(ring, producer, number)
  return { ring, consumer, producer }
}

/** A strategy that lets `act` happen instead of waiting, and looks once more. */
function acting(act: (timeoutMs: number) => void): WaitStrategy {
  return {
    waitFor(_sequence, source, timeoutMs) {
      act(timeoutMs)
      return source.available()
    },
  }
}

describe.each(['single', 'multi'] as const)('a %s producer that waits for room', producers => {
  it('goes on when there is some, and counts the wait', () => {
    const { ring, consumer, producer } = setUp(producers)
    expect(ring.stats().waits).toBe(0)
    expect(producer.next(2, { strategy: acting(() => drain(ring, consumer)) })).toBe(3)
    expect(ring.stats().waits).toBe(1)
  })

  it('waits again while what there is does not suffice', () => {
    const { consumer, producer } = setUp(producers)
    const looks: number[] = []
    const strategy: WaitStrategy = {
      waitFor(sequence, source) {
        while (source.available() < sequence) {
          looks.push(source.available())
          consumer.available()
          consumer.advance(consumer.next)
        }
        return source.available()
      },
    }
    expect(producer.next(2, { strategy })).toBe(3)
    expect(looks).toEqual([0, 1])
  })

  it('ends in time, with nothing claimed', () => {
    const { ring, consumer, producer } = setUp(producers)
    for (const timeoutMs of [0, 0.5, 3]) expect(codeOf(() => producer.next(1, { timeoutMs }))).toBe('DX_TIMEOUT')
    expect(() => producer.publishEvents(2, () => {}, { timeoutMs: 1 })).toThrow(/room for 2 events.* 1 ms/)
    expect(drain(ring, consumer)).toEqual([0, 1])
    expect(producer.tryNext(2)).toBe(3)
  })

  it.each([-1, Number.NaN, Number.NEGATIVE_INFINITY])('refuses to wait for %d milliseconds', async timeoutMs => {
    const { producer } = setUp(producers)
    expect(codeOf(() => producer.next(1, { timeoutMs }))).toBe('DX_OPTION')
    expect(await codeOfAsync(producer.nextAsync(1, { timeoutMs }))).toBe('DX_OPTION')
    expect(producer.remainingCapacity()).toBe(0)
  })

  it('ends when the ring is closed or halted meanwhile', async () => {
    for (const [stop, code] of [
      ['close', 'DX_CLOSED'],
      ['halt', 'DX_RING_HALTED'],
    ] as const) {
      const { ring, producer } = setUp(producers)
      expect(codeOf(() => producer.next(1, { strategy: acting(() => ring[stop]()) }))).toBe(code)
      ring.reopen()
      const waiting = codeOfAsync(producer.nextAsync())
      await new Promise(resolve => setImmediate(resolve))
      ring[stop]()
      expect(await waiting).toBe(code)
    }
  })

  it('would wait for ever for a consumer of its own thread, and says so', () => {
    const { ring, consumer, producer } = setUp(producers)
    ring.attachConsumer(consumer.handle)
    expect(codeOf(() => producer.next())).toBe('DX_WOULD_DEADLOCK')
    expect(codeOf(() => producer.publishEvent(() => {}))).toBe('DX_WOULD_DEADLOCK')
  })

  it('waits for another consumer though one of its own thread is ahead', () => {
    const { ring, consumer, producer } = setUp(producers)
    const ahead = ring.addConsumer()
    expect([ahead.next, ahead.available()]).toEqual([2, 1])
    expect(producer.next(1, { strategy: acting(() => drain(ring, consumer)) })).toBe(2)
  })

  it('is told on an event loop', async () => {
    const { ring, consumer, producer } = setUp(producers)
    const order: string[] = []
    const claim = producer.nextAsync(2).then(highest => order.push(`claimed ${highest}`))
    await new Promise(resolve => setImmediate(resolve))
    order.push('released')
    drain(ring, consumer)
    await claim
    expect(order).toEqual(['released', 'claimed 3'])
    expect([ring.stats().waits, ring.parkingLot.stats()]).toEqual([1, expect.objectContaining({ threads: 0, fallbackWakes: 0 })])
  })

  it('on an event loop claims in the order of the calls', async () => {
    const { ring, consumer, producer } = setUp(producers)
    const claims = [producer.nextAsync(), producer.nextAsync()]
    drain(ring, consumer)
    expect((await Promise.all(claims)).sort()).toEqual([2, 3])
    expect(producer.tryNext()).toBe(-1)
  })

  it('on an event loop ends in time, by its signal before and during the wait, and refuses a wrong count', async () => {
    const { ring, consumer, producer } = setUp(producers)
    for (const timeoutMs of [0, 2]) expect(await codeOfAsync(producer.nextAsync(1, { timeoutMs }))).toBe('DX_TIMEOUT')
    const reason = new Error('enough')
    const aborted = producer.nextAsync(1, { signal: AbortSignal.abort(reason) })
    await expect(aborted).rejects.toMatchObject({ code: 'DX_ABORTED', cause: reason })
    const controller = new AbortController()
    const waiting = codeOfAsync(producer.nextAsync(1, { signal: controller.signal }))
    await new Promise(resolve => setImmediate(resolve))
    controller.abort()
    expect(await waiting).toBe('DX_ABORTED')
    for (const count of [0, 3, Number.NaN]) expect(await codeOfAsync(producer.nextAsync(count))).toBe('DX_OPTION')
    drain(ring, consumer)
    // Also where it would not have to wait.
    expect(await codeOfAsync(producer.nextAsync(1, { signal: controller.signal }))).toBe('DX_ABORTED')
    expect(await producer.nextAsync(2, { signal: new AbortController().signal, timeoutMs: 0 })).toBe(3)
    expect(ring.parkingLot.stats().threads).toBe(0)
  })

  it('sleeps, and is woken by a thread that releases', async () => {
    const { ring, consumer, producer } = setUp(producers)
    const reading = runWorker('./ring-consumer.ts', { handle: ring.handle, consumer: consumer.handle, events: 50 })
    for (let number = 2; number < 50; number++) producer.publishEvent(event => event.set(ticketOf(number, 1)))
    expect(await reading).toEqual({ due: [undefined, 50], fallbackWakes: 0 })
    expect(ring.stats()).toMatchObject({ fallbackWakes: 0, cursor: 49 })
  })
})

describe('a wait of one of several producers', () => {
  it('ends in time though others take the room again and again', () => {
    const { ring, consumer, producer } = setUp('multi')
    const other = ring.producer()
    const left: number[] = []
    const start = performance.now()
    const strategy: WaitStrategy = {
      waitFor(_, source, timeoutMs) {
        // At least what is left now, and at most what was at the start, however long others had the core in between.
        expect(timeoutMs).toBeGreaterThanOrEqual(20 + start - performance.now())
        expect(timeoutMs).toBeLessThanOrEqual(20)
        left.push(timeoutMs)
        if (left.length > 100) throw new Error('goes on for ever')
        for (const end = performance.now() + 3; performance.now() < end; );
        consumer.available()
        consumer.advance(consumer.next)
        const room = timeoutMs > 0 ? source.available() : 0
        send(ring, other, left.length)
        return room
      },
    }
    expect(codeOf(() => producer.next(1, { timeoutMs: 20, strategy }))).toBe('DX_TIMEOUT')
    expect(left.at(-1)).toBe(0)
    expect([...left].sort((a, b) => b - a)).toEqual(left)
  })
})

describe('the writing side of a ring for one producer', () => {
  it('is refused to another thread, by the name of the one that has it', async () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const producer = ring.producer()
    const take = () => runWorker<{ code: string; message: string }>('./producer-taker.ts', { handle: ring.handle })
    const refused = await take()
    expect(refused.code).toBe('DX_ROLE_TAKEN')
    expect(refused.message).toContain(`on thread ${currentThread()}, and`)
    expect(() => ring.producer()).toThrow(`on thread ${currentThread()}, this one`)
    producer.close()
    expect(await take()).toEqual({ code: 'nothing thrown', message: '' })
  })
})
