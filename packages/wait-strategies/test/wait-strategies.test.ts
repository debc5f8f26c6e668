import type { Clock, Parker } from '@disruptorx/contracts'
import { isDisruptorError } from '@disruptorx/contracts'
import {
  AdaptiveWaitStrategy,
  createAsyncWaitStrategy,
  createWaitStrategy,
  defaultWaitStrategy,
  type WaitStrategyHandle,
} from '@disruptorx/wait-strategies'
import { describe, expect, it } from 'vitest'

/** A source that reaches `readyAt` at that look, and a parker that writes down what is done with it. */
function fake(readyAt: number, alertAt = Number.POSITIVE_INFINITY) {
  const calls: string[] = []
  let looks = 0
  let up = false
  const parker: Parker = {
    raise() {
      up = true
      calls.push('raise')
    },
    lower() {
      up = false
      calls.push('lower')
    },
    park(timeoutMs) {
      expect(up).toBe(true)
      up = false
      calls.push(`park ${timeoutMs}`)
    },
    async parkAsync(timeoutMs) {
      expect(up).toBe(true)
      up = false
      calls.push(`park ${timeoutMs}`)
    },
  }
  return {
    calls,
    parker,
    available: () => (++looks >= readyAt ? 5 : 2),
    alerted: () => looks >= alertAt,
    get looks() {
      return looks
    },
    get up() {
      return up
    },
  }
}

/** Goes on by 1 ms at each reading. */
function tickingClock(): Clock & { readonly readings: number } {
  let readings = 0
  return {
    nowMs: () => 0,
    monotonicNs: () => ++readings * 1e6,
    get readings() {
      return readings
    },
  }
}

const kinds: WaitStrategyHandle[] = [
  { kind: 'busySpin' },
  { kind: 'yielding', spins: 2 },
  { kind: 'sleeping', spins: 2, yields: 2, sleepUs: 1 },
  { kind: 'blocking' },
  { kind: 'liteBlocking' },
  { kind: 'adaptive', spins: 2, yields: 2, cores: 2 },
  { kind: 'adaptive', threads: 3, cores: 2 },
]

describe.each(kinds)('a wait with %o', handle => {
  it('returns at once what is available already, and reads no clock', () => {
    const clock = tickingClock()
    const source = fake(1)
    expect(createWaitStrategy(handle, { clock }).waitFor(5, source, 10)).toBe(5)
    expect([source.looks, source.calls, clock.readings]).toEqual([1, [], 0])
  })

  it('returns when the sequence has come, reads no clock without a limit, and leaves no flag up', () => {
    const clock = tickingClock()
    const source = fake(12)
    expect(createWaitStrategy(handle, { clock }).waitFor(5, source, Number.POSITIVE_INFINITY)).toBe(5)
    expect([source.looks, source.up, clock.readings]).toEqual([12, false, 0])
  })

  it('returns what there is when it is alerted, and leaves no flag up', () => {
    const source = fake(Number.POSITIVE_INFINITY, 9)
    expect(createWaitStrategy(handle).waitFor(5, source, Number.POSITIVE_INFINITY)).toBe(2)
    expect([source.looks, source.up]).toEqual([9, false])
  })

  it('returns what there is when the time is over, and leaves no flag up', () => {
    const source = fake(Number.POSITIVE_INFINITY)
    expect(createWaitStrategy(handle, { clock: tickingClock() }).waitFor(5, source, 20)).toBe(2)
    expect(source.up).toBe(false)
  })

  it('does not wait at all with a limit of 0', () => {
    const source = fake(Number.POSITIVE_INFINITY)
    expect(createWaitStrategy(handle, { clock: { nowMs: () => 0, monotonicNs: () => 0 } }).waitFor(5, source, 0)).toBe(2)
    expect(source.calls.filter(call => call.startsWith('park'))).toEqual([])
  })
})

describe('the blocking strategy', () => {
  it('raises its flag, looks again, and only then sleeps', () => {
    const source = fake(3)
    createWaitStrategy({ kind: 'blocking' }).waitFor(5, source, Number.POSITIVE_INFINITY)
    expect(source.calls).toEqual(['raise', 'park Infinity', 'raise', 'lower'])
  })

  it('sleeps no longer than what is left', () => {
    const source = fake(4)
    createWaitStrategy({ kind: 'blocking' }, { clock: tickingClock() }).waitFor(5, source, 10)
    expect(source.calls).toEqual(['raise', 'park 9', 'raise', 'park 8', 'raise', 'lower'])
  })
})

