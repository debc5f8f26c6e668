import { describe, expect, it } from 'vitest'
import { Pace } from '../../src/feed/pace.ts'
import { RateMeter } from '../../src/live/rate-meter.ts'

describe('a pace', () => {
  it('has events due at a steady rate', () => {
    const pace = new Pace(2000, 100)
    expect(pace.due(100)).toBe(0)
    expect(pace.due(110)).toBe(20)
    pace.took(15)
    expect(pace.due(110)).toBe(5)
    expect(pace.due(600)).toBe(985)
  })

  it('does not make up for more than a second of stall', () => {
    const pace = new Pace(1000, 0)
    expect(pace.due(5000)).toBe(1000)
    pace.took(1000)
    expect(pace.due(5000)).toBe(0)
    expect(pace.due(5003)).toBe(3)
  })

  it('says how long to wait for the next event', () => {
    const pace = new Pace(10, 0)
    expect(pace.waitMs(0)).toBe(100)
    expect(pace.waitMs(60)).toBe(40)
    expect(pace.due(99)).toBe(0)
    expect(pace.due(100)).toBe(1)
    expect(new Pace(1_000_000, 0).waitMs(0)).toBe(1)
  })

  it('has any number due without a rate', () => {
    expect(new Pace(undefined, 0).due(0)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a rate meter', () => {
  it('tells events per second over its window', () => {
    const meter = new RateMeter(1000)
    expect(meter.look(0, 500)).toBe(0)
    expect(meter.look(500, 1000)).toBe(1000)
    expect(meter.look(1000, 1500)).toBe(1000)
    for (let at = 1250; at <= 5000; at += 250) meter.look(at, 1500)
    expect(meter.look(5250, 1500)).toBe(0)
  })
})
