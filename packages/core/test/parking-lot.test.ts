import { once } from 'node:events'
import { threadId, Worker } from 'node:worker_threads'
import { ParkingLot, SharedSequence } from '@disruptorx/core'
import { describe, expect, it, vi } from 'vitest'
import { sharedMemory } from '../src/memory/shared-memory.ts'
import { BLOCK_FLAG, BLOCK_OWNER, BLOCK_WAKES, blockAt, RAISED, sleepsByte } from '../src/parking/parking-lot-descriptor.ts'
import { currentThread } from '../src/platform/current-thread.ts'
import { codeOf } from './support.ts'
import { runWorker } from './workers/run.ts'

describe('a parking lot', () => {
  it('never loses a wake-up: two threads hand a turn to each other 100,000 times, sleeping without a limit', async () => {
    const lot = ParkingLot.create({ maxThreads: 2, fallbackMs: Number.POSITIVE_INFINITY })
    const memory = new SharedArrayBuffer(256)
    const run = (self: number) => runWorker<{ fallbackWakes: number }>('./ping-pong.ts', { lot: lot.handle, memory, rounds: 100_000, self })
    const results = await Promise.all([run(0), run(1)])
    expect(results).toEqual([{ fallbackWakes: 0 }, { fallbackWakes: 0 }])
    expect(Atomics.load(new Int32Array(memory), 0)).toBe(100_000)
    expect(Atomics.load(new Int32Array(memory), 32)).toBe(100_000)
    expect(lot.stats()).toMatchObject({ threads: 0, sleeping: 0, fallbackWakes: 0 })
    expect(lot.stats().sleeps).toBeGreaterThan(0)
  }, 240_000)

  it('never loses the wake-up of an event loop either', async () => {
    const lot = ParkingLot.create({ maxThreads: 2, fallbackMs: Number.POSITIVE_INFINITY })
    const memory = new SharedArrayBuffer(256)
    const data = { lot: lot.handle, memory, rounds: 20_000 }
    const results = await Promise.all([
      runWorker<{ fallbackWakes: number }>('./ping-pong.ts', { ...data, self: 0 }),
      runWorker<{ fallbackWakes: number }>('./ping-pong-async.ts', data),
    ])
    expect(results).toEqual([{ fallbackWakes: 0 }, { fallbackWakes: 0 }])
    expect(lot.stats()).toMatchObject({ threads: 0, sleeping: 0, fallbackWakes: 0 })
  }, 240_000)

  it('ends a sleep at once when the wake came between the raised flag and the sleep', () => {
    const lot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const parker = lot.parker()
    parker.raise()
    lot.unparkAll()
    parker.park(Number.POSITIVE_INFINITY)
    expect(parker.fallbackWakes).toBe(0)
  })

  it('takes every raised flag down when it wakes, so that the next mover does no work', () => {
    const lot = ParkingLot.create()
    const words = new Int32Array(lot.handle.memory)
    const [first, second] = [lot.parker(), lot.parker()]
    first.raise()
    second.raise()
    second.raise()
    expect([words[RAISED], lot.stats().sleeping]).toEqual([1, 2])
    lot.unparkAll()
    lot.unparkAll()
    expect([words[RAISED], lot.stats().sleeping]).toEqual([0, 0])
    first.lower()
    expect([0, 1].map(index => words[blockAt(index) + BLOCK_WAKES])).toEqual([1, 1])
  })

  it('leaves the other sleepers their flags when one changes its mind, and the next mover finds them', () => {
    const lot = ParkingLot.create()
    const [first, second] = [lot.parker(), lot.parker()]
    first.raise()
    second.raise()
    first.lower()
    expect(lot.stats().sleeping).toBe(1)
    lot.unparkAll()
    expect(lot.stats().sleeping).toBe(0)
  })

  it('counts a sleep that only the fallback ended, and only if there was something to do', () => {
    const parker = ParkingLot.create({ fallbackMs: 1 }).parker()
    parker.raise()
    parker.park(1000)
    expect(parker.fallbackWakes).toBe(0)
    parker.noteFound()
    parker.noteFound()
    expect(parker.fallbackWakes).toBe(1)
  })

  it('does not count a sleep that ended at its own limit', () => {
    const parker = ParkingLot.create({ fallbackMs: 5 }).parker()
    parker.raise()
    parker.park(1)
    parker.noteFound()
    expect(parker.fallbackWakes).toBe(0)
  })

  it('has as many parkers as it was made for, and gives a closed one out again', () => {
    const lot = ParkingLot.create({ maxThreads: 2 })
    const first = lot.parker()
    lot.parker()
    expect(codeOf(() => lot.parker())).toBe('DX_TABLE_FULL')
    first.close()
    first.close()
    expect(codeOf(() => lot.parker())).toBe('nothing thrown')
    expect(codeOf(() => lot.parker())).toBe('DX_TABLE_FULL')
  })

  it('refuses memory that is something else, and names both values', () => {
    const { handle } = ParkingLot.create()
    expect(() => ParkingLot.attach({ ...handle, memory: new SharedArrayBuffer(65536) })).toThrow(
      /magic number is 0x00000000, expected 0x4458504c/,
    )
    expect(() => ParkingLot.attach({ ...handle, maxThreads: 3 })).toThrow(/number of threads is 64, expected 3/)
    expect(codeOf(() => ParkingLot.attach({ ...handle, maxThreads: 65 }))).toBe('DX_ATTACH')
  })

  it.each([{ maxThreads: 0 }, { maxThreads: 1025 }, { maxThreads: 1.5 }, { fallbackMs: 0 }])('refuses the options %o', options => {
    expect(codeOf(() => ParkingLot.create(options))).toBe('DX_OPTION')
  })
})