describe('spinning strategies', () => {
  it('never sleep', () => {
    for (const handle of kinds.slice(0, 3)) {
      const source = fake(50)
      createWaitStrategy(handle).waitFor(5, source, Number.POSITIVE_INFINITY)
      expect(source.calls).toEqual([])
    }
  })
})

describe('the adaptive strategy', () => {
  const make = (threads: number) => new AdaptiveWaitStrategy({ spins: 32, yields: 0, threads, cores: 2 }, tickingClock())

  it('spins first when there is a core for each thread, and sleeps at once when there is not', () => {
    const roomy = fake(20)
    make(2).waitFor(5, roomy, Number.POSITIVE_INFINITY)
    expect(roomy.calls).toEqual([])
    const crowded = fake(3)
    make(3).waitFor(5, crowded, Number.POSITIVE_INFINITY)
    expect(crowded.calls).toEqual(['raise', 'park Infinity', 'raise', 'lower'])
  })

  it('tries less after each wait that ended asleep, down to a sixteenth, and more again after each that did not', () => {
    const strategy = make(1)
    const shares: number[] = []
    for (let wait = 0; wait < 6; wait++) {
      strategy.waitFor(5, fake(100), Number.POSITIVE_INFINITY)
      shares.push(strategy.share)
    }
    expect(shares).toEqual([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 16, 1 / 16])
    for (let wait = 0; wait < 5; wait++) strategy.waitFor(5, fake(3), Number.POSITIVE_INFINITY)
    expect(strategy.share).toBe(1)
  })

  it('stays asleep at once however often that pays, with more threads than cores', () => {
    const strategy = make(3)
    for (let wait = 0; wait < 5; wait++) strategy.waitFor(5, fake(2), Number.POSITIVE_INFINITY)
    expect(strategy.share).toBe(0)
  })
})

describe('the strategy of an event loop', () => {
  it('looks, then arms one wait for each idle period', async () => {
    const source = fake(4)
    expect(await createAsyncWaitStrategy({ kind: 'async', looks: 0 }).waitForAsync(5, source, Number.POSITIVE_INFINITY)).toBe(5)
    expect(source.calls).toEqual(['raise', 'park Infinity', 'raise', 'park Infinity', 'raise', 'lower'])
  })

  it('ends when it is alerted and when the time is over, and leaves no flag up', async () => {
    const alerted = fake(Number.POSITIVE_INFINITY, 3)
    expect(await createAsyncWaitStrategy().waitForAsync(5, alerted, Number.POSITIVE_INFINITY)).toBe(2)
    const late = fake(Number.POSITIVE_INFINITY)
    expect(await createAsyncWaitStrategy({ kind: 'async', looks: 0 }, { clock: tickingClock() }).waitForAsync(5, late, 5)).toBe(2)
    expect([alerted.up, late.up]).toEqual([false, false])
    expect(late.calls.filter(call => call.startsWith('park'))).toEqual(['park 4', 'park 3', 'park 2', 'park 1'])
  })
})

describe('createWaitStrategy', () => {
  it('makes the adaptive one when nothing is said', () => {
    expect(defaultWaitStrategy).toEqual({ kind: 'adaptive' })
    expect(createWaitStrategy()).toBeInstanceOf(AdaptiveWaitStrategy)
  })

  it.each([
    { kind: 'napping' },
    { kind: 'yielding', spins: -1 },
    { kind: 'adaptive', yields: 1.5 },
    { kind: 'adaptive', spins: 1_000_001 },
    { kind: 'adaptive', threads: 0 },
    { kind: 'adaptive', cores: 0 },
  ])('refuses %o', handle => {
    let thrown: unknown
    try {
      createWaitStrategy(handle as WaitStrategyHandle)
    } catch (error) {
      thrown = error
    }
    expect(isDisruptorError(thrown, 'DX_OPTION')).toBe(true)
  })
})
