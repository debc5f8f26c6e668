import type { Clock } from '@disruptorx/contracts'
import {
  AdaptiveWaitStrategy,
  createAsyncWaitStrategy,
  createWaitStrategy,
  defaultWaitStrategy,
  type WaitStrategyHandle,
} from '@disruptorx/wait-strategies'
import { describe, expect, it, vi } from 'vitest'
import { fake, tickingClock } from './support.ts'

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

describe('the looks of an event loop before it arms its wait', () => {
  it('spare it the wait, and halve after each wait that they did not spare', async () => {
    const strategy = createAsyncWaitStrategy({ kind: 'async', looks: 32 })
    const spared = fake(33)
    await strategy.waitForAsync(5, spared, Number.POSITIVE_INFINITY)
    expect(spared.calls).toEqual([])
    const looks: number[] = []
    for (let wait = 0; wait < 6; wait++) {
      const idle = fake(Number.POSITIVE_INFINITY, 1000)
      const stopped = { available: idle.available, parker: idle.parker, alerted: () => idle.calls.length > 0 }
      await strategy.waitForAsync(5, stopped, Number.POSITIVE_INFINITY)
      looks.push(idle.looks)
    }
    // One before, and one after the flag is up.
    expect(looks).toEqual([34, 18, 10, 10, 10, 10])
    for (let wait = 0; wait < 5; wait++) await strategy.waitForAsync(5, fake(2), Number.POSITIVE_INFINITY)
    const again = fake(33)
    await strategy.waitForAsync(5, again, Number.POSITIVE_INFINITY)
    expect(again.calls).toEqual([])
  })
})

describe('phased back-off', () => {
  const make = (clock: Clock) => createWaitStrategy({ kind: 'phasedBackoff', spinNs: 3e6, yieldNs: 2e6 }, { clock })

  it('spins for its time, yields for its time, and only then sleeps', () => {
    const source = fake(1000)
    const naps = recordNaps(() => make(tickingClock()).waitFor(5, source, Number.POSITIVE_INFINITY))
    // The clock goes on by 1 ms at each reading: one at the start, then one for every 64 looks, or for each nap.
    expect(naps).toEqual([0.001])
    expect(source.calls[0]).toBe('raise')
    const spinning = fake(1 + 128)
    const yielding = fake(1 + 128 + 1)
    const parking = fake(1 + 128 + 1 + 1 + 1)
    for (const each of [spinning, yielding, parking]) recordNaps(() => make(tickingClock()).waitFor(5, each, Number.POSITIVE_INFINITY))
    expect([spinning.calls, yielding.calls, parking.calls]).toEqual([[], [], ['raise', 'lower']])
  })

  it('sleeps no longer than what is left of a limit after that', () => {
    const source = fake(1000)
    recordNaps(() => make(tickingClock()).waitFor(5, source, 20))
    const first = source.calls.find(call => call.startsWith('park'))
    expect(Number(first?.slice(5))).toBeLessThan(15)
    expect(source.up).toBe(false)
  })
})

describe('the sleeping strategy', () => {
  it('spins, takes the shortest naps, and then naps of its length, or of what is left', () => {
    const handle = { kind: 'sleeping', spins: 2, yields: 2, sleepUs: 250 } as const
    const naps = recordNaps(() => createWaitStrategy(handle).waitFor(5, fake(8), Number.POSITIVE_INFINITY))
    expect(naps).toEqual([0.001, 0.001, 0.25, 0.25, 0.25])
    const last = recordNaps(() =>
      createWaitStrategy({ ...handle, spins: 0, yields: 0, sleepUs: 1500 }, { clock: tickingClock() }).waitFor(5, fake(99), 4),
    )
    expect(last).toEqual([1.5, 1.5, 1])
  })
})

describe('a limit', () => {
  it.each([Number.NaN, -1, Number.NEGATIVE_INFINITY])('of %s is refused by name, as soon as there is something to wait for', limit => {
    for (const handle of kinds) {
      const strategy = createWaitStrategy(handle)
      expect(() => strategy.waitFor(5, fake(99), limit)).toThrow(/option timeoutMs is .*; it must be a number from 0, or Infinity/)
      expect(strategy.waitFor(5, fake(1), limit)).toBe(5)
    }
  })

  it('is looked at while a strategy spins', () => {
    const source = fake(1e9)
    createWaitStrategy({ kind: 'yielding', spins: 1_000_000 }, { clock: tickingClock() }).waitFor(5, source, 3)
    expect(source.looks).toBe(1 + 2 * 64)
  })

  it('of a strategy of its own counts where it is the shorter one', () => {
    const make = () => createWaitStrategy({ kind: 'timeoutBlocking', timeoutMs: 3 }, { clock: tickingClock() })
    const [own, shorter] = [fake(99), fake(99)]
    make().waitFor(5, own, Number.POSITIVE_INFINITY)
    make().waitFor(5, shorter, 2)
    expect([own.calls, shorter.calls].map(calls => calls.filter(call => call.startsWith('park')))).toEqual([
      ['park 2', 'park 1'],
      ['park 1'],
    ])
  })
})

describe('on a thread that may not block', () => {
  it.each([
    { kind: 'yielding', spins: 1 },
    { kind: 'sleeping', spins: 1 },
    { kind: 'adaptive', spins: 1, cores: 2 },
    { kind: 'phasedBackoff', spinNs: 0 },
  ] as const)('a wait with %o says so, and what to do', handle => {
    const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      throw new TypeError('Atomics.wait cannot be called in this context')
    })
    try {
      const strategy = createWaitStrategy(handle)
      expect(() => strategy.waitFor(5, fake(99), Number.POSITIVE_INFINITY)).toThrow(
        expect.objectContaining({ code: 'DX_BLOCKING_FORBIDDEN', message: expect.stringContaining('or a worker') }),
      )
    } finally {
      wait.mockRestore()
    }
  })

  it('is where there is no shared memory, too: the package can be imported there, and spin', async () => {
    vi.resetModules()
    vi.stubGlobal('SharedArrayBuffer', undefined)
    try {
      const elsewhere = await import('../src/index.ts')
      expect(elsewhere.createWaitStrategy({ kind: 'busySpin' }).waitFor(5, fake(9), 10)).toBe(5)
      const yielding = elsewhere.createWaitStrategy({ kind: 'yielding', spins: 1 })
      expect(() => yielding.waitFor(5, fake(99), 10)).toThrow(/would block/)
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe('createWaitStrategy', () => {
  it('makes the adaptive one when nothing is said', () => {
    expect(defaultWaitStrategy).toEqual({ kind: 'adaptive' })
    expect(createWaitStrategy()).toBeInstanceOf(AdaptiveWaitStrategy)
  })
})

/** Runs `wait`, whose naps end at once, and returns how long each was to be. */
function recordNaps(wait: () => unknown): number[] {
  const naps: number[] = []
  const spy = vi.spyOn(Atomics, 'wait').mockImplementation((_words: unknown, _index: unknown, _value: unknown, timeoutMs?: number) => {
    naps.push(timeoutMs ?? Number.NaN)
    return 'timed-out'
  })
  try {
    wait()
  } finally {
    spy.mockRestore()
  }
  return naps
}
