import { isDisruptorError } from '@disruptorx/contracts'
import {
  AdaptiveWaitStrategy,
  createAsyncWaitStrategy,
  createWaitStrategy,
  loadWaitStrategy,
  onEventLoop,
  type WaitStrategyHandle,
} from '@disruptorx/wait-strategies'
import { describe, expect, it } from 'vitest'

const url = new URL('./modules/own.ts', import.meta.url).href

describe('loading a wait strategy', () => {
  it('takes an export that is one', async () => {
    expect(await loadWaitStrategy({ kind: 'custom', url, exportName: 'ready' })).toMatchObject({ napMs: 'none' })
  })

  it.each(['make', 'makeLater', 'default'])('calls %s, a function that makes one, with the argument', async exportName => {
    expect(await loadWaitStrategy({ kind: 'custom', url, exportName, argument: 3 })).toMatchObject({ napMs: 3 })
  })

  it('makes every other kind as createWaitStrategy does, and hands on a strategy as it is', async () => {
    expect(await loadWaitStrategy()).toBeInstanceOf(AdaptiveWaitStrategy)
    const strategy = await loadWaitStrategy({ kind: 'blocking' })
    expect(await loadWaitStrategy(strategy)).toBe(strategy)
    await expect(loadWaitStrategy({ kind: 'yielding', spins: -1 })).rejects.toMatchObject({ code: 'DX_OPTION' })
    await expect(loadWaitStrategy(null as never)).rejects.toMatchObject({ code: 'DX_OPTION' })
  })

  it.each([
    ['missing', /export missing of .*own\.ts is missing; .*the module exports .*ready/],
    ['number', /export number of .* is a number/],
    ['makeNothing', /export makeNothing of .* is a function that made null/],
  ])('says what is wrong with export %s, and what there is', async (exportName, message) => {
    const loading = loadWaitStrategy({ kind: 'custom', url, exportName })
    await expect(loading).rejects.toMatchObject({ code: 'DX_STRATEGY_EXPORT', message: expect.stringMatching(message) })
  })

  it.each([
    ['nowhere.ts', /the module of the wait strategy, .*nowhere\.ts, cannot be loaded: /],
    ['throwing.ts', /throwing\.ts, cannot be loaded: broken on import/],
  ])('says that module %s cannot be loaded, and why', async (file, message) => {
    const loading = loadWaitStrategy({ kind: 'custom', url: new URL(`./modules/${file}`, import.meta.url).href, exportName: 'make' })
    await expect(loading).rejects.toMatchObject({
      code: 'DX_STRATEGY_MODULE',
      message: expect.stringMatching(message),
      cause: expect.any(Error),
    })
  })

  it('passes on what the function throws', async () => {
    await expect(loadWaitStrategy({ kind: 'custom', url, exportName: 'failing' })).rejects.toThrow('no naps today')
  })

  it.each([
    { url: './own.ts', exportName: 'make' },
    { url: '', exportName: 'make' },
    { exportName: 'make' },
    { url, exportName: '' },
    { url },
  ])('refuses %o', async handle => {
    await expect(loadWaitStrategy({ kind: 'custom', ...handle } as never)).rejects.toMatchObject({ code: 'DX_OPTION' })
  })
})