describe('the statistics of a parking lot', () => {
  it('count who is here, who sleeps, and every sleep, also of parkers that are closed', () => {
    const lot = ParkingLot.create({ fallbackMs: 1 })
    expect(lot.stats()).toEqual({ threads: 0, sleeping: 0, sleeps: 0, fallbackWakes: 0 })
    const [first, second] = [lot.parker(), lot.parker()]
    for (const parker of [first, second, second]) {
      parker.raise()
      parker.park(Number.POSITIVE_INFINITY)
      parker.noteFound()
    }
    first.raise()
    expect(lot.stats()).toEqual({ threads: 2, sleeping: 1, sleeps: 3, fallbackWakes: 3 })
    first.close()
    second.close()
    expect(lot.stats()).toEqual({ threads: 0, sleeping: 0, sleeps: 3, fallbackWakes: 3 })
    const again = lot.parker()
    again.raise()
    again.park(1)
    expect(lot.stats()).toEqual({ threads: 1, sleeping: 0, sleeps: 4, fallbackWakes: 3 })
  })

  it('do not count what was no sleep', () => {
    const lot = ParkingLot.create()
    const parker = lot.parker()
    parker.raise()
    lot.unparkAll()
    parker.park(Number.POSITIVE_INFINITY)
    expect(lot.stats().sleeps).toBe(0)
  })

  it('go on past 2^32 sleeps', () => {
    const lot = ParkingLot.create({ fallbackMs: 1 })
    lot.parker().close()
    new SharedSequence(lot.handle.memory, sleepsByte(0), 2 ** 32 - 1)
    const parker = lot.parker()
    for (let sleep = 0; sleep < 2; sleep++) {
      parker.raise()
      parker.park(1)
    }
    expect(lot.stats().sleeps).toBe(2 ** 32 + 1)
  })
})

