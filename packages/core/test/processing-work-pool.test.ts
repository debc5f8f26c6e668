import { describe, expect, it } from 'vitest'
import { BatchProcessor } from '../src/processing/batch-processor.ts'
import type { PoolWorker } from '../src/processing/pool-worker.ts'
import { WorkPool } from '../src/processing/work-pool.ts'
import { StructRing } from '../src/ring/struct-ring.ts'
import { codeOf, type Ticket, ticket, ticketOf } from './support.ts'

const { POSITIVE_INFINITY: forever } = Number

/** A ring and a pool; each worker has a view of the pool of its own, as on a thread of its own. */
function setUp(options: { initialSequence?: number; capacity?: number; producers?: 'single' | 'multi' } = {}) {
  const { initialSequence = 0, capacity = 8, producers = 'multi' } = options
  const ring = StructRing.create({ layout: ticket, capacity, producers, initialSequence })
  const pool = WorkPool.create({ ring })
  const { handle } = pool
  let published = 0
  const producer = ring.producer()
  const publish = (count: number): boolean => {
    const highest = producer.tryNext(count)
    if (highest < 0) return false
    for (let sequence = highest - count + 1; sequence <= highest; sequence++) ring.get(sequence).set(ticketOf(published++, 1))
    producer.publish(highest - count + 1, highest)
    return true
  }
  const join = (claim = 1, own = true) => {
    const there = own ? WorkPool.attach(handle, StructRing.attach(ring.handle, ticket)) : pool
    return there.worker({ claim })
  }
  const handled: [number, number][] = []
  const processor = (id: number, worker: PoolWorker, onEvent?: (event: Ticket) => unknown) =>
    new BatchProcessor<Ticket>({
      ring,
      consumer: worker,
      handler: {
        onEvent(event) {
          handled.push([id, event.number])
          return onEvent?.(event)
        },
      },
    })
  const released = () => pool.consumer.released() - initialSequence + 1
  return { ring, pool, publish, join, handled, processor, released }
}

describe('a work pool', () => {
  for (const producers of ['single', 'multi'] as const)
    for (const initialSequence of [0, 2 ** 31 - 9, 2 ** 32 - 9])
      it(`gives each event to one worker, and none twice: ${producers}, from ${initialSequence} on`, () => {
        const { publish, join, handled, processor, released } = setUp({ producers, initialSequence })
        const workers = [join(), join(3), join(1, false)].map((worker, id) => processor(id, worker))
        for (let round = 0; round < 20; round++) {
          expect(publish(5)).toBe(true)
          while (workers.map(worker => worker.step()).some(delayMs => delayMs === 0));
          expect(released()).toBe(5 * (round + 1))
        }
        expect(handled.map(([, number]) => number).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
        expect(new Set(handled.map(([id]) => id)).size).toBe(3)
      })

  it('is not held up by workers that are idle, nor by one that never looks', () => {
    const { publish, join, handled, processor } = setUp()
    join()
    const idle = processor(1, join())
    expect(idle.step()).toBe(forever)
    const busy = processor(2, join())
    for (let round = 0; round < 50; round++) {
      expect(publish(8)).toBe(true)
      while (busy.step() === 0);
    }
    expect(handled.length).toBe(400)
    publish(1)
    expect([idle.step(), handled.at(-1)]).toEqual([0, [1, 400]])
  })

  it('claims what is published and nothing else', () => {
    const { ring, pool, join, processor, handled } = setUp()
    const producer = ring.producer()
    const worker = join(4)
    const slow = processor(1, worker)
    const first = producer.tryNext(1)
    const second = producer.tryNext(2)
    producer.publish(second - 1, second)
    expect([slow.step(), handled]).toEqual([forever, []])
    producer.publish(first, first)
    expect(worker.available() - worker.next + 1).toBe(3)
    expect(pool.consumer.released()).toBe(-1)
  })

  it('has released an event when everything before it is dealt with too', () => {
    const { publish, join, released } = setUp()
    const [a, b, c] = [join(), join(), join(2)]
    publish(6)
    for (const worker of [a, b, c]) worker.available()
    expect([a.next, b.next, c.next]).toEqual([0, 1, 2])
    b.advance(1)
    expect(released()).toBe(0)
    c.advance(2)
    expect(released()).toBe(0)
    a.advance(0)
    expect(released()).toBe(3)
    c.advance(3)
    expect(released()).toBe(4)
    expect([a.available(), a.next, b.available(), b.next, c.available() - c.next]).toEqual([4, 4, 5, 5, -1])
    b.advance(5)
    expect([released(), codeOf(() => b.advance(6)), codeOf(() => a.advance(2))]).toEqual([4, 'DX_SEQUENCE_RANGE', 'DX_SEQUENCE_RANGE'])
    a.advance(4)
    expect(released()).toBe(6)
  })

  it('lets those who come after it see an event only when all before that are dealt with', () => {
    const { ring, pool, publish, join } = setUp()
    const after = ring.addConsumer({ after: [pool.consumer] })
    const [a, b] = [join(), join()]
    publish(2)
    a.available()
    b.available()
    b.advance(1)
    expect(after.available()).toBe(-1)
    a.advance(0)
    expect(after.available()).toBe(1)
    expect(codeOf(() => pool.close())).toBe('DX_CONSUMER_IN_USE')
    after.close()
    pool.close()
  })

  it('loses nothing when a worker leaves, whether its claim is whole, begun or done', () => {
    for (const done of [0, 1, 3]) {
      const { publish, join, handled, processor, released } = setUp()
      const leaving = join(3)
      publish(5)
      leaving.available()
      if (done > 0) leaving.advance(done - 1)
      leaving.close()
      leaving.close()
      expect(codeOf(() => leaving.available())).toBe('DX_CLOSED')
      const heir = processor(1, join(2))
      while (heir.step() === 0);
      expect(handled.map(([, number]) => number).sort()).toEqual([0, 1, 2, 3, 4].slice(done))
      expect(released()).toBe(5)
    }
  })

  it('gives an event whose handler failed to another worker, once the first has left', () => {
    const { publish, join, handled, processor, released } = setUp()
    const worker = join(3)
    const failing = processor(1, worker, event => {
      if (event.number === 1) throw new Error('bad')
    })
    publish(4)
    expect(() => failing.step()).toThrow('bad')
    failing.close()
    worker.close()
    const other = processor(2, join())
    while (other.step() === 0);
    expect(handled).toEqual([
      [1, 0],
      [1, 1],
      [2, 1],
      [2, 2],
      [2, 3],
    ])
    expect(released()).toBe(4)
  })

  it('has so many workers and no more, and their places are free again', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const pool = WorkPool.create({ ring, maxWorkers: 2 })
    const [first] = [pool.worker(), pool.worker()]
    expect(codeOf(() => pool.worker())).toBe('DX_TABLE_FULL')
    first?.close()
    pool.worker()
    for (const maxWorkers of [0, 1025, 1.5]) expect(codeOf(() => WorkPool.create({ ring, maxWorkers }))).toBe('DX_OPTION')
    for (const claim of [0, 2 ** 16 + 1, Number.NaN]) expect(codeOf(() => pool.worker({ claim }))).toBe('DX_OPTION')
    expect(codeOf(() => WorkPool.attach({ ...pool.handle, maxWorkers: 3 }, ring))).toBe('DX_ATTACH')
    expect(codeOf(() => WorkPool.attach({ ...pool.handle, memory: new SharedArrayBuffer(65536) }, ring))).toBe('DX_ATTACH')
  })
})
