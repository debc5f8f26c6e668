import { currentThread, StructRing, WorkPool } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { ticket, ticketOf } from './support.ts'

describe('the consumer of a work pool that threads share', () => {
  it('stays in its ring when one of those threads has ended', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const pool = WorkPool.create({ ring })
    const other = WorkPool.attach(pool.handle, StructRing.attach(ring.handle, ticket))
    ring.addConsumer({ after: [pool.consumer] }).handle
    const publisher = ring.publisher({ burst: 1 })
    publisher.publish(ticketOf(0, 0))
    const worker = other.worker()
    expect(worker.available()).toBe(0)
    worker.advance(0)
    expect(ring.reclaim(currentThread()).halted).toBe(false)
    expect([ring.stopped, pool.consumer.released()]).toEqual([false, 0])
    publisher.publish(ticketOf(1, 0))
    const local = pool.worker()
    expect([local.available(), local.next]).toEqual([1, 1])
  })
})
