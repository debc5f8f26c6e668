import type { WaitSource } from '@disruptorx/contracts'
import { isDisruptorError } from '@disruptorx/contracts'
import {
  asyncWaitStrategyCases,
  type ComplianceCase,
  type ComplianceOptions,
  waitStrategyCases,
  waitStrategySuite,
} from '@disruptorx/wait-strategies/compliance'
import { describe, expect, it } from 'vitest'
import { broken, brokenAsync, deafSpinner } from './broken-strategies.ts'

/** The message of each case that rejects. */
async function rejections(cases: readonly ComplianceCase[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { name, run } of cases) {
    try {
      await run()
    } catch (error) {
      if (!isDisruptorError(error, 'DX_COMPLIANCE')) throw error
      found[name] = error.message
    }
  }
  return found
}

const AT_ONCE = 'returns at once all that is available, without a sleep'
const MOVES = 'returns what there is when the sequence moves, whenever that happens while it goes to sleep'
const ALERTS = 'returns what there is when it is alerted, whenever that happens while it goes to sleep'
const ALERTED_BEFORE = 'ends at once when it was alerted before'
const ZERO = 'does not wait with a limit of 0'
const ODD = 'does not wait with a limit that is negative or no number'
const REUSE = 'serves one wait after the other'
const IN_TIME = 'ends when its time is over, neither before nor much later'
const REAL_TIME = 'ends when its time is over by a real clock'
const MEMORY = 'allocates nothing'
const THREADS = 'misses none of 2000 moves of another thread, nor its alert'