describe('createWaitStrategy', () => {
  it('refuses a strategy that has to be loaded, and says by what', () => {
    expect(() => createWaitStrategy({ kind: 'custom', url, exportName: 'make' })).toThrow(/loadWaitStrategy/)
  })

  it('hands on a strategy as it is', () => {
    const own = { waitFor: () => 5 }
    expect(createWaitStrategy(own)).toBe(own)
    const ownAsync = { waitForAsync: async () => 5 }
    expect(createAsyncWaitStrategy(ownAsync)).toBe(ownAsync)
  })

  it.each([
    [{ kind: 'napping' }, /option kind is 'napping'; it must be one of busySpin, .*custom/],
    [{}, /option kind is undefined/],
    [null, /option wait strategy is null; it must be a handle with a kind, or an object with waitFor/],
    [5, /option wait strategy is 5/],
    [{ waitFor: 5 }, /option kind is undefined/],
    [{ kind: 'yielding', spins: -1 }, /option spins is -1; it must be a whole number from 0 to 1000000/],
    [{ kind: 'sleeping', spins: 1_000_001 }, /spins/],
    [{ kind: 'sleeping', yields: 0.5 }, /yields/],
    [{ kind: 'sleeping', sleepUs: 0 }, /option sleepUs is 0; it must be a whole number from 1 to 1000000/],
    [{ kind: 'sleeping', sleepUs: 1_000_001 }, /sleepUs/],
    [{ kind: 'timeoutBlocking' }, /option timeoutMs is undefined; it must be a whole number from 1 to 2147483647/],
    [{ kind: 'timeoutBlocking', timeoutMs: 0 }, /timeoutMs/],
    [{ kind: 'timeoutBlocking', timeoutMs: Number.POSITIVE_INFINITY }, /timeoutMs/],
    [{ kind: 'phasedBackoff', spinNs: -1 }, /spinNs/],
    [{ kind: 'phasedBackoff', yieldNs: 1e9 + 1 }, /option yieldNs is 1000000001; it must be a whole number from 0 to 1000000000/],
    [
      { kind: 'phasedBackoff', fallback: { kind: 'busySpin' } },
      /option fallback.kind is 'busySpin'; it must be one of blocking, liteBlocking, sleeping/,
    ],
    [{ kind: 'phasedBackoff', fallback: { kind: 'sleeping', sleepUs: 0 } }, /sleepUs/],
    [{ kind: 'phasedBackoff', fallback: null }, /option fallback is null/],
    [{ kind: 'adaptive', spins: 1_000_001 }, /spins/],
    [{ kind: 'adaptive', yields: 1.5 }, /yields/],
    [{ kind: 'adaptive', threads: 0 }, /threads/],
    [{ kind: 'adaptive', cores: 65_537 }, /cores/],
  ])('refuses %o', (handle, message) => {
    const make = () => createWaitStrategy(handle as WaitStrategyHandle)
    expect(make).toThrow(message)
    expect(codeOf(make)).toBe('DX_OPTION')
  })

  it.each([
    { kind: 'yielding', spins: 1_000_000 },
    { kind: 'sleeping', spins: 0, yields: 0, sleepUs: 1_000_000 },
    { kind: 'timeoutBlocking', timeoutMs: 2 ** 31 - 1 },
    { kind: 'phasedBackoff', spinNs: 1e9, yieldNs: 0, fallback: { kind: 'timeoutBlocking', timeoutMs: 1 } },
    { kind: 'adaptive', spins: 0, yields: 1_000_000, threads: 65_536, cores: 1 },
  ] satisfies WaitStrategyHandle[])('takes %o', handle => {
    expect(createWaitStrategy(handle)).toHaveProperty('waitFor')
  })
})

describe('createAsyncWaitStrategy', () => {
  it.each([
    { kind: 'blocking' },
    {},
    null,
    { kind: 'async', looks: -1 },
    { kind: 'async', looks: 10_001 },
    { kind: 'async', timeoutMs: 0 },
    { kind: 'async', timeoutMs: 0.5 },
  ])('refuses %o', handle => {
    expect(codeOf(() => createAsyncWaitStrategy(handle as never))).toBe('DX_OPTION')
  })

  it('waits as long as a thread with the same handle would', () => {
    expect(onEventLoop({ kind: 'timeoutBlocking', timeoutMs: 7 })).toEqual({ kind: 'async', timeoutMs: 7 })
    expect(onEventLoop({ kind: 'phasedBackoff', fallback: { kind: 'timeoutBlocking', timeoutMs: 8 } })).toEqual({
      kind: 'async',
      timeoutMs: 8,
    })
    for (const handle of [{ kind: 'adaptive' }, { kind: 'phasedBackoff' }, { kind: 'custom', url, exportName: 'make' }] as const)
      expect(onEventLoop(handle)).toEqual({ kind: 'async' })
    expect(createAsyncWaitStrategy({ kind: 'async', timeoutMs: Number.POSITIVE_INFINITY })).toHaveProperty('waitForAsync')
  })
})

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (isDisruptorError(error)) return error.code
    throw error
  }
  return 'nothing thrown'
}
