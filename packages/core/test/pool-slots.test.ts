import { struct } from '@disruptorx/layout'
import { describe, expect, it } from 'vitest'
import { SlotPool } from '../src/pool/slot-pool.ts'
import { CAPACITY, FREE, MARKS, POOL_MAGIC, slotPoolOffsets } from '../src/pool/slot-pool-descriptor.ts'
import { SlotTable } from '../src/pool/slot-table.ts'
import { codeOf } from './support.ts'

const layout = struct({ id: 'u53', price: 'u32' })
const create = (capacity: number) => SlotPool.create({ layout, capacity })

/** What another thread, number 77, does in the memory of a pool. */
function thread77(pool: SlotPool<unknown>): SlotTable {
  return new SlotTable(pool.memory, pool.capacity, pool.slotBytes, 77)
}

describe('a slot pool', () => {
  it.each([1, 2, 31, 32, 33, 64, 1000])('gives out each of %i slots once, and none twice', capacity => {
    const pool = create(capacity)
    const taken = Array.from({ length: capacity }, () => pool.acquire())
    expect(new Set(taken).size).toBe(capacity)
    expect([Math.min(...taken), Math.max(...taken)]).toEqual([0, capacity - 1])
    expect(pool.tryAcquire()).toBe(-1)
    expect(codeOf(() => pool.acquire())).toBe('DX_POOL_EXHAUSTED')
    expect([pool.free, pool.inUse, pool.highWater]).toEqual([0, capacity, capacity])
    pool.release(capacity - 1)
    expect(pool.acquire()).toBe(capacity - 1)
    for (const slot of taken) pool.release(slot)
    expect([pool.free, pool.inUse, pool.highWater]).toEqual([capacity, 0, capacity])
  })

  it('lays every slot beside the others, at a multiple of 8', () => {
    const pool = create(100)
    for (let slot = 0; slot < 100; slot++) pool.get(slot).set({ id: slot, price: slot * 2 })
    for (let slot = 0; slot < 100; slot++) {
      expect(pool.get(slot).copy()).toEqual({ id: slot, price: slot * 2 })
      expect(pool.offsetOf(slot) % 8).toBe(0)
    }
    expect(pool.offsetOf(99) + pool.slotBytes).toBe(pool.memory.byteLength)
    const wide = SlotPool.create({ layout, capacity: 2, slotBytes: 100 })
    expect(wide.offsetOf(1) - wide.offsetOf(0)).toBe(104)
  })

  it('refuses a second release and numbers that are no slots', () => {
    const pool = create(4)
    const slot = pool.acquire()
    pool.release(slot)
    expect(codeOf(() => pool.release(slot))).toBe('DX_NOT_IN_USE')
    for (const wrong of [-1, 4, 1.5, Number.NaN, 2 ** 32, undefined as unknown as number]) {
      expect(codeOf(() => pool.release(wrong))).toBe('DX_NOT_OF_POOL')
      expect(codeOf(() => pool.get(wrong))).toBe('DX_NOT_OF_POOL')
    }
    expect(pool.free).toBe(4)
  })

  it('lets a slot be released elsewhere than where it was acquired', () => {
    const pool = create(2)
    const other = SlotPool.attach(pool.handle, layout)
    const slot = pool.acquire()
    other.get(slot).set({ id: 5, price: 6 })
    expect(pool.get(slot).id).toBe(5)
    other.release(slot)
    expect(codeOf(() => pool.release(slot))).toBe('DX_NOT_IN_USE')
    expect(pool.free).toBe(2)
  })

  it('refuses to attach to other memory, another layout, another size', () => {
    const pool = create(4)
    const attach = (change: object) => codeOf(() => SlotPool.attach({ ...pool.handle, ...change }))
    expect(attach({})).toBe('nothing thrown')
    expect(attach({ memory: new SharedArrayBuffer(1024) })).toBe('DX_ATTACH')
    expect(attach({ capacity: 3 })).toBe('DX_ATTACH')
    expect(attach({ slotBytes: 24 })).toBe('DX_ATTACH')
    expect(codeOf(() => SlotPool.attach(pool.handle, struct({ id: 'u32' })))).toBe('DX_ATTACH')
    const words = new Int32Array(pool.memory)
    expect([words[0], words[CAPACITY]]).toEqual([POOL_MAGIC, 4])
    words[1] = 2
    expect(attach({})).toBe('DX_ATTACH')
  })

  it('refuses options out of range by name', () => {
    for (const capacity of [0, 2 ** 20 + 1, 1.5]) expect(codeOf(() => create(capacity))).toBe('DX_OPTION')
    for (const slotBytes of [15, 2 ** 30 + 1]) expect(codeOf(() => SlotPool.create({ layout, capacity: 1, slotBytes }))).toBe('DX_OPTION')
    expect(codeOf(() => SlotPool.create({ layout, capacity: 2 ** 20, slotBytes: 2048 }))).toBe('DX_OPTION')
    const pool = create(64)
    for (const high of [0, 65]) expect(codeOf(() => pool.cache({ high }))).toBe('DX_OPTION')
    for (const low of [0, 9]) expect(codeOf(() => pool.cache({ low, high: 8 }))).toBe('DX_OPTION')
    expect(codeOf(() => pool.cache().trim(-1))).toBe('DX_OPTION')
    expect(create(2 ** 20).free).toBe(2 ** 20)
  })
})

