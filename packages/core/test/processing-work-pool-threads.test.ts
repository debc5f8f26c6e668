import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { ParkingLot, SharedFlag, StructRing, WorkPool } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { ticket, ticketOf } from './support.ts'
import type { PoolMemberData } from './workers/pool-member.ts'

interface MemberResult {
  readonly handled: number
  readonly fallbackWakes: number
}

/** A ring, a pool over it, and its members on threads of their own. A lost wake-up would hang the test: nobody looks up by itself. */
function setUp(events: number, producers: 'single' | 'multi') {
  const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
  const initialSequence = 2 ** 32 - Math.floor(events / 2)
  const ring = StructRing.create({ layout: ticket, capacity: 256, producers, parkingLot, initialSequence })
  const pool = WorkPool.create({ ring, maxWorkers: 8 })
  const after = ring.addConsumer({ after: [pool.consumer] })
  const stop = SharedFlag.create(parkingLot)
  const counts = new SharedArrayBuffer(4 * events)
  const start = (options: { claim: number; changeEvery?: number; stuck?: SharedArrayBuffer | undefined }) => {
    const { claim, changeEvery = Number.POSITIVE_INFINITY, stuck } = options
    const workerData: PoolMemberData = { ring: ring.handle, pool: pool.handle, stop: stop.handle, counts, claim, changeEvery, stuck }
    const worker = new Worker(new URL('./workers/pool-member.ts', import.meta.url), { workerData })
    const failed = once(worker, 'error').then(([error]) => Promise.reject(error as Error))
    failed.catch(error => {
      broken ??= error
    })
    const result = Promise.race([once(worker, 'message').then(([message]) => message as MemberResult), failed])
    return { worker, thread: worker.threadId + 1, result }
  }
  let broken: Error | undefined
  let number = 0
  let early = 0
  /** Reads behind the pool: nothing may come before it is handled. */
  const read = () => {
    const last = after.available()
    for (let sequence = after.next; sequence <= last; sequence++)
      if (Atomics.load(new Int32Array(counts), sequence - initialSequence) === 0) early++
    after.advance(last)
  }
  const breathe = () => {
    if (broken !== undefined) throw broken
    read()
    return new Promise(resolve => setImmediate(resolve))
  }
  const publish = async (count: number) => {
    const publisher = ring.publisher({ burst: 8 })
    for (const end = number + count; number < end; number++) while (!publisher.publish(ticketOf(number, 1))) await breathe()
    while (!publisher.flush()) await breathe()
    publisher.close()
  }
  const drained = async () => {
    while (after.next <= ring.cursor.get()) await breathe()
  }
  const published = () => number
  const tooEarly = () => early
  return { ring, pool, stop, start, publish, published, breathe, drained, tooEarly, counts: new Int32Array(counts) }
}

describe('a work pool over worker threads', () => {
  for (const producers of ['single', 'multi'] as const)
    it(`gives each of 300,000 events to exactly one of three: ${producers}`, async () => {
      const events = 300_000
      const { stop, start, publish, drained, tooEarly, counts, pool, ring } = setUp(events, producers)
      const members = [start({ claim: 1 }), start({ claim: 8 }), start({ claim: 2, changeEvery: 1000 })]
      await publish(events)
      await drained()
      stop.raise()
      const results = await Promise.all(members.map(member => member.result))
      expect(counts.every(count => count === 1)).toBe(true)
      expect(tooEarly()).toBe(0)
      expect(results.reduce((sum, { handled }) => sum + handled, 0)).toBe(events)
      expect(results.map(({ fallbackWakes }) => fallbackWakes)).toEqual([0, 0, 0])
      expect([pool.consumer.released(), ring.remainingCapacity()]).toEqual([ring.cursor.get(), 256])
    }, 240_000)

  it('loses no event when threads are ended in the middle of their work, and repeats at most the one in hand', async () => {
    const rounds = 12
    const most = 2_000_000
    const { stop, start, publish, published, breathe, drained, counts, pool, ring } = setUp(most, 'multi')
    const steady = start({ claim: 1 })
    for (let round = 0; round < rounds; round++) {
      const stuck = round % 2 === 0 ? new SharedArrayBuffer(4) : undefined
      const victim = start({ claim: 1 + (round % 5), stuck })
      const exited = once(victim.worker, 'exit')
      if (stuck === undefined) {
        await once(victim.worker, 'online')
        await publish(400 + 37 * round)
      } else {
        // No more than fits once it keeps the ring from moving on.
        while (Atomics.load(new Int32Array(stuck), 0) === 0 && published() < most)
          await (ring.remainingCapacity() < 64 ? breathe() : publish(32))
      }
      await victim.worker.terminate()
      await exited
      const claims = pool.reclaim(victim.thread)
      if (stuck !== undefined) expect(claims).toBe(1)
      ring.parkingLot.reclaim(victim.thread)
      await publish(300)
      await drained()
    }
    stop.raise()
    await steady.result
    expect(counts.subarray(0, published()).every(count => count > 0)).toBe(true)
    expect(counts.filter(count => count > 1).length).toBeLessThanOrEqual(rounds / 2)
    expect(ring.remainingCapacity()).toBe(256)
  }, 240_000)
})
