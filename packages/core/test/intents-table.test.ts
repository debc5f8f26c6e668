import { StructRing } from '@disruptorx/core'
import { expect, it } from 'vitest'
import { deadProducers, dieAt, drain, hand, send } from './ring-fixture.ts'
import { ticket } from './support.ts'

const GHOST = 4711

it('gives the only place for a producer out again, wherever in its claim the last one died', () => {
  let deaths = 0
  for (let reached = true; reached; deaths++) {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi', maxProducers: 1 })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    reached = dieAt(deaths, () => producer.tryNext(3))
    hand(ring, 0, GHOST)
    expect(ring.reclaim(GHOST).producers).toBe(1)
    expect(drain(ring, consumer)).toEqual([])
    const next = ring.producer()
    send(ring, next, 7)
    expect([drain(ring, consumer), deadProducers(ring)]).toEqual([[7], 0])
  }
  expect(deaths).toBeGreaterThan(5)
})
