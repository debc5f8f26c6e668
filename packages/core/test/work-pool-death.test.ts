import { StructRing, WorkPool } from '@disruptorx/core'
import { expect, it } from 'vitest'
import { TENDER, THREAD, workerLine } from '../src/processing/work-pool-descriptor.ts'
import { dieAt, send } from './ring-fixture.ts'
import { ticket } from './support.ts'

const GHOST = 4711

it('hands no event over twice that a worker died before it had claimed, though it meant to claim others with it', () => {
  let deaths = 0
  for (let reached = true; reached; deaths++) {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const [pool, producer] = [WorkPool.create({ ring }), ring.producer()]
    const [dead, living] = [pool.worker({ claim: 4 }), pool.worker({ claim: 1 })]
    for (let number = 0; number < 6; number++) send(ring, producer, number)
    const handled: number[] = []
    const handle = () => {
      const last = living.available()
      for (; living.next <= last; living.advance(living.next)) handled.push(living.next)
    }
    reached = dieAt(deaths, () => dead.available())
    handle()
    const words = new Int32Array(pool.handle.memory)
    words[workerLine(0) + THREAD] = GHOST
    if (words[TENDER] !== 0) words[TENDER] = GHOST
    pool.reclaim(GHOST)
    for (let before = -1; before < handled.length; ) {
      before = handled.length
      handle()
    }
    expect([deaths, handled.toSorted()]).toEqual([deaths, [0, 1, 2, 3, 4, 5]])
    expect(pool.consumer.released()).toBe(5)
  }
  expect(deaths).toBeGreaterThan(10)
})