describe('a cache of a slot pool', () => {
  it('takes up to its low water mark, and gives back from its high one down to the low', () => {
    const pool = create(64)
    using cache = pool.cache({ low: 4, high: 8 })
    const taken = Array.from({ length: 9 }, () => cache.acquire())
    expect([cache.idle, pool.inUse, pool.free, pool.highWater]).toEqual([3, 9, 52, 12])
    const idle = taken.map(slot => {
      cache.release(slot)
      return cache.idle
    })
    expect(idle).toEqual([4, 5, 6, 7, 8, 4, 5, 6, 7])
    expect([pool.inUse, pool.free]).toEqual([0, 57])
    expect(cache.acquire()).toBe(taken[8])
  })

  it('gives back what was not used for longest', () => {
    const pool = create(64)
    using cache = pool.cache({ low: 6, high: 6 })
    const taken = Array.from({ length: 6 }, () => cache.acquire())
    for (const slot of taken) cache.release(slot)
    cache.trim(2)
    expect([cache.idle, pool.free]).toEqual([2, 62])
    expect([cache.acquire(), cache.acquire()]).toEqual([taken[5], taken[4]])
  })

  it('says how far it is from others, by default little', () => {
    expect([create(15), create(64), create(512), create(2 ** 20)].map(pool => pool.cache().high)).toEqual([1, 4, 32, 32])
    expect([create(15), create(64), create(512)].map(pool => pool.cache().low)).toEqual([1, 2, 16])
  })

  it('refuses a second release by any way', () => {
    const pool = create(16)
    using cache = pool.cache({ high: 4 })
    using other = pool.cache({ high: 4 })
    const slot = cache.acquire()
    cache.release(slot)
    for (const user of [cache, other, pool]) expect(codeOf(() => user.release(slot))).toBe('DX_NOT_IN_USE')
    expect(codeOf(() => cache.release(16))).toBe('DX_NOT_OF_POOL')
  })

  it('ends at the last slot of the pool, and goes on when one comes back', () => {
    const pool = create(3)
    using cache = pool.cache({ low: 2, high: 2 })
    const taken = [cache.acquire(), cache.acquire(), cache.acquire()]
    expect(cache.tryAcquire()).toBe(-1)
    expect(codeOf(() => cache.acquire())).toBe('DX_POOL_EXHAUSTED')
    pool.release(taken[0] as number)
    expect(cache.tryAcquire()).toBe(taken[0])
  })

  it('gives everything back when it is closed, and takes no more', () => {
    const pool = create(16)
    const cache = pool.cache({ high: 8 })
    const slot = cache.acquire()
    cache.close()
    cache.close()
    expect([pool.free, pool.inUse]).toEqual([15, 1])
    expect(codeOf(() => cache.acquire())).toBe('DX_CLOSED')
    expect(codeOf(() => cache.release(slot))).toBe('DX_CLOSED')
    pool.release(slot)
    expect(pool.free).toBe(16)
  })
})

describe('reclaiming the slots of a dead thread', () => {
  it('frees what lay in its caches, and what it had acquired only on request', () => {
    const pool = create(64)
    const dead = thread77(pool)
    const slots = new Int32Array(10)
    expect(dead.take(slots, 0, 10)).toBe(10)
    for (const slot of slots.subarray(0, 3)) dead.use(slot)
    const mine = pool.acquire()
    expect([pool.free, pool.inUse]).toEqual([53, 4])
    expect(pool.reclaim(76)).toBe(0)
    expect(pool.reclaim(77)).toBe(7)
    expect([pool.free, pool.inUse]).toEqual([60, 4])
    pool.release(slots[0] as number)
    expect(pool.reclaim(77, { inUse: true })).toBe(2)
    expect(pool.reclaim(77, { inUse: true })).toBe(0)
    expect([pool.free, pool.inUse]).toEqual([63, 1])
    pool.release(mine)
    expect(new Set(Array.from({ length: 64 }, () => pool.acquire())).size).toBe(64)
  })

  it('finds slots whose mark it had taken and that it never owned', () => {
    const pool = create(40)
    const words = new Int32Array(pool.memory)
    words[MARKS] = 0
    words[MARKS + 1] = 0
    expect(pool.tryAcquire()).toBe(-1)
    expect(pool.reclaim(77)).toBe(0)
    expect(new Set(Array.from({ length: 40 }, () => pool.acquire())).size).toBe(40)
    expect(pool.tryAcquire()).toBe(-1)
  })

  it('gives no slot out twice for a mark that stands wrongly', () => {
    const pool = create(32)
    const words = new Int32Array(pool.memory)
    const taken = [pool.acquire(), pool.acquire()]
    words[MARKS] = -1
    const rest = Array.from({ length: 30 }, () => pool.acquire())
    expect(new Set([...taken, ...rest]).size).toBe(32)
    expect(pool.tryAcquire()).toBe(-1)
    expect(words[MARKS]).toBe(0)
    const { owners } = slotPoolOffsets(32, pool.slotBytes)
    pool.release(7)
    expect(words[owners + 7]).toBe(FREE)
    expect(pool.acquire()).toBe(7)
  })

  it.each([0, -1, 1.5, 2 ** 31])('refuses %d, which is no number of a thread, and its own', thread => {
    const pool = create(4)
    expect(codeOf(() => pool.reclaim(thread))).toBe('DX_OPTION')
    pool.acquire()
    const { owners } = slotPoolOffsets(4, pool.slotBytes)
    const own = Math.max(...new Int32Array(pool.memory).subarray(owners, owners + 4))
    expect(codeOf(() => pool.reclaim(own))).toBe('DX_OPTION')
  })
})
