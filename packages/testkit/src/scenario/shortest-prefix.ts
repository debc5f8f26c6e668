import type { Scenario, ScenarioResult } from './scenario.ts'

/** The beginning of a failed run that fails by itself. */
export interface ShortestPrefix {
  /** Events that it has. */
  readonly events: number
  /** What came of it, with a trace. */
  readonly result: ScenarioResult
  /** Runs that it took to find. */
  readonly runs: number
}

/**
 * Finds the shortest beginning of a failed run that fails too: by halving, with runs of the same seed that are cut after so many events and then check
 * all invariants. With invariants that are checked after every event it ends where the run did; with dear ones, or checks at the end, it finds the event
 * that did the damage. Where checks come and go it finds one of several such events.
 *
 * What only shows in a whole run, such as something that never happened, has no shorter beginning: the result is the whole run.
 */
export async function findShortestPrefix(scenario: Scenario, failed: ScenarioResult): Promise<ShortestPrefix> {
  const { seed, failure } = failed
  let runs = 0
  const run = async (events: number, trace = false) => {
    runs++
    return await scenario.run({ seed, trace, limits: { stopAfterEvents: events } })
  }
  let passes = 0
  let fails = failure?.kind === 'liveness' || failure?.kind === 'budget' ? failed.events + 1 : failed.events
  const hasShorter = failure?.kind !== 'liveness' && failure?.kind !== 'budget'
  while (hasShorter && fails - passes > 1) {
    const middle = passes + Math.floor((fails - passes) / 2)
    const result = await run(middle)
    if (result.failure === undefined) passes = middle
    else fails = Math.min(middle, result.events)
  }
  const result = await run(fails, true)
  // What comes after the last event of all cannot be cut off.
  if (result.failure !== undefined) return { events: result.events, result, runs }
  const whole = await scenario.run({ seed, trace: true })
  return { events: whole.events, result: whole, runs: runs + 1 }
}
