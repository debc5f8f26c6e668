import { StructRing } from '@disruptorx/core'
import { expect, it } from 'vitest'
import { codeOf, ticket } from './support.ts'

it.each(['single', 'multi'] as const)(
  'wakes who sleeps until an event comes that is published into a halted ring: producers %s',
  producers => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers })
    const [consumer, producer] = [ring.addConsumer(), ring.producer()]
    const parker = ring.parkingLot.parker()
    producer.next()
    ring.halt()
    parker.raise()
    expect(consumer.available()).toBe(-1)
    expect(codeOf(() => producer.publish(0))).toBe('DX_RING_HALTED')
    expect([consumer.available(), ring.parkingLot.stats().sleeping]).toEqual([0, 0])
  },
)
