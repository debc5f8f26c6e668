import { describe, expect, it } from 'vitest'
import { ObjectPool } from '../src/pool/object-pool.ts'
import { codeOf } from './support.ts'

interface Order {
  id: number
  lines: number[]
}

function orders(options: { maxSize: number; initialSize?: number; maxIdle?: number }) {
  let made = 0
  const pool = ObjectPool.create<Order>({
    factory: () => {
      made++
      return { id: 0, lines: [] }
    },
    reset: order => {
      order.id = 0
      order.lines.length = 0
    },
    ...options,
  })
  return { pool, made: () => made }
}

describe('an object pool', () => {
  it('makes objects when they are needed, up to its size, and refuses more', () => {
    const { pool, made } = orders({ maxSize: 3, initialSize: 1 })
    expect(made()).toBe(1)
    const taken = [pool.acquire(), pool.acquire(), pool.acquire()]
    expect(new Set(taken).size).toBe(3)
    expect(made()).toBe(3)
    expect(pool.tryAcquire()).toBeUndefined()
    expect(codeOf(() => pool.acquire())).toBe('DX_POOL_EXHAUSTED')
    pool.release(taken[1] as Order)
    expect(pool.acquire()).toBe(taken[1])
    expect(made()).toBe(3)
  })

  it('gives an object back as good as new', () => {
    const { pool } = orders({ maxSize: 1 })
    const order = pool.acquire()
    order.id = 7
    order.lines.push(1, 2)
    pool.release(order)
    expect(pool.acquire()).toEqual({ id: 0, lines: [] })
  })

  it('counts what is in use and what lies idle, and keeps the high-water mark', () => {
    const { pool } = orders({ maxSize: 4, initialSize: 2 })
    expect([pool.size, pool.inUse, pool.idle, pool.highWater]).toEqual([2, 0, 2, 0])
    const taken = [pool.acquire(), pool.acquire(), pool.acquire()]
    expect([pool.size, pool.inUse, pool.idle, pool.highWater]).toEqual([3, 3, 0, 3])
    for (const order of taken) pool.release(order)
    pool.acquire()
    expect([pool.size, pool.inUse, pool.idle, pool.highWater]).toEqual([3, 1, 2, 3])
  })

  it('refuses what was released before, what is of another pool, and what is of none', () => {
    const { pool } = orders({ maxSize: 2 })
    const other = orders({ maxSize: 2 }).pool
    const order = pool.acquire()
    const foreign = other.acquire()
    pool.release(order)
    expect(codeOf(() => pool.release(order))).toBe('DX_NOT_IN_USE')
    expect(codeOf(() => pool.release(foreign))).toBe('DX_NOT_OF_POOL')
    expect(codeOf(() => pool.release({ ...foreign }))).toBe('DX_NOT_OF_POOL')
    for (const nothing of [undefined, null, 0, 'order'])
      expect(codeOf(() => pool.release(nothing as unknown as Order))).toBe('DX_NOT_OF_POOL')
    expect(pool.idle).toBe(1)
    other.release(foreign)
  })

  it('shows nothing of itself on its objects', () => {
    const pool = ObjectPool.create({ factory: () => Object.freeze({ a: 1 }), maxSize: 1 })
    const object = pool.acquire()
    expect(Reflect.ownKeys(object)).toEqual(['a'])
    expect(structuredClone(object)).toEqual({ a: 1 })
    pool.release(object)
  })

  it('lets go what is released above its idle limit, and makes anew', () => {
    const { pool, made } = orders({ maxSize: 3, maxIdle: 1 })
    const taken = [pool.acquire(), pool.acquire(), pool.acquire()]
    for (const order of taken) pool.release(order)
    expect([pool.size, pool.idle]).toEqual([1, 1])
    expect(codeOf(() => pool.release(taken[2] as Order))).toBe('DX_NOT_OF_POOL')
    const again = new Set([pool.acquire(), pool.acquire(), pool.acquire()])
    expect(again.has(taken[0] as Order)).toBe(true)
    expect(again.has(taken[1] as Order)).toBe(false)
    expect(made()).toBe(5)
    expect(pool.tryAcquire()).toBeUndefined()
  })

  it('lets an object go whose reset throws, and passes the error on', () => {
    let broken = true
    const pool = ObjectPool.create({
      factory: number => ({ number }),
      reset: () => {
        if (broken) throw new RangeError('no reset')
      },
      maxSize: 1,
    })
    const first = pool.acquire()
    expect(() => pool.release(first)).toThrow('no reset')
    expect([pool.size, pool.inUse]).toEqual([0, 0])
    broken = false
    const second = pool.acquire()
    expect(second).not.toBe(first)
    expect(second.number).toBe(0)
  })

  it('refuses a factory that makes nothing, or one thing twice, and works on when it throws', () => {
    const one = { a: 1 }
    let calls = 0
    const factories = { none: () => undefined as unknown as object, nul: () => null as unknown as object, same: () => one }
    for (const factory of Object.values(factories))
      expect(codeOf(() => ObjectPool.create({ factory, maxSize: 2, initialSize: 2 }))).toBe('DX_POOL_FACTORY')
    const pool = ObjectPool.create({
      factory: () => {
        if (calls++ === 0) throw new RangeError('no memory')
        return {}
      },
      maxSize: 1,
    })
    expect(() => pool.acquire()).toThrow('no memory')
    expect(pool.size).toBe(0)
    expect(pool.acquire()).toEqual({})
    expect(pool.tryAcquire()).toBeUndefined()
  })

  it('lets a factory take from its own pool', () => {
    interface Node {
      readonly number: number
      readonly child: Node | undefined
    }
    const pool: ObjectPool<Node> = ObjectPool.create<Node>({
      factory: number => ({ number, child: number < 2 ? pool.acquire() : undefined }),
      maxSize: 3,
    })
    expect(pool.acquire().child?.child?.number).toBe(2)
    expect(pool.inUse).toBe(3)
    expect(pool.tryAcquire()).toBeUndefined()
  })

  it('refuses options out of range by name', () => {
    const factory = () => ({})
    const wrong = [
      { factory, maxSize: 0 },
      { factory, maxSize: 2 ** 20 + 1 },
      { factory, maxSize: 4, initialSize: 5 },
      { factory, maxSize: 4, initialSize: 3, maxIdle: 2 },
      { factory, maxSize: 4, maxIdle: -1 },
      { factory: 5 as unknown as () => object, maxSize: 4 },
      { factory, maxSize: 4, reset: {} as unknown as () => void },
    ]
    for (const options of wrong) expect(codeOf(() => ObjectPool.create(options))).toBe('DX_OPTION')
    expect(ObjectPool.create({ factory, maxSize: 2 ** 20 }).maxSize).toBe(2 ** 20)
  })

  it('allocates nothing once it is warm, with a cache or without', () => {
    const { pool } = orders({ maxSize: 64 })
    using cache = pool.cache(8)
    const held: Order[] = new Array(16)
    const cycles = (user: { acquire(): Order; release(order: Order): void }) => {
      for (let cycle = 0; cycle < 5_000; cycle++) {
        for (let i = 0; i < held.length; i++) held[i] = user.acquire()
        for (let i = 0; i < held.length; i++) user.release(held[i] as Order)
      }
    }
    for (const user of [pool, cache]) {
      cycles(user)
      // 16 bytes an object would be 1.3 MB a round. The middle one of five: no collection, and nobody else's allocation, is in most of them.
      const grown = Array.from({ length: 5 }, () => {
        const before = process.memoryUsage().heapUsed
        cycles(user)
        return process.memoryUsage().heapUsed - before
      })
      expect(grown.sort((a, b) => a - b)[2]).toBeLessThan(400_000)
    }
    expect(pool.size).toBe(16)
  })
})

