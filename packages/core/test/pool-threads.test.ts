import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { withSeed } from '../../testkit/src/index.ts'
import { SlotPool } from '../src/pool/slot-pool.ts'
import { ticket } from './support.ts'
import type { SlotUserData } from './workers/slot-user.ts'

const users = 3

function startUsers(pool: SlotPool<unknown>, rounds: number) {
  const memory = new SharedArrayBuffer(4 * (pool.capacity + users))
  const workers = Array.from({ length: users }, (_, i) => {
    const workerData: SlotUserData = { handle: pool.handle, memory, id: i + 1, users, rounds, cached: i > 0 }
    return new Worker(new URL('./workers/slot-user.ts', import.meta.url), { workerData })
  })
  return { workers, mailboxes: new Int32Array(memory).subarray(pool.capacity) }
}

describe('a slot pool between threads', () => {
  it.each([16, 48, 4096])(
    'gives no slot of %i to two at a time, and loses none',
    async capacity => {
      const pool = SlotPool.create({ layout: ticket, capacity })
      const { workers, mailboxes } = startUsers(pool, 100_000)
      await Promise.all(workers.map(worker => once(worker, 'exit')))
      for (const letter of mailboxes) if (letter > 0) pool.release(letter - 1)
      expect([pool.free, pool.inUse]).toEqual([capacity, 0])
      expect(pool.highWater).toBeLessThanOrEqual(capacity)
      expect(new Set(Array.from({ length: capacity }, () => pool.acquire())).size).toBe(capacity)
    },
    240_000,
  )

  it('has every slot back after its users were terminated at random moments and reclaimed', async () => {
    const pool = SlotPool.create({ layout: ticket, capacity: 200 })
    await withSeed(
      'terminating users of slots',
      async random => {
        const { workers } = startUsers(pool, Number.POSITIVE_INFINITY)
        const threads = workers.map(worker => worker.threadId + 1)
        await Promise.all(workers.map(worker => once(worker, 'message')))
        await pause(random.below(10))
        await Promise.all(workers.map(worker => worker.terminate()))
        for (const thread of threads) pool.reclaim(thread, { inUse: true })
        expect([pool.free, pool.inUse]).toEqual([200, 0])
        const slots = Array.from({ length: 200 }, () => pool.acquire())
        expect(new Set(slots).size).toBe(200)
        for (const slot of slots) pool.release(slot)
      },
      { count: 5 },
    )
  }, 240_000)
})
