import type { ScenarioFile } from '../find.ts'
import type { SeedsOptions, SeedsResult, Testkit } from '../testkit.ts'

/** What running a scenario comes to: its result, or why it cannot be run. */
type Outcome = SeedsResult | Error

/** A scenario of the package `p`. */
export function scenarioNamed(name: string): ScenarioFile {
  return { id: `p/${name}`, name, packageDir: '/p', path: `test/sim/${name}.scenario.ts` }
}

/** So many seeds that are right, but for the one named. */
export function ran(runs: number, failed?: { readonly seed: number; readonly message: string }): SeedsResult {
  const totals = { runs, events: 10 * runs, simulatedMs: 1_000 * runs, coverage: {}, facts: {} }
  return {
    totals,
    elapsedMs: 1_000,
    failed: failed && { ...failed, events: 10, shortestEvents: 5, report: [`report of seed ${failed.seed}`] },
  }
}

/** A testkit that runs nothing: each run comes to what is said of it. Copies with a bug are at `/copy of BUG`. */
export function fakeTestkit(outcomeOf: (options: SeedsOptions) => Outcome): Testkit & { readonly asked: readonly SeedsOptions[] } {
  const asked: SeedsOptions[] = []
  return {
    asked,
    runScenarioFile: async options => {
      asked.push(options)
      const outcome = outcomeOf(options)
      if (outcome instanceof Error) throw outcome
      return outcome
    },
    plantedSources: () => new Map(),
    plantBug: (_, { name }) => ({ join: (...parts) => [`/copy of ${name}`, ...parts].join('/'), [Symbol.dispose]: () => undefined }),
  }
}
