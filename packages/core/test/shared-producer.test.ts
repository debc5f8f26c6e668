import { StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { codeOf, ticket, ticketOf } from './support.ts'

describe('the publishers of one thread on a ring for several', () => {
  it('take one place of its table together, and give it back with the last', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 64, producers: 'multi', maxProducers: 1 })
    const consumer = ring.addConsumer()
    const publishers = Array.from({ length: 20 }, () => ring.publisher())
    for (const [number, publisher] of publishers.entries()) publisher.publish(ticketOf(number, 0))
    for (const publisher of publishers) publisher.flush()
    expect(consumer.available()).toBe(19)
    expect(Array.from({ length: 20 }, (_, sequence) => ring.get(sequence).number)).toEqual(publishers.map((_, number) => number))
    for (const publisher of publishers.slice(1)) publisher.close()
    publishers[1]?.close()
    expect(codeOf(() => ring.producer())).toBe('DX_TABLE_FULL')
    publishers[0]?.publish(ticketOf(20, 0))
    publishers[0]?.close()
    expect(consumer.available()).toBe(20)
    expect(codeOf(() => ring.producer())).toBe('nothing thrown')
  })
})
