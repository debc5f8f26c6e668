import { ObjectRing, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { ticket } from './support.ts'

const rings = [
  ['a ring of structs for one', () => StructRing.create({ layout: ticket, capacity: 4 })],
  ['a ring of structs for several', () => StructRing.create({ layout: ticket, capacity: 4, producers: 'multi' })],
  ['a ring of objects', () => ObjectRing.create({ factory: () => ({}), capacity: 4 })],
] as const

describe.each(rings)('%s', (_, create) => {
  it('tells what is published and not yet written anew', () => {
    const ring = create()
    const producer = ring.producer()
    const published = () => [-1, 0, 1, 2, 3, 4, 5].filter(sequence => ring.isPublished(sequence))
    expect(published()).toEqual([])
    producer.next(2)
    expect(published()).toEqual([])
    producer.publish(0, 1)
    expect(published()).toEqual([0, 1])
    const highest = producer.next(4)
    producer.publish(highest - 3, highest)
    expect(published()).toEqual([2, 3, 4, 5])
  })

  it('tells how far its slowest consumer is', () => {
    const ring = create()
    const producer = ring.producer()
    producer.publish(producer.next())
    expect(ring.minimumGatingSequence()).toBe(0)
    const slow = ring.addConsumer()
    const fast = ring.addConsumer()
    producer.next(2)
    producer.publish(1, 2)
    fast.advance(fast.available())
    expect(ring.minimumGatingSequence()).toBe(0)
    slow.available()
    slow.advance(1)
    expect(ring.minimumGatingSequence()).toBe(1)
  })
})
