import { describe, expect, it } from 'vitest'
import { FakeClock } from '../src/fake-clock.ts'

describe('a fake clock', () => {
  it('stands still until it is told to move', () => {
    const clock = new FakeClock({ nowMs: 5, monotonicNs: 7 })
    expect([clock.nowMs(), clock.nowMs(), clock.monotonicNs()]).toEqual([5, 5, 7])
  })

  it('moves both clocks by the same time, fractions of a millisecond included', () => {
    const clock = new FakeClock({ nowMs: 0, monotonicNs: 0 })
    clock.advance(1.5)
    clock.advance(0)
    expect([clock.nowMs(), clock.monotonicNs()]).toEqual([1.5, 1_500_000])
  })

  it('lets the wall clock jump back without moving the monotonic one', () => {
    const clock = new FakeClock({ nowMs: 1_000, monotonicNs: 3 })
    clock.setWallClock(10)
    expect([clock.nowMs(), clock.monotonicNs()]).toEqual([10, 3])
  })

  it('refuses to go back, and times that are none', () => {
    const clock = new FakeClock()
    for (const ms of [-0.1, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => clock.advance(ms)).toThrow(/ms/)
    expect(() => clock.setWallClock(Number.NaN)).toThrow(/nowMs/)
    expect(() => new FakeClock({ monotonicNs: -1 })).toThrow(/monotonicNs/)
  })
})
