import { StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { settle } from './disruptor-support.ts'
import { drain } from './ring-fixture.ts'
import { ticket, ticketOf } from './support.ts'

describe('a publisher that was closed while its ring was halted', () => {
  it('makes nothing visible any more when the ring is reopened, neither at the end of the turn nor when asked to', async () => {
    const ring = StructRing.create({ layout: ticket, capacity: 16 })
    const consumer = ring.addConsumer()
    const closed = ring.publisher()
    for (const number of [1, 2, 3]) closed.publish(ticketOf(number, 1))
    ring.halt()
    closed.close()
    ring.reopen()
    const next = ring.publisher()
    await settle()
    expect([closed.pending, drain(ring, consumer)]).toEqual([0, []])
    closed.flush()
    await closed.ready()
    next.publish(ticketOf(4, 1))
    closed.flush()
    expect(drain(ring, consumer)).toEqual([])
    next.flush()
    expect(drain(ring, consumer)).toEqual([4])
  })
})