describe('reclaiming the parkers of a dead thread', () => {
  /** Two blocks of a thread that is no more, one with its flag up, between two of ours. */
  function withDead() {
    const lot = ParkingLot.create({ maxThreads: 4, fallbackMs: Number.POSITIVE_INFINITY })
    const parkers = [lot.parker(), lot.parker(), lot.parker(), lot.parker()] as const
    const words = new Int32Array(lot.handle.memory)
    for (const index of [1, 2]) words[blockAt(index) + BLOCK_OWNER] = 77
    return { lot, parkers, words }
  }

  it('frees its places and takes its flags down, and leaves the others alone', () => {
    const { lot, parkers, words } = withDead()
    parkers[1].raise()
    parkers[3].raise()
    expect(lot.reclaim(76)).toBe(0)
    expect(lot.reclaim(77)).toBe(2)
    expect(lot.reclaim(77)).toBe(0)
    expect(lot.stats()).toMatchObject({ threads: 2, sleeping: 1 })
    expect([0, 1, 2, 3].map(index => words[blockAt(index) + BLOCK_OWNER])).toEqual([currentThread(), 0, 0, currentThread()])
    lot.parker()
    lot.parker()
    expect(codeOf(() => lot.parker())).toBe('DX_TABLE_FULL')
  })

  it('finds the place of a thread that died before it could say that places up to there are open', () => {
    const lot = ParkingLot.create()
    const words = new Int32Array(lot.handle.memory)
    words[blockAt(5) + BLOCK_OWNER] = 77
    expect(lot.reclaim(77)).toBe(1)
    expect(words[blockAt(5) + BLOCK_OWNER]).toBe(0)
  })

  it('leaves no mover on the slow path, at whichever instruction the thread died', () => {
    for (const [flag, raised] of [
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const) {
      const { lot, words } = withDead()
      words[blockAt(1) + BLOCK_FLAG] = flag
      words[RAISED] = raised
      lot.reclaim(77)
      lot.unparkAll()
      expect([words[RAISED], lot.stats().sleeping]).toEqual([0, 0])
    }
  })

  it('wakes who was to be woken by it: a mover that died after it had taken a flag down', () => {
    const { lot, parkers, words } = withDead()
    parkers[0].raise()
    words[RAISED] = 0
    words[blockAt(0) + BLOCK_FLAG] = 0
    lot.reclaim(77)
    parkers[0].park(Number.POSITIVE_INFINITY)
    expect(lot.stats().sleeps).toBe(0)
  })

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31])('refuses thread %s', thread => {
    expect(codeOf(() => ParkingLot.create().reclaim(thread))).toBe('DX_OPTION')
  })

  it('refuses the calling thread, which has not ended', () => {
    expect(codeOf(() => ParkingLot.create().reclaim(currentThread()))).toBe('DX_OPTION')
  })

  it('frees what a terminated worker held while it slept', async () => {
    const lot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const worker = new Worker(new URL('./workers/sleeper.ts', import.meta.url), { workerData: { lot: lot.handle } })
    const [thread] = (await once(worker, 'message')) as [number]
    expect(thread).toBe(worker.threadId + 1)
    while (lot.stats().sleeping === 0) await new Promise(resolve => setImmediate(resolve))
    await worker.terminate()
    expect(lot.stats()).toMatchObject({ threads: 1, sleeping: 1 })
    expect(lot.reclaim(thread)).toBe(1)
    expect(lot.stats()).toMatchObject({ threads: 0, sleeping: 0 })
  }, 240_000)
})

describe('a parker', () => {
  it.each([Number.NaN, -1, 0, Number.NEGATIVE_INFINITY])('does not sleep for a limit of %s', async limitMs => {
    const parker = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY }).parker()
    parker.raise()
    parker.park(limitMs)
    parker.raise()
    await parker.parkAsync(limitMs)
    expect(parker.fallbackWakes).toBe(0)
  })
})

describe('a parker that was closed while it slept', () => {
  it('wakes up, leaves its place to the next owner, and says that it is closed', async () => {
    const lot = ParkingLot.create({ maxThreads: 1, fallbackMs: Number.POSITIVE_INFINITY })
    const parker = lot.parker()
    parker.raise()
    const hold = setInterval(() => {}, 1000)
    const sleep = parker.parkAsync(Number.POSITIVE_INFINITY)
    parker.close()
    const next = lot.parker()
    next.raise()
    await sleep
    clearInterval(hold)
    parker.lower()
    expect(lot.stats()).toEqual({ threads: 1, sleeping: 1, sleeps: 0, fallbackWakes: 0 })
    expect(codeOf(() => parker.raise())).toBe('DX_CLOSED')
  })
})

describe('the number of a thread', () => {
  it('stays the same, is positive and has 31 bits', () => {
    expect(currentThread()).toBe(currentThread())
    expect(currentThread()).toBe(threadId + 1)
  })

  it('is drawn by lot where threads have no numbers', async () => {
    const process = globalThis.process
    vi.resetModules()
    try {
      Object.defineProperty(globalThis, 'process', { value: undefined, configurable: true, writable: true })
      const elsewhere = await import('../src/platform/current-thread.ts')
      const number = elsewhere.currentThread()
      expect(number).toBe(elsewhere.currentThread())
      expect(number).toBeGreaterThanOrEqual(2 ** 30)
      expect(number).toBeLessThan(2 ** 31)
    } finally {
      globalThis.process = process
    }
  })
})

describe('where there is no SharedArrayBuffer', () => {
  it('says so, and names the two headers that a page needs', () => {
    vi.stubGlobal('SharedArrayBuffer', undefined)
    try {
      expect(() => sharedMemory(8, 'ring')).toThrow(
        /the ring needs.*Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/,
      )
      expect(codeOf(() => sharedMemory(8, 'ring'))).toBe('DX_NO_SHARED_MEMORY')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('everything can be imported, and only what needs it says so', async () => {
    vi.resetModules()
    vi.stubGlobal('SharedArrayBuffer', undefined)
    try {
      const elsewhere = await import('../src/index.ts')
      expect(codeOf(() => elsewhere.ParkingLot.create())).toBe('DX_NO_SHARED_MEMORY')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('makes it where there is', () => {
    expect(sharedMemory(8, 'ring').byteLength).toBe(8)
  })
})
