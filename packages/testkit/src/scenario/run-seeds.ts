import { seeds } from '../seeds.ts'
import { addCoverage, type CoverageCounts } from '../simulation/coverage.ts'
import { ScenarioError } from './report.ts'
import type { Scenario, ScenarioResult } from './scenario.ts'
import { findShortestPrefix } from './shortest-prefix.ts'

/** Which seeds {@link runSeeds} takes: as {@link seeds}. */
export interface RunSeedsOptions {
  /** From 1 to 1,000,000. @default 1 */
  readonly count?: number
  /** @default 1 */
  readonly first?: number
}

/** What several runs of a scenario came to. */
export interface SeedTotals {
  readonly runs: number
  readonly events: number
  readonly simulatedMs: number
  readonly coverage: CoverageCounts
  readonly facts: CoverageCounts
}

/** Adds a run to what others came to. */
export function addResult(totals: SeedTotals, result: ScenarioResult): SeedTotals {
  return addTotals(totals, { ...result, runs: 1 })
}

/** Adds what other runs came to. */
export function addTotals(a: SeedTotals, b: SeedTotals): SeedTotals {
  return {
    runs: a.runs + b.runs,
    events: a.events + b.events,
    simulatedMs: a.simulatedMs + b.simulatedMs,
    coverage: addCoverage(a.coverage, b.coverage),
    facts: addCoverage(a.facts, b.facts),
  }
}

/** What no run came to. */
export const noTotals: SeedTotals = { runs: 0, events: 0, simulatedMs: 0, coverage: {}, facts: {} }

/**
 * Runs a scenario with one seed after another, in this process: for the tests of a package. The environment variable `DISRUPTORX_SEED` names a single one.
 *
 * @throws {ScenarioError} at the first seed that fails
 */
export async function runSeeds(scenario: Scenario, options: RunSeedsOptions = {}): Promise<SeedTotals> {
  let totals = noTotals
  for (const seed of seeds(options.count, options.first)) {
    const result = await scenario.run({ seed })
    if (result.failure !== undefined) throw new ScenarioError(scenario.name, result, await findShortestPrefix(scenario, result))
    totals = addResult(totals, result)
  }
  return totals
}
