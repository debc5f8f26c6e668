import { describe, expect, it } from 'vitest'
import { SimulatedClock } from '../../src/node/simulated-clock.ts'

const SECOND = 1e9

describe('the clocks of a simulated machine', () => {
  it('move with virtual time', () => {
    const time = { nowNs: 0 }
    const clock = new SimulatedClock(time, { wallMs: 1_000 })
    time.nowNs = 2.5 * SECOND
    expect([clock.nowMs(), clock.monotonicNs()]).toEqual([3_500, 3.5 * SECOND])
  })

  it('drift, and show the same before and after the drift has changed', () => {
    const time = { nowNs: 0 }
    const clock = new SimulatedClock(time, { driftPpm: 1_000, wallMs: 0 })
    time.nowNs = 1_000 * SECOND
    expect([clock.nowMs(), clock.monotonicNs()]).toEqual([1_001_000, 1_002 * SECOND])
    clock.setDrift(-500_000)
    expect([clock.nowMs(), clock.monotonicNs()]).toEqual([1_001_000, 1_002 * SECOND])
    time.nowNs += 100 * SECOND
    expect([clock.nowMs(), clock.monotonicNs()]).toEqual([1_051_000, 1_052 * SECOND])
    expect(clock.trueNs(50)).toBe(100)
    for (const wrong of [-500_001, 500_001, 0.5]) expect(() => clock.setDrift(wrong)).toThrow(/driftPpm/)
  })

  it('jump: the wall clock only, in either direction', () => {
    const time = { nowNs: 0 }
    const clock = new SimulatedClock(time, { wallMs: 5_000 })
    clock.jump(-3_000)
    expect([clock.nowMs(), clock.monotonicNs()]).toEqual([2_000, SECOND])
    clock.jump(60_000)
    expect([clock.nowMs(), clock.monotonicNs()]).toEqual([62_000, SECOND])
    expect(() => clock.jump(Number.NaN)).toThrow(/ms/)
  })

  it('go back when the machine boots: the monotonic one, which begins anew', () => {
    const time = { nowNs: 0 }
    const clock = new SimulatedClock(time, { wallMs: 0, driftPpm: 100 })
    time.nowNs = 10 * SECOND
    const wall = clock.nowMs()
    clock.reboot()
    expect([clock.nowMs(), clock.monotonicNs()]).toEqual([wall, SECOND])
  })
})
