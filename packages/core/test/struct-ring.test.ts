import { StructRing, struct } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { codeOf, damageOf, ticket, ticketOf } from './support.ts'

const kinds = ['single', 'multi'] as const

describe.each(kinds)('a ring for a %s producer', producers => {
  it('shows events only once they are published', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    expect(producer.tryNext(2)).toBe(1)
    ring.get(0).set(ticketOf(7, 1))
    ring.get(1).set(ticketOf(8, 1))
    expect([consumer.next, consumer.available()]).toEqual([0, -1])
    producer.publish(0, 1)
    expect(consumer.available()).toBe(1)
    expect(ring.get(0).copy()).toEqual(ticketOf(7, 1))
    consumer.advance(1)
    expect([consumer.next, consumer.available(), consumer.released()]).toEqual([2, 1, 1])
  })

  it('never overwrites what its slowest consumer has not released', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers })
    const [fast, slow] = [ring.addConsumer(), ring.addConsumer()]
    const producer = ring.producer()
    expect(producer.tryNext(4)).toBe(3)
    expect(producer.tryNext(1)).toBe(-1)
    producer.publish(0, 3)
    fast.advance(fast.available())
    expect(producer.tryNext(1)).toBe(-1)
    expect(ring.remainingCapacity()).toBe(0)
    expect(slow.available()).toBe(3)
    slow.advance(1)
    expect(ring.remainingCapacity()).toBe(2)
    expect(producer.tryNext(3)).toBe(-1)
    expect(producer.tryNext(2)).toBe(5)
    expect(producer.tryNext(1)).toBe(-1)
  })

  it('waits no longer for a consumer that was closed', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 2, producers })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    producer.publish(0, producer.tryNext(2))
    expect(producer.tryNext(1)).toBe(-1)
    consumer.close()
    consumer.close()
    expect(producer.tryNext(1)).toBe(2)
  })

  it('never makes a producer wait while there is no consumer', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers })
    const producer = ring.producer()
    for (let sequence = 0; sequence < 40; sequence++) {
      expect(producer.tryNext(1)).toBe(sequence)
      producer.publish(sequence, sequence)
    }
    expect(ring.remainingCapacity()).toBe(4)
  })

  it('lets a consumer that joins late begin after the cursor', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers })
    const producer = ring.producer()
    producer.publish(0, producer.tryNext(3))
    const consumer = ring.addConsumer()
    expect([consumer.next, consumer.available()]).toEqual([3, 2])
    expect(producer.tryNext(4)).toBe(6)
    expect(producer.tryNext(1)).toBe(-1)
    producer.publish(3, 6)
    expect(consumer.available()).toBe(6)
  })

  it('shows a consumer nothing that those before it have not released', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers })
    const [first, second] = [ring.addConsumer(), ring.addConsumer()]
    const last = ring.addConsumer({ after: [first, second] })
    const producer = ring.producer()
    producer.publish(0, producer.tryNext(4))
    expect(last.available()).toBe(-1)
    first.advance(first.available())
    expect(last.available()).toBe(-1)
    second.available()
    second.advance(1)
    expect(last.available()).toBe(1)
    expect(codeOf(() => first.close())).toBe('DX_CONSUMER_IN_USE')
    last.close()
    expect(codeOf(() => first.close())).toBe('nothing thrown')
  })

  it('keeps a late consumer that comes after a slow one at its start', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers })
    const slow = ring.addConsumer()
    const producer = ring.producer()
    producer.publish(0, producer.tryNext(4))
    const late = ring.addConsumer({ after: [slow] })
    expect([late.next, late.available()]).toEqual([4, 3])
    slow.advance(slow.available())
    expect(late.available()).toBe(3)
  })

  it.each([2 ** 31 - 7, 2 ** 32 - 7, 2 ** 33 - 7, 2 ** 52])('runs past sequence %i with every event whole', initialSequence => {
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers, initialSequence })
    expect(ring.cursor.get()).toBe(initialSequence - 1)
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    let read = initialSequence
    for (let round = 0; round < 50; round++) {
      const count = 1 + (round % 4)
      const highest = producer.tryNext(count)
      expect(highest).toBe(read + count - 1)
      expect(producer.tryNext(5 - count)).toBe(-1)
      for (let sequence = read; sequence <= highest; sequence++) ring.get(sequence).set(ticketOf(sequence % 2 ** 50, round))
      expect(consumer.available()).toBe(read - 1)
      producer.publish(read, highest)
      expect(ring.cursor.get()).toBe(highest)
      expect(StructRing.attach(ring.handle).cursor.get()).toBe(highest)
      expect(consumer.available()).toBe(highest)
      for (; read <= highest; read++) expect(damageOf(ring.get(read), read % 2 ** 50)).toBe(undefined)
      consumer.advance(highest)
      expect(ring.attachConsumer(consumer.handle).next).toBe(read)
    }
  })

  it.each([0, -1, 9, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 + 1])('refuses a batch of %d and claims nothing', count => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers })
    ring.addConsumer()
    const producer = ring.producer()
    expect(codeOf(() => producer.tryNext(count))).toBe('DX_OPTION')
    expect(codeOf(() => producer.next(count))).toBe('DX_OPTION')
    expect(producer.tryNext(8)).toBe(7)
  })

  it('refuses to release what was not seen, or to go back', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    producer.publish(0, producer.tryNext(4))
    expect(codeOf(() => consumer.advance(0))).toBe('DX_SEQUENCE_RANGE')
    consumer.available()
    expect(codeOf(() => consumer.advance(4))).toBe('DX_SEQUENCE_RANGE')
    consumer.advance(3)
    expect(codeOf(() => consumer.advance(2))).toBe('DX_SEQUENCE_RANGE')
    expect(codeOf(() => consumer.advance(Number.NaN))).toBe('DX_SEQUENCE_RANGE')
    expect(consumer.next).toBe(4)
  })

  it('tells a producer that would wait for a consumer of its own thread', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 2, producers })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    producer.publish(0, producer.next(2))
    expect(codeOf(() => producer.next(1))).toBe('DX_WOULD_DEADLOCK')
    consumer.advance(consumer.available())
    expect(producer.next(1)).toBe(2)
  })

  it('ends a wait for room in time, and at once when it takes no more events', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 2, producers })
    expect(ring.addConsumer().handle.index).toBe(0)
    const producer = ring.producer()
    producer.publish(0, producer.next(2))
    expect(codeOf(() => producer.next(1, { timeoutMs: 5 }))).toBe('DX_TIMEOUT')
    expect(codeOf(() => producer.next(1, { timeoutMs: -1 }))).toBe('DX_OPTION')
    ring.close()
    expect(codeOf(() => producer.next(1))).toBe('DX_CLOSED')
    ring.halt()
    expect(codeOf(() => producer.next(1))).toBe('DX_RING_HALTED')
    ring.close()
    expect(codeOf(() => producer.next(1))).toBe('DX_RING_HALTED')
  })
})