/** For each case a strategy that it rejects, and what it says of it. */
const rejected: [string, ComplianceOptions['make'], RegExp][] = [
  [AT_ONCE, broken({ skipFirstLook: true }), /announced a sleep though the sequence was there/],
  [AT_ONCE, broken({ result: (_, sequence) => sequence }), /returned 5, but its last look found 9/],
  [AT_ONCE, broken({ result: () => undefined }), /returned undefined, not a sequence/],
  [AT_ONCE, broken({ result: available => Promise.resolve(available) }), /returned an object, not a sequence/],
  [MOVES, broken({ neverRaise: true }), /slept without having raised its flag/],
  [MOVES, broken({ raiseOnce: true }), /slept without having raised its flag since its last sleep/],
  [MOVES, broken({ noLookAfterRaise: true }), /did not look again between raising its flag and sleeping/],
  [MOVES, broken({ leaveFlagUp: true }), /left its flag up/],
  [MOVES, broken({ trustWakes: true }), /returned 5 without having looked, or not since its last sleep/],
  [ALERTS, broken({ noAlertAfterRaise: true }), /slept through a wake-up: it had been alerted before it slept \(alert before call 0/],
  [ALERTS, () => deafSpinner, /did not end, though it was alerted/],
  [ALERTED_BEFORE, broken({ neverAlerted: true }), /slept through a wake-up: it had been alerted before/],
  [ZERO, broken({ ignoreLimit: true }), /wanted to sleep for up to Infinity ms when 0 ms were left/],
  [ODD, broken({ acceptAnyLimit: true }), /slept with a limit that is no number/],
  [REUSE, broken({ waits: 5 }), /returned -1 without having looked/],
  [IN_TIME, broken({ ignoreLimit: true }), /wanted to sleep for up to Infinity ms/],
  [IN_TIME, broken({ sleepPastLimit: true }), /wanted to sleep for up to/],
  [IN_TIME, broken({ endEarlyMs: 3 }), /ms before its time was over/],
  [IN_TIME, broken({ result: () => 3 }), /returned 3, but its last look found 2/],
  [REAL_TIME, broken({ endEarlyMs: 19 }), /ended after .* ms of 20/],
  [REAL_TIME, broken({ leaveFlagUp: true }), /left its flag up when its time was over/],
  [REAL_TIME, broken({ result: () => 1 }), /returned 1 when 0 was available/],
  [MEMORY, broken({ allocate: true }), /allocated \d+ bytes in each wait/],
  [THREADS, broken({ slowToRaise: true, noLookAfterRaise: true }), /slept through a wake-up: another thread had moved the sequence to/],
  [THREADS, broken({ leaveFlagUp: true }), /left its flag up/],
  [THREADS, broken({ neverRaise: true }), /slept without having raised its flag/],
  [THREADS, broken({ result: available => available - 1 }), /returned 0 when it waited for 1 without a limit/],
]

describe('the compliance suite', () => {
  it('finds nothing wrong with a strategy that is right', async () => {
    expect(await rejections(waitStrategyCases({ make: broken({}) }))).toEqual({})
  })

  it.each(rejected)('rejects by "%s" what is broken there', async (name, make, message) => {
    const found = waitStrategyCases({ make }).find(each => each.name === name) as ComplianceCase
    await expect(found.run()).rejects.toMatchObject({ code: 'DX_COMPLIANCE', message: expect.stringMatching(message) })
  })

  it('has no case that rejects nothing', () => {
    const names = waitStrategyCases({ make: broken({}) }).map(({ name }) => name)
    expect(new Set(rejected.map(([name]) => name))).toEqual(new Set(names))
  })

  it('lets a strategy end early if it has a limit of its own, but not without having waited at all', async () => {
    const make = broken({ result: available => available, endEarlyMs: 0 })
    const endsAtOnce = () => ({ waitFor: (_: number, source: WaitSource) => source.available() })
    expect(await rejections(waitStrategyCases({ make, ownLimitMs: 5 }))).toHaveProperty([IN_TIME])
    expect(await rejections(waitStrategyCases({ make: endsAtOnce, ownLimitMs: 5 }))).toMatchObject({
      [MOVES]: expect.stringContaining('without having waited'),
    })
  })

  it('leaves simulated time out for a strategy with a clock of its own', () => {
    expect(waitStrategyCases({ make: broken({}), ownClock: true }).map(({ name }) => name)).not.toContain(IN_TIME)
    expect(waitStrategyCases({ make: broken({}) }).map(({ name }) => name)).toContain(IN_TIME)
  })

  it('passes on what a strategy throws', async () => {
    const make = () => ({
      waitFor: () => {
        throw new RangeError('not written yet')
      },
    })
    for (const { name, run } of waitStrategyCases({ make })) if (name !== ODD) await expect(run()).rejects.toThrow('not written yet')
  })

  it('makes a test of each case with any framework', () => {
    const calls: string[] = []
    const framework = {
      describe(name: string, define: () => void) {
        calls.push(name)
        define()
      },
      it: (name: string, run: () => Promise<void>) => calls.push(`${name}: ${typeof run}`),
    }
    waitStrategySuite(framework, 'mine', { make: broken({}) })
    expect(calls).toEqual(['mine', ...waitStrategyCases({ make: broken({}) }).map(({ name }) => `${name}: function`)])
  })
})

describe('the compliance suite for event loops', () => {
  const first = async (waitForAsync: Parameters<typeof brokenAsync>[0], name: string) =>
    (await rejections(asyncWaitStrategyCases({ make: brokenAsync(waitForAsync) }).filter(each => each.name === name)))[name]

  it('rejects what is no promise, what blocks, and what does not wait', async () => {
    expect(await first(() => 5, AT_ONCE)).toContain('returned 5, not a promise')
    const blocks = async (sequence: number, source: WaitSource) =>
      broken({})({ nowMs: () => 0, monotonicNs: () => 0 }).waitFor(sequence, source, Infinity)
    expect(await first(blocks, MOVES)).toContain('called park, which blocks the event loop')
    expect(await first(async (_: number, source: WaitSource) => source.available(), MOVES)).toContain('before its time was over')
  })

  it('rejects a wait that misses a wake-up', async () => {
    const deaf = async (sequence: number, source: WaitSource) => {
      while (source.available() < sequence) {
        source.parker.raise()
        source.available()
        await source.parker.parkAsync(Infinity)
      }
      source.parker.lower()
      return source.available()
    }
    expect(await first(deaf, MOVES)).toContain('slept through a wake-up: the sequence had moved before it slept')
  })

  it('rejects a blocking strategy that sleeps as an event loop does', async () => {
    const make = () => ({
      waitFor(sequence: number, source: WaitSource) {
        source.parker.raise()
        if (source.available() < sequence) source.parker.parkAsync(1)
        source.parker.lower()
        return source.available()
      },
    })
    const cases = waitStrategyCases({ make }).filter(each => each.name === MOVES)
    expect(await rejections(cases)).toEqual({ [MOVES]: expect.stringContaining('parkAsync, which does not wait') })
  })
})
