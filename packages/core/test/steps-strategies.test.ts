import type { Parker, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { ParkingLot, runStep, runStepAsync } from '@disruptorx/core'
import type { WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { describe, expect, it } from 'vitest'
import { codeOf, codeOfAsync } from './support.ts'

/** A step that never has anything to do, and is stopped after so many calls. */
function idle(calls: number, delayMs = Number.POSITIVE_INFINITY) {
  const state = {
    calls: 0,
    step() {
      state.calls++
      return delayMs
    },
    stopped: () => state.calls >= calls,
  }
  return state
}

const forEver = { fallbackMs: Number.POSITIVE_INFINITY } as const

describe('a step whose strategy has a time limit', () => {
  it('is told of every wait that ended by it, and goes on', () => {
    const parker = ParkingLot.create(forEver).parker()
    const step = idle(Number.POSITIVE_INFINITY)
    let timeouts = 0
    const calls: number[] = []
    runStep(step, {
      parker,
      strategy: { kind: 'timeoutBlocking', timeoutMs: 1 },
      stopped: () => timeouts === 3,
      onTimeout: () => calls.push(step.calls) && timeouts++,
    })
    expect(calls.length).toBe(3)
    expect(calls.every((count, i) => count > (calls[i - 1] ?? 0))).toBe(true)
  })

  it('is told so on an event loop, too', async () => {
    const parker = ParkingLot.create(forEver).parker()
    let timeouts = 0
    const hold = setInterval(() => {}, 1000)
    await runStepAsync(idle(Number.POSITIVE_INFINITY), {
      parker,
      strategy: { kind: 'async', timeoutMs: 1 },
      stopped: () => timeouts === 3,
      onTimeout: () => timeouts++,
    })
    clearInterval(hold)
    expect(timeouts).toBe(3)
  })

  it('is not told when it was stopped, nor when it had something to do', async () => {
    const parker = ParkingLot.create(forEver).parker()
    let timeouts = 0
    const onTimeout = () => timeouts++
    runStep(idle(2), { parker, strategy: { kind: 'timeoutBlocking', timeoutMs: 1 }, stopped: () => true, onTimeout })
    const step = idle(2)
    runStep(step, { parker, strategy: { kind: 'timeoutBlocking', timeoutMs: 1000 }, stopped: step.stopped, onTimeout })
    const busy = { calls: 0, step: () => (++busy.calls % 2 === 0 ? 0 : Number.POSITIVE_INFINITY) }
    runStep(busy, { parker, strategy: { kind: 'timeoutBlocking', timeoutMs: 1000 }, stopped: () => busy.calls >= 100, onTimeout })
    const again = idle(2)
    await runStepAsync(again, { parker, strategy: { kind: 'async', timeoutMs: 1000 }, stopped: again.stopped, onTimeout })
    expect(timeouts).toBe(0)
  })

  it('sleeps no longer than it asked for, and that is no time limit of the strategy', () => {
    const sleeps: number[] = []
    const parker: Parker = { raise() {}, lower() {}, park: limitMs => void sleeps.push(limitMs), parkAsync: async () => {} }
    const step = idle(5, 5)
    let timeouts = 0
    runStep(step, {
      parker,
      strategy: { kind: 'timeoutBlocking', timeoutMs: 1_000_000 },
      stopped: step.stopped,
      onTimeout: () => timeouts++,
    })
    expect(sleeps).toEqual([5, 5])
    expect(timeouts).toBe(0)
  })

  it('ends with what onTimeout throws, and leaves no flag up', async () => {
    const lot = ParkingLot.create(forEver)
    const onTimeout = () => {
      throw new RangeError('enough')
    }
    const options = { parker: lot.parker(), stopped: () => false, onTimeout }
    const run = () => runStep(idle(9), { ...options, strategy: { kind: 'timeoutBlocking', timeoutMs: 1 } })
    expect(run).toThrow('enough')
    const hold = setInterval(() => {}, 1000)
    await expect(runStepAsync(idle(9), { ...options, strategy: { kind: 'async', timeoutMs: 1 } })).rejects.toThrow('enough')
    clearInterval(hold)
    expect(lot.stats().sleeping).toBe(0)
  })
})

describe('the strategy of a step', () => {
  const handles: WaitStrategyHandle[] = [
    { kind: 'busySpin' },
    { kind: 'yielding' },
    { kind: 'sleeping', sleepUs: 1 },
    { kind: 'blocking' },
    { kind: 'liteBlocking' },
    { kind: 'timeoutBlocking', timeoutMs: 1 },
    { kind: 'phasedBackoff', spinNs: 1, yieldNs: 1 },
    { kind: 'adaptive' },
    { kind: 'adaptive', threads: 9, cores: 2 },
  ]

  it.each(handles)('may be any of ours: %o', handle => {
    const step = idle(40)
    runStep(step, { parker: ParkingLot.create({ fallbackMs: 1 }).parker(), strategy: handle, stopped: step.stopped })
    expect(step.calls).toBe(40)
  })

  it('may be one of your own', async () => {
    const waits: string[] = []
    const own: WaitStrategy = {
      waitFor(sequence: number, source: WaitSource, timeoutMs: number) {
        waits.push(`${sequence} ${timeoutMs}`)
        return source.available()
      },
    }
    const parker = ParkingLot.create().parker()
    const step = idle(4)
    runStep(step, { parker, strategy: own, stopped: step.stopped })
    expect(waits).toEqual(['1 Infinity', '1 Infinity'])
    const again = idle(4)
    const strategy = {
      waitForAsync: async (sequence: number, source: WaitSource, timeoutMs: number) => own.waitFor(sequence, source, timeoutMs),
    }
    await runStepAsync(again, { parker, strategy, stopped: again.stopped })
    expect(waits.length).toBe(4)
  })

  it('is refused before the first call when it is none', async () => {
    const parker = ParkingLot.create().parker()
    const step = idle(1)
    for (const strategy of [
      { kind: 'lazy' },
      {},
      null,
      5,
      { kind: 'yielding', spins: -1 },
      { kind: 'custom', url: 'file:///a.js', exportName: 'a' },
    ]) {
      expect(codeOf(() => runStep(step, { parker, strategy: strategy as never, stopped: () => false }))).toBe('DX_OPTION')
      expect(await codeOfAsync(runStepAsync(step, { parker, strategy: strategy as never, stopped: () => false }))).toBe('DX_OPTION')
    }
    expect(step.calls).toBe(0)
  })
})
