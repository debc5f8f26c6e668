import { ParkingLot, SharedFlag, SharedSequence } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'

describe('a shared sequence', () => {
  const values = [-1, 0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 33 + 5, 2 ** 52 + 3, 2 ** 53 - 1]

  it.each(values)('is %i for its owner, for those there and for late ones', value => {
    const memory = new SharedArrayBuffer(2 * SharedSequence.BYTES)
    const owner = new SharedSequence(memory, 128, -1)
    const watcher = new SharedSequence(memory, 128)
    owner.set(value)
    expect(owner.get()).toBe(value)
    expect(watcher.get()).toBe(value)
    expect(new SharedSequence(memory, 128).get()).toBe(value)
    expect(new Int32Array(memory, 0, 32).every(word => word === 0)).toBe(true)
  })

  it('is right on both sides of every half, moved by an owner that attached', () => {
    const memory = new SharedArrayBuffer(SharedSequence.BYTES)
    new SharedSequence(memory, 0, 2 ** 31 - 3)
    const owner = new SharedSequence(memory, 0)
    for (const start of [2 ** 31 - 3, 2 ** 32 - 3, 3 * 2 ** 31 - 3]) {
      for (let value = start; value < start + 6; value++) {
        owner.set(value)
        expect(owner.get()).toBe(value)
      }
    }
  })
})

describe('a shared flag', () => {
  it('is down until one side raises it, and wakes who sleeps', () => {
    const lot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const flag = SharedFlag.create(lot)
    const other = SharedFlag.attach(flag.handle)
    const parker = lot.parker()
    parker.raise()
    expect(flag.raised).toBe(false)
    other.raise()
    expect(flag.raised).toBe(true)
    parker.park(Number.POSITIVE_INFINITY)
  })
})
