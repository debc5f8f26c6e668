import { StructRing, WorkPool } from '@disruptorx/core'
import { workerHandler } from '@disruptorx/core/threads'
import { describe, expect, it } from 'vitest'
import { THREAD, workerLine } from '../src/processing/work-pool-descriptor.ts'
import { makeDisruptor } from './disruptor-support.ts'
import { send } from './ring-fixture.ts'
import { codeOf, codeOfAsync, ticket, ticketOf } from './support.ts'

/** Nothing waits so long unless it would wait for ever. */
const timeoutMs = 300

const filling = `data:text/javascript,${encodeURIComponent(`
  export const filling = (_, { ring }) => ({
    onEvent() {
      const producer = ring.producer()
      for (let count = 0; count <= ring.capacity; count++) producer.publishEvent(() => {}, { timeoutMs: ${timeoutMs} })
    },
  })`)}`

describe('waiting for room that workers of a pool have to make', () => {
  it('is refused where all of them are on this thread', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWithWorkerPool({ onEvent() {} }, { onEvent() {} })
    await disruptor.start()
    for (let number = 0; number < disruptor.ring.capacity; number++) disruptor.publishEvent(event => event.set(ticketOf(number, 1)))
    expect(codeOf(() => disruptor.publishEvent(() => {}, { timeoutMs }))).toBe('DX_WOULD_DEADLOCK')
    await disruptor.shutdown()
    await disruptor.start()
    disruptor.publishEvent(event => event.set(ticketOf(0, 1)))
    await disruptor.close()
  })

  it('is refused to the one that has to make it, on whichever thread', async () => {
    const disruptor = makeDisruptor({ producers: 'multi' })
    disruptor.handleEventsWithWorkerPool(workerHandler(filling, 'filling'), workerHandler(filling, 'filling'))
    await disruptor.start()
    // It may fail so fast that the ring is halted before this thread has looked again.
    const outcome = codeOf(() => disruptor.publishEvent(event => event.set(ticketOf(0, 1))))
    expect(['nothing thrown', 'DX_RING_HALTED']).toContain(outcome)
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_WOULD_DEADLOCK')
    await disruptor.close()
  })

  it('goes on where another thread has a worker, and this one holds nothing back', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4 })
    const pool = WorkPool.create({ ring })
    expect(pool.handle.consumer.shared).toBe(true)
    const [here, elsewhere, producer] = [pool.worker(), pool.worker(), ring.producer()]
    for (let number = 0; number < 4; number++) send(ring, producer, number)
    const wait = () => codeOf(() => producer.next(1, { timeoutMs: 0 }))
    expect(wait()).toBe('DX_WOULD_DEADLOCK')
    handOver(pool, 1)
    expect(wait()).toBe('DX_TIMEOUT')
    expect(elsewhere.available()).toBe(0)
    expect(here.available()).toBe(1)
    expect(wait()).toBe('DX_TIMEOUT')
    elsewhere.advance(0)
    send(ring, producer, 4)
    expect(wait()).toBe('DX_WOULD_DEADLOCK')
    here.advance(1)
    send(ring, producer, 5)
    expect(wait()).toBe('DX_TIMEOUT')
    pool.close()
  })
})

/** Gives a worker's line to another thread. */
function handOver(pool: WorkPool<unknown>, worker: number): void {
  Atomics.store(new Int32Array(pool.handle.memory), workerLine(worker) + THREAD, 4711)
}