describe('a ring', () => {
  it('for one producer refuses a second, until the first is closed', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const producer = ring.producer()
    expect(codeOf(() => ring.publisher())).toBe('DX_ROLE_TAKEN')
    expect(codeOf(() => StructRing.attach(ring.handle).producer())).toBe('DX_ROLE_TAKEN')
    producer.tryNext(2)
    producer.close()
    producer.close()
    const next = ring.producer()
    expect(next.tryNext(1)).toBe(0)
  })

  it('for one producer refuses to publish out of order', () => {
    const producer = StructRing.create({ layout: ticket, capacity: 8 }).producer()
    producer.tryNext(4)
    expect(codeOf(() => producer.publish(1, 2))).toBe('DX_SEQUENCE_RANGE')
    expect(codeOf(() => producer.publish(0, 4))).toBe('DX_SEQUENCE_RANGE')
    expect(codeOf(() => producer.publish(0, -1))).toBe('DX_SEQUENCE_RANGE')
    expect(codeOf(() => producer.publish(0, 3))).toBe('nothing thrown')
  })

  it('for several producers shows no event beyond a gap, and all of them once it closes', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi' })
    const consumer = ring.addConsumer()
    const [first, second] = [ring.producer(), ring.producer()]
    expect(first.tryNext(2)).toBe(1)
    expect(second.tryNext(3)).toBe(4)
    second.publish(2, 4)
    expect(consumer.available()).toBe(-1)
    first.publish(0, 0)
    expect(consumer.available()).toBe(0)
    first.publish(1, 1)
    expect(consumer.available()).toBe(4)
  })

  it('has as many consumers as it was made for, and gives a closed place out again', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, maxConsumers: 2 })
    const first = ring.addConsumer()
    ring.addConsumer()
    expect(codeOf(() => ring.addConsumer())).toBe('DX_TABLE_FULL')
    first.close()
    expect(ring.addConsumer().next).toBe(0)
    expect(codeOf(() => ring.addConsumer())).toBe('DX_TABLE_FULL')
  })

  it('refuses to put a consumer after one of another ring, or after a closed one', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const other = StructRing.create({ layout: ticket, capacity: 8 }).addConsumer()
    expect(codeOf(() => ring.addConsumer({ after: [other] }))).toBe('DX_OPTION')
    const closed = ring.addConsumer()
    closed.close()
    expect(codeOf(() => ring.addConsumer({ after: [closed] }))).toBe('DX_OPTION')
  })

  it('has room in its slots beyond the layout', () => {
    const ring = StructRing.create({ layout: struct({ length: 'u16' }), capacity: 4, slotBytes: 30 })
    expect(ring.slotBytes).toBe(32)
    expect(ring.offsetOf(1) - ring.offsetOf(0)).toBe(32)
    expect(ring.offsetOf(4)).toBe(ring.offsetOf(0))
    expect(ring.offsetOf(0) % 128).toBe(0)
    expect(ring.memory.byteLength).toBe(ring.offsetOf(0) + 128)
  })

  it('is refused by name where the other side expects something else', () => {
    const { handle } = StructRing.create({ layout: ticket, capacity: 8 })
    const other = struct({ id: 'u53' })
    expect(() => StructRing.attach(handle, other)).toThrow(`its layout is ${ticket.description}, expected ${other.description}`)
    expect(() => StructRing.attach({ ...handle, capacity: 4 })).toThrow(/capacity is 8, expected 4/)
    expect(() => StructRing.attach({ ...handle, maxConsumers: 8 })).toThrow(/number of consumers is 16, expected 8/)
    const multi = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi', maxProducers: 3 }).handle
    expect(() => StructRing.attach({ ...multi, maxProducers: 2 })).toThrow(/number of producers is 3, expected 2/)
    expect(() => StructRing.attach({ ...multi, producers: 'single' })).toThrow(/kind of producers is multi, expected single/)
    expect(() => StructRing.attach({ ...handle, memory: new ArrayBuffer(8192) as unknown as SharedArrayBuffer })).toThrow(
      /memory is object, expected a SharedArrayBuffer/,
    )
    expect(() => StructRing.attach({ ...handle, slotBytes: 16 })).toThrow(/slot size in bytes is 24, expected 16/)
    expect(() => StructRing.attach({ ...handle, memory: new SharedArrayBuffer(8192) })).toThrow(
      /magic number is 0x00000000, expected 0x44585352/,
    )
    expect(() => StructRing.attach({ ...handle, memory: new SharedArrayBuffer(128) })).toThrow(/size in bytes is 128, expected at least/)
    expect(codeOf(() => StructRing.attach({ ...handle, producers: 'multi', memory: handle.memory }))).toBe('DX_ATTACH')
    const words = new Int32Array(handle.memory)
    words[1] = 3
    expect(() => StructRing.attach(handle)).toThrow(/version is 3, expected 2/)
  })

  it.each([
    { capacity: 0 },
    { capacity: 1 },
    { capacity: 12 },
    { capacity: 2 ** 27 },
    { capacity: 2 ** 26 },
    { slotBytes: 8 },
    { maxConsumers: 0 },
    { maxConsumers: 257 },
    { initialSequence: -1 },
    { producers: 'many' as 'multi' },
  ])('refuses the options %o', options => {
    expect(codeOf(() => StructRing.create({ layout: ticket, capacity: 8, ...options }))).toBe('DX_OPTION')
  })
})
