import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ParkingLot } from '../src/parking/parking-lot.ts'

/**
 * The real parking lot, with other threads' steps put between its atomic accesses: one thread runs, and before its n-th access another one does
 * something from beginning to end. All n are tried, so every order of whole steps around every access is.
 */
let accesses = 0
let interruptions: { readonly at: number; readonly run: () => void }[] = []
let busy = false
/** What a sleeper sleeps on; undefined while it is awake. */
let asleepOn: { readonly words: Int32Array; readonly index: number; readonly value: number } | undefined

function interrupt(): void {
  if (busy) return
  busy = true
  while (interruptions[0] !== undefined && interruptions[0].at <= accesses) interruptions.shift()?.run()
  busy = false
  accesses++
}

beforeEach(() => {
  for (const name of ['load', 'store', 'add', 'exchange', 'compareExchange', 'notify'] as const) {
    const real = Atomics[name] as (...args: unknown[]) => unknown
    vi.spyOn(Atomics, name).mockImplementation(((...args: unknown[]) => {
      interrupt()
      return real(...args)
    }) as never)
  }
  vi.spyOn(Atomics, 'waitAsync').mockImplementation(((words: Int32Array, index: number, value: number) => {
    interrupt()
    if (words[index] !== value) return { async: false, value: 'not-equal' }
    asleepOn = { words, index, value }
    return { async: true, value: new Promise(() => {}) }
  }) as never)
})

afterEach(() => vi.restoreAllMocks())

/** Whether whoever slept still does. */
function asleep(): boolean {
  return asleepOn !== undefined && asleepOn.words[asleepOn.index] === asleepOn.value
}

/** A lot with a sleeper and a mover, as the steps that they take. */
function scene() {
  const lot = ParkingLot.create({ maxThreads: 3, fallbackMs: Number.POSITIVE_INFINITY })
  const other = lot.parker()
  const parker = lot.parker()
  let moved = false
  const steps = {
    lot,
    other,
    raise: () => parker.raise(),
    lookAndSleep: () => (moved ? parker.lower() : void parker.parkAsync(Number.POSITIVE_INFINITY)),
    move() {
      moved = true
      lot.unparkAll()
    },
  }
  accesses = 0
  interruptions = []
  asleepOn = undefined
  return steps
}

/** Runs what is left, as the interrupted thread has ended. */
function finish(): void {
  accesses = Number.POSITIVE_INFINITY
  interrupt()
}

describe('a move at any moment', () => {
  it('wakes a thread that goes to sleep', () => {
    let slept = 0
    for (let at = 0; at < 20; at++) {
      const { raise, lookAndSleep, move } = scene()
      interruptions = [{ at, run: move }]
      raise()
      lookAndSleep()
      if (asleep()) slept++
      finish()
      expect(asleep(), `moved before access ${at}`).toBe(false)
    }
    expect(slept).toBeGreaterThan(0)
    expect(slept).toBeLessThan(20)
  })

  it('finds a thread that goes to sleep while it happens', () => {
    let slept = 0
    for (let raiseAt = 0; raiseAt < 16; raiseAt++) {
      for (let sleepAt = raiseAt; sleepAt < 16; sleepAt++) {
        const { other, lot, raise, lookAndSleep, move } = scene()
        other.raise()
        accesses = 0
        interruptions = [
          { at: raiseAt, run: raise },
          { at: sleepAt, run: lookAndSleep },
        ]
        // Somebody else's move, which wakes the other sleeper; ours is still to come.
        lot.unparkAll()
        finish()
        if (asleep()) slept++
        move()
        expect(asleep(), `raised before access ${raiseAt}, slept before ${sleepAt}`).toBe(false)
      }
    }
    expect(slept).toBeGreaterThan(0)
  })

  it('is not lost behind another one that has taken the flag of the lot down', () => {
    for (let raiseAt = 0; raiseAt < 14; raiseAt++) {
      for (let sleepAt = raiseAt; sleepAt < 14; sleepAt++) {
        for (let moveAt = sleepAt; moveAt < 14; moveAt++) {
          const { other, lot, raise, lookAndSleep, move } = scene()
          other.raise()
          accesses = 0
          interruptions = [
            { at: raiseAt, run: raise },
            { at: sleepAt, run: lookAndSleep },
            { at: moveAt, run: move },
          ]
          lot.unparkAll()
          finish()
          expect(asleep(), `raised before access ${raiseAt}, slept before ${sleepAt}, moved before ${moveAt}`).toBe(false)
        }
      }
    }
  })

  it('is not lost when another one came, or another sleeper changed its mind or was reclaimed, on the way to sleep', () => {
    for (let at = 0; at < 16; at++) {
      for (const disturb of ['unparkAll', 'unparkAll alone', 'reclaim', 'lower', 'close'] as const) {
        const { other, lot, raise, lookAndSleep, move } = scene()
        const disturbances = {
          unparkAll: () => lot.unparkAll(),
          'unparkAll alone': () => lot.unparkAll(),
          reclaim: () => lot.reclaim(99),
          lower: () => other.lower(),
          close: () => other.close(),
        }
        if (disturb !== 'unparkAll alone') other.raise()
        accesses = 0
        interruptions = [{ at, run: () => disturbances[disturb]() }]
        raise()
        lookAndSleep()
        finish()
        move()
        expect(asleep(), `${disturb} before access ${at}`).toBe(false)
      }
    }
  })
})
