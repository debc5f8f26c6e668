import { ParkingLot } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { blockAt, RAISED } from '../src/parking/parking-lot-descriptor.ts'
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
    expect(Atomics.load(new Int32Array(lot.handle.memory), RAISED)).toBe(0)
  }, 60_000)

  it('never loses the wake-up of an event loop either', async () => {
    const lot = ParkingLot.create({ maxThreads: 2, fallbackMs: Number.POSITIVE_INFINITY })
    const memory = new SharedArrayBuffer(256)
    const data = { lot: lot.handle, memory, rounds: 20_000 }
    const results = await Promise.all([
      runWorker<{ fallbackWakes: number }>('./ping-pong.ts', { ...data, self: 0 }),
      runWorker<{ fallbackWakes: number }>('./ping-pong-async.ts', data),
    ])
    expect(results).toEqual([{ fallbackWakes: 0 }, { fallbackWakes: 0 }])
    expect(Atomics.load(new Int32Array(lot.handle.memory), RAISED)).toBe(0)
  }, 60_000)

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
    expect(words[RAISED]).toBe(2)
    lot.unparkAll()
    expect(words[RAISED]).toBe(0)
    first.lower()
    expect(words[RAISED]).toBe(0)
    expect(words[blockAt(0) + 2]).toBe(1)
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