describe('a cache of an object pool', () => {
  it('gives its user the objects again that it used last', () => {
    const { pool } = orders({ maxSize: 10, initialSize: 10 })
    using mine = pool.cache(4)
    using yours = pool.cache(4)
    const order = mine.acquire()
    const another = yours.acquire()
    yours.release(another)
    mine.release(order)
    expect(mine.acquire()).toBe(order)
    expect(yours.acquire()).toBe(another)
    expect([pool.inUse, pool.idle, pool.highWater]).toEqual([2, 8, 2])
  })

  it('takes and gives back by halves', () => {
    const { pool } = orders({ maxSize: 10, initialSize: 10 })
    using cache = pool.cache(4)
    const taken = [cache.acquire()]
    expect(cache.idle).toBe(1)
    for (let i = 0; i < 9; i++) taken.push(cache.acquire())
    expect(cache.idle).toBe(0)
    expect(cache.tryAcquire()).toBeUndefined()
    for (const [i, order] of taken.entries()) {
      cache.release(order)
      expect(cache.idle).toBe([1, 2, 3, 4, 3, 4, 3, 4, 3, 4][i])
    }
    expect(pool.idle).toBe(10)
  })

  it('refuses a second release by any way', () => {
    const { pool } = orders({ maxSize: 4 })
    using cache = pool.cache(2)
    const order = cache.acquire()
    cache.release(order)
    expect(codeOf(() => pool.release(order))).toBe('DX_NOT_IN_USE')
    expect(codeOf(() => cache.release(order))).toBe('DX_NOT_IN_USE')
    const other = pool.acquire()
    pool.release(other)
    expect(codeOf(() => cache.release(other))).toBe('DX_NOT_IN_USE')
  })

  it('keeps nothing from others when the pool has nothing left', () => {
    const { pool, made } = orders({ maxSize: 2 })
    using hoarder = pool.cache(2)
    const taken = [hoarder.acquire(), hoarder.acquire()]
    for (const order of taken) hoarder.release(order)
    expect(hoarder.idle).toBe(2)
    using other = pool.cache(2)
    expect(new Set([pool.acquire(), other.acquire()])).toEqual(new Set(taken))
    expect(made()).toBe(2)
    expect(pool.tryAcquire()).toBeUndefined()
    expect(hoarder.tryAcquire()).toBeUndefined()
  })

  it('gives everything back when it is closed, and takes no more', () => {
    const { pool } = orders({ maxSize: 4, maxIdle: 4 })
    const cache = pool.cache(3)
    const order = cache.acquire()
    cache.release(cache.acquire())
    cache.close()
    cache.close()
    expect(codeOf(() => cache.acquire())).toBe('DX_CLOSED')
    expect(codeOf(() => cache.release(order))).toBe('DX_CLOSED')
    pool.release(order)
    expect([pool.idle, pool.inUse]).toEqual([2, 0])
    expect(codeOf(() => pool.cache(0))).toBe('DX_OPTION')
    expect(codeOf(() => pool.cache(5))).toBe('DX_OPTION')
  })
})
