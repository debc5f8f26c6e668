import { SlotPool } from '@disruptorx/core'
import { expect, it } from 'vitest'
import { atEveryStep } from './ring-fixture.ts'
import { ticket } from './support.ts'

it('never counts more slots than there are, also when one is taken again while it is being released', () => {
  atEveryStep(step => {
    const pool = SlotPool.create({ layout: ticket, capacity: 1 })
    const other = SlotPool.attach(pool.handle, ticket)
    const slot = pool.acquire()
    const reached = step(
      () => pool.release(slot),
      () => other.tryAcquire(),
    )
    expect(pool.highWater).toBe(1)
    return reached
  })
})
