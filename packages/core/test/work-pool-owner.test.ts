import { currentThread, StructRing, WorkPool } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { ParkingLot } from '../src/parking/parking-lot.ts'
import { reclaimThread } from '../src/sequencer/reclaim.ts'
import { SequencerMemory } from '../src/sequencer/sequencer-memory.ts'
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
    // As if this thread, which has added the consumer, were gone.
    const { handle } = ring
    const sequencer = new SequencerMemory(handle.memory, { ...handle, multi: false }, ParkingLot.attach(handle.parkingLot))
    expect(reclaimThread(sequencer, currentThread()).halted).toBe(false)
    expect([ring.stopped, pool.consumer.released()]).toEqual([false, 0])
    publisher.publish(ticketOf(1, 0))
    const local = pool.worker()
    expect([local.available(), local.next]).toEqual([1, 1])
  })
})
