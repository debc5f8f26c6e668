import { ObjectRing, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { codeOf, ticket } from './support.ts'

describe('blocking for room', () => {
  it('is refused where this thread has the consumer, also one that it attached by a handle', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 2 })
    const { handle } = ring.addConsumer()
    const producer = ring.producer()
    producer.next(2)
    expect(codeOf(() => producer.next(1, { timeoutMs: 0 }))).toBe('DX_TIMEOUT')
    StructRing.attach(ring.handle, ticket).attachConsumer(handle)
    expect(codeOf(() => producer.next(1, { timeoutMs: 0 }))).toBe('DX_WOULD_DEADLOCK')
  })

  it('is refused in a ring of objects, whose consumers are all here', () => {
    const ring = ObjectRing.create({ factory: () => ({ value: 0 }), capacity: 2 })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    producer.next(2)
    expect(codeOf(() => producer.next(1))).toBe('DX_WOULD_DEADLOCK')
    producer.publish(0, 1)
    consumer.available()
    consumer.advance(0)
    expect(producer.next(1)).toBe(2)
  })
})

describe('a closed publisher', () => {
  it('publishes nothing into a ring that was halted and reopened', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 64 })
    const publisher = ring.publisher()
    publisher.publish({ number: 1, producer: 0, square: 1, check: 3 })
    ring.halt()
    publisher.close()
    ring.reopen()
    expect(codeOf(() => publisher.claim())).toBe('DX_CLOSED')
    expect(codeOf(() => publisher.publish({ number: 2, producer: 0, square: 4, check: 6 }))).toBe('DX_CLOSED')
    ring.producer()
    expect(ring.cursor.get()).toBe(-1)
  })
})
