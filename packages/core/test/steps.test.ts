import { ParkingLot, runStep, runStepAsync, SharedFlag } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'

/** A step that returns what the list says, one after the other, and 0 from then on. */
function scripted(returns: readonly number[]) {
  const step = { calls: 0, step: () => returns[step.calls++] ?? 0 }
  return step
}

describe('runStep', () => {
  it('calls the step until it is stopped, and not once more', () => {
    const parker = ParkingLot.create().parker()
    const step = scripted([])
    runStep(step, { parker, stopped: () => step.calls === 5 })
    expect(step.calls).toBe(5)
  })

  it('sleeps no longer than the step asks for', () => {
    const parker = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY }).parker()
    const step = scripted([5, 5, 5, Number.POSITIVE_INFINITY, 5, 0])
    const sleeps: number[] = []
    const recording = {
      raise: () => parker.raise(),
      lower: () => parker.lower(),
      park: (timeoutMs: number) => sleeps.push(timeoutMs),
      parkAsync: async () => {},
    }
    const parkAtOnce = {
      waitFor(sequence: number, source: { parker: typeof recording; available(): number }) {
        for (;;) {
          if (source.available() >= sequence) return sequence
          source.parker.park(Number.POSITIVE_INFINITY)
        }
      },
    }
    runStep(step, { parker: recording, strategy: parkAtOnce as never, stopped: () => step.calls >= 6 })
    expect(sleeps).toEqual([5, 5, Number.POSITIVE_INFINITY, 5])
  })

  it('looks once more after it has said that it will sleep', () => {
    const lot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const parker = lot.parker()
    let raised = false
    let calls = 0
    const watched = {
      raise() {
        parker.raise()
        raised = true
      },
      lower: () => parker.lower(),
      park: () => expect.unreachable('the event came before the sleep'),
      parkAsync: () => expect.unreachable('not asked for'),
    }
    const step = () => {
      calls++
      return raised ? 0 : Number.POSITIVE_INFINITY
    }
    runStep({ step }, { parker: watched as never, stopped: () => raised && calls > 0 })
    expect(raised).toBe(true)
  })

  it('throws what the step throws, and takes its flag down', () => {
    const lot = ParkingLot.create()
    const step = () => {
      throw new Error('broken')
    }
    expect(() => runStep({ step }, { parker: lot.parker(), stopped: () => false })).toThrow('broken')
    expect(lot.stats().sleeping).toBe(0)
  })
})

describe('runStepAsync', () => {
  it('lets the event loop do other things while the step always has work', async () => {
    const parker = ParkingLot.create().parker()
    let stopped = false
    setImmediate(() => setImmediate(() => (stopped = true)))
    const step = scripted([])
    await runStepAsync(step, { parker, stopped: () => stopped })
    expect(step.calls).toBeGreaterThan(10)
  })

  it('sleeps until it is woken, and ends when the flag that woke it says so', async () => {
    const lot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const flag = SharedFlag.create(lot)
    const step = scripted(new Array(100).fill(Number.POSITIVE_INFINITY))
    const run = runStepAsync(step, { parker: lot.parker(), stopped: () => flag.raised })
    await new Promise(resolve => setTimeout(resolve, 10))
    const calls = step.calls
    expect(calls).toBeLessThan(50)
    flag.raise()
    await run
    expect(step.calls).toBeLessThanOrEqual(calls + 1)
  })
})
