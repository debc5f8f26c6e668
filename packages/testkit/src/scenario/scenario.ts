import type { CoverageCounts } from '../simulation/coverage.ts'
import type { SimulationFailureKind } from '../simulation/errors.ts'
import type { SimulationLimits } from '../simulation/limits.ts'
import type { TraceOptions } from '../simulation/trace.ts'

/** What a scenario is run with. */
export interface ScenarioOptions {
  /** Decides everything. A whole number from 0 to 2^53 - 1. */
  readonly seed: number
  /** Whether the result has a trace, and how much of it. @default false */
  readonly trace?: boolean | TraceOptions
  readonly limits?: SimulationLimits
}

/** What went wrong in a run. */
export interface ScenarioFailure {
  readonly kind: SimulationFailureKind
  readonly message: string
  /** The stack of the error behind it. */
  readonly stack: string
  /** Number of the event during which it was noticed. */
  readonly event: number
}

/** What came of a run. Plain data. */
export interface ScenarioResult {
  readonly seed: number
  /** Undefined when everything was right. */
  readonly failure: ScenarioFailure | undefined
  /** Whether the run was cut short by its limits, so that what should come later was not asked for. */
  readonly cut: boolean
  readonly events: number
  readonly simulatedMs: number
  /** The same for two runs of a seed. */
  readonly fingerprint: string
  /** Faults that really fired, by kind. */
  readonly coverage: CoverageCounts
  /** What the run achieved, by name. */
  readonly facts: CoverageCounts
  /** The newest lines, for people; empty without a trace. */
  readonly trace: readonly string[]
  /** Checksum of every trace record there was; empty without a trace. */
  readonly traceDigest: string
}

/**
 * A world that can be run with any seed: the default export of a file `test/sim/NAME.scenario.ts`.
 *
 * @example
 * const scenario: Scenario = { name: 'register', run: options => simulate(options, async sim => { ... }) }
 * export default scenario
 */
export interface Scenario {
  /** The file's name without `.scenario.ts`. */
  readonly name: string
  /** Never throws for what it found. */
  run(options: ScenarioOptions): ScenarioResult | Promise<ScenarioResult>
}
