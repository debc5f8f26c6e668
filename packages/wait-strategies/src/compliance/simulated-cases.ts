import { isDisruptorError } from '@disruptorx/contracts'
import { ComplianceError } from './compliance-error.ts'
import type { ComplianceCase, Subject, Wait } from './options.ts'
import { type Happening, SimulatedWait, type SimulatedWaitOptions } from './simulated-wait.ts'
import { SteppingClock } from './stepping-clock.ts'

/** How many calls after the first `raise` are tried as the moment at which something happens: two rounds of raise, look and sleep. */
const POINTS = 14

/** When somebody else's move wakes it in vain: after its flag went up and before it sleeps. */
const SPURIOUS_AT = 2

/** How often a strategy with a limit of its own may end early before what it waits for has to be there. */
const MOST_EARLY_ENDS = 1000

/** What every simulated wait of the suite waits for, what there is at first, and where a move leads to. */
const AWAITED = 5
const BEFORE = 2
const AFTER = 7

const step50us = 50_000

type Setting = Omit<SimulatedWaitOptions, 'clock' | 'blocking' | 'sequence'> & { readonly sequence?: number }

/** Runs one wait of a new strategy, or of the one given, and checks how it ended. */
async function simulate(
  subject: Subject,
  setting: Setting,
  timeoutMs: number,
  stepNs: number,
  known?: [Wait, SteppingClock],
): Promise<SimulatedWait> {
  const clock = known?.[1] ?? new SteppingClock()
  const wait = known?.[0] ?? (await subject.make(clock))
  clock.stepNs = stepNs
  const sequence = setting.sequence ?? AWAITED
  const world = new SimulatedWait({ ...setting, sequence, clock, blocking: subject.blocking })
  const called = wait(sequence, world, timeoutMs)
  world.end(subject.blocking ? called : await called)
  return world
}

/** Runs waits with something happening at every moment of going to sleep, and hands each result to `check`. */
async function explore(subject: Subject, what: 'move' | 'alert', check: (result: number) => void): Promise<void> {
  const clock = new SteppingClock()
  const wait = await subject.make(clock)
  clock.stepNs = step50us
  const endsEarly = subject.ownLimitMs !== Infinity
  for (const spurious of [false, true]) {
    for (let at = 0; at < POINTS; at++) {
      for (let wakeAt = at; wakeAt < POINTS; wakeAt++) {
        const happenings: Happening[] = [
          { at, what },
          { at: wakeAt, what: 'wake' },
        ]
        if (spurious) happenings.unshift({ at: Math.min(SPURIOUS_AT, at), what: 'wake' })
        const world = new SimulatedWait({
          clock,
          sequence: AWAITED,
          available: BEFORE,
          movedTo: AFTER,
          endsEarly,
          happenings,
          blocking: subject.blocking,
        })
        check(await untilItEnds(subject, wait, world, what, `${what} before call ${at}, wake-up before call ${wakeAt} of going to sleep`))
        if (!world.raised) return
      }
    }
  }
}

async function untilItEnds(subject: Subject, wait: Wait, world: SimulatedWait, what: 'move' | 'alert', where: string): Promise<number> {
  try {
    for (let ends = 0; ; ends++) {
      const called = wait(AWAITED, world, Infinity)
      const result = world.end(subject.blocking ? called : await called)
      if (result >= AWAITED || (what === 'alert' && world.alerted())) return result
      if (ends >= MOST_EARLY_ENDS) throw new ComplianceError(`ended ${ends} times without having waited`)
    }
  } catch (error) {
    if (isDisruptorError(error, 'DX_COMPLIANCE')) throw new ComplianceError(`${error.details.what} (${where})`)
    throw error
  }
}

async function returnsWhatIsThere(subject: Subject): Promise<void> {
  for (const [sequence, available] of [
    [5, 5],
    [5, 9],
    [0, 0],
    [2 ** 40, 2 ** 40 + 3],
  ] as const) {
    const world = await simulate(subject, { sequence, available }, Infinity, 0)
    if (world.raised) throw new ComplianceError('announced a sleep though the sequence was there')
  }
}

