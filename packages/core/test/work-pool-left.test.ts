import { StructRing, WorkPool } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { send } from './ring-fixture.ts'
import { ticket } from './support.ts'

describe('a worker that has left its pool', () => {
  it('takes no claim from the one that has its line now', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4 })
    const [pool, producer] = [WorkPool.create({ ring }), ring.producer()]
    const left = pool.worker()
    left.close()
    const next = pool.worker()
    send(ring, producer, 0)
    expect(next.available()).toBe(0)
    left.advance(left.next - 1)
    pool.tend()
    expect(pool.consumer.released()).toBe(-1)
    next.advance(0)
    expect(pool.consumer.released()).toBe(0)
  })
})
