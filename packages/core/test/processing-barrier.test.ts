import type { WaitSource } from '@disruptorx/contracts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ParkingLot } from '../src/parking/parking-lot.ts'
import { BLOCK_FLAG, blockAt } from '../src/parking/parking-lot-descriptor.ts'
import { SequenceBarrier } from '../src/processing/sequence-barrier.ts'
import { SharedSequence } from '../src/sequences/shared-sequence.ts'
import { codeOf, codeOfAsync } from './support.ts'

afterEach(() => vi.restoreAllMocks())

describe('a sequence barrier', () => {
  function setUp() {
    const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const memory = new SharedArrayBuffer(2 * SharedSequence.BYTES)
    const cells = [new SharedSequence(memory, 0, -1), new SharedSequence(memory, 128, -1)] as const
    const move = (cell: 0 | 1, sequence: number) => {
      cells[cell].set(sequence)
      parkingLot.unparkAll()
    }
    return { parkingLot, cells, move }
  }

  it('is where the slowest of its cells is', () => {
    const { parkingLot, cells, move } = setUp()
    const barrier = new SequenceBarrier({ cells, parkingLot })
    move(0, 7)
    expect(barrier.available()).toBe(-1)
    move(1, 5)
    expect(barrier.waitFor(5)).toBe(5)
    expect(codeOf(() => barrier.waitFor(6, 2))).toBe('DX_TIMEOUT')
    barrier.close()
  })

  it('resolves when the last cell has arrived, and rejects in time or by its signal', async () => {
    const { parkingLot, cells, move } = setUp()
    const barrier = new SequenceBarrier({ cells, parkingLot })
    const waiting = barrier.waitForAsync(3)
    move(0, 3)
    expect(await codeOfAsync(barrier.waitForAsync(3, { timeoutMs: 2 }))).toBe('DX_TIMEOUT')
    move(1, 4)
    expect(await waiting).toBe(3)
    const controller = new AbortController()
    const aborted = codeOfAsync(barrier.waitForAsync(9, { signal: controller.signal }))
    controller.abort()
    expect(await aborted).toBe('DX_ABORTED')
    expect(await codeOfAsync(barrier.waitForAsync(9, { signal: controller.signal }))).toBe('DX_ABORTED')
  })

  it('ends every wait early when it is alerted', async () => {
    const { parkingLot, cells } = setUp()
    let alert = false
    const barrier = new SequenceBarrier({ cells, parkingLot, alerted: () => alert })
    const waiting = barrier.waitForAsync(3)
    alert = true
    parkingLot.unparkAll()
    expect(await waiting).toBe(-1)
    expect(barrier.waitFor(3)).toBe(-1)
  })

  it('looks once where the time is 0, and refuses a time that is none', async () => {
    const { parkingLot, cells, move } = setUp()
    const barrier = new SequenceBarrier({ cells, parkingLot })
    expect(codeOf(() => barrier.waitFor(0, 0))).toBe('DX_TIMEOUT')
    expect(await codeOfAsync(barrier.waitForAsync(0, { timeoutMs: 0 }))).toBe('DX_TIMEOUT')
    for (const timeoutMs of [-1, Number.NaN, Number.NEGATIVE_INFINITY]) {
      expect(codeOf(() => barrier.waitFor(0, timeoutMs))).toBe('DX_OPTION')
      expect(await codeOfAsync(barrier.waitForAsync(0, { timeoutMs }))).toBe('DX_OPTION')
    }
    move(0, 0)
    move(1, 0)
    expect(barrier.waitFor(0, 0)).toBe(0)
    expect(await barrier.waitForAsync(0, { timeoutMs: 0 })).toBe(0)
    expect(codeOf(() => new SequenceBarrier({ cells: [], parkingLot }))).toBe('DX_OPTION')
  })

  it('takes its flag down when a look fails', () => {
    const { parkingLot } = setUp()
    let looks = 0
    const get = () => {
      if (++looks === 2) throw new Error('gone')
      return -1
    }
    const barrier = new SequenceBarrier({ cells: [{ get, set() {} }], parkingLot, strategy: parkAtOnce() })
    expect(() => barrier.waitFor(0)).toThrow('gone')
    expect(new Int32Array(parkingLot.handle.memory)[blockAt(0) + BLOCK_FLAG]).toBe(0)
  })

  it('says so where the thread may not block, and not where it need not', () => {
    const { parkingLot, cells, move } = setUp()
    const barrier = new SequenceBarrier({ cells, parkingLot })
    vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      throw new TypeError('Atomics.wait cannot be called in this context')
    })
    expect(codeOf(() => barrier.waitFor(0))).toBe('DX_BLOCKING_FORBIDDEN')
    move(0, 0)
    move(1, 0)
    expect(barrier.waitFor(0)).toBe(0)
  })
})

function parkAtOnce() {
  return {
    waitFor(sequence: number, source: WaitSource, timeoutMs: number): number {
      for (;;) {
        source.parker.raise()
        if (source.available() >= sequence) return sequence
        source.parker.park(timeoutMs)
      }
    },
  }
}