async function findsMoves(subject: Subject): Promise<void> {
  await explore(subject, 'move', result => {
    if (result !== AFTER) throw new ComplianceError(`returned ${result} when ${AFTER} was available`)
  })
}

async function findsAlerts(subject: Subject): Promise<void> {
  await explore(subject, 'alert', result => {
    if (result !== BEFORE) throw new ComplianceError(`returned ${result} when ${BEFORE} was available`)
  })
}

async function endsWhenAlertedBefore(subject: Subject): Promise<void> {
  for (const timeoutMs of [Infinity, 10]) {
    const world = await simulate(subject, { available: BEFORE, alerted: true, limitMs: timeoutMs }, timeoutMs, 0)
    if (world.sleeps > 0) throw new ComplianceError('slept though it was alerted before it started')
  }
}

async function doesNotWaitForNothing(subject: Subject): Promise<void> {
  const world = await simulate(subject, { available: BEFORE, limitMs: 0 }, 0, 0)
  if (world.sleeps > 0) throw new ComplianceError('slept with a limit of 0')
}

async function refusesOddLimits(subject: Subject): Promise<void> {
  for (const timeoutMs of [Number.NaN, -1, -Infinity]) {
    const clock = new SteppingClock()
    const wait = await subject.make(clock)
    const world = new SimulatedWait({ clock, sequence: AWAITED, available: BEFORE, endsEarly: true, blocking: subject.blocking })
    try {
      world.end(await wait(AWAITED, world, timeoutMs))
    } catch (error) {
      if (isDisruptorError(error, 'DX_COMPLIANCE')) throw new ComplianceError(`${error.details.what} (with a limit of ${timeoutMs})`)
    }
    if (world.sleeps > 0) throw new ComplianceError(`slept with a limit of ${timeoutMs}`)
  }
}

async function endsInTime(subject: Subject): Promise<void> {
  for (const timeoutMs of [0.5, 5, 1000, Infinity]) {
    const limitMs = Math.min(timeoutMs, subject.ownLimitMs)
    if (limitMs === Infinity) continue
    const stepNs = (limitMs / 100) * 1e6
    const world = await simulate(subject, { available: BEFORE, limitMs }, timeoutMs, stepNs)
    if (world.overMs > (8 * stepNs) / 1e6) throw new ComplianceError(`ended ${world.overMs} ms after a limit of ${limitMs} ms`)
  }
}

async function servesWaitAfterWait(subject: Subject): Promise<void> {
  const clock = new SteppingClock()
  const known: [Wait, SteppingClock] = [await subject.make(clock), clock]
  const endsEarly = subject.ownLimitMs !== Infinity
  const settings: Setting[] = [
    { available: AFTER },
    {
      available: BEFORE,
      movedTo: AFTER,
      endsEarly,
      happenings: [
        { at: 3, what: 'move' },
        { at: 3, what: 'wake' },
      ],
    },
    { available: BEFORE, alerted: true },
    {
      available: BEFORE,
      endsEarly,
      happenings: [
        { at: 3, what: 'alert' },
        { at: 3, what: 'wake' },
      ],
    },
  ]
  for (let round = 0; round < 12; round++) await simulate(subject, settings[round % 4] as Setting, Infinity, step50us, known)
}

/** The cases that need neither threads nor real time. */
export function simulatedCases(subject: Subject): ComplianceCase[] {
  const cases: [string, (subject: Subject) => Promise<void>][] = [
    ['returns at once all that is available, without a sleep', returnsWhatIsThere],
    ['returns what there is when the sequence moves, whenever that happens while it goes to sleep', findsMoves],
    ['returns what there is when it is alerted, whenever that happens while it goes to sleep', findsAlerts],
    ['ends at once when it was alerted before', endsWhenAlertedBefore],
    ['does not wait with a limit of 0', doesNotWaitForNothing],
    ['does not wait with a limit that is negative or no number', refusesOddLimits],
    ['serves one wait after the other', servesWaitAfterWait],
  ]
  if (!subject.ownClock) cases.push(['ends when its time is over, neither before nor much later', endsInTime])
  return cases.map(([name, check]) => ({ name, run: () => check(subject) }))
}
