import type { SeedTotals } from '../scenario/run-seeds.ts'

/** What a process that runs scenarios is asked. */
export type ScenarioRequest =
  /** Run `count` seeds from `first` on, up to the first that fails. */
  | { readonly kind: 'run'; readonly first: number; readonly count: number }
  /** Find out about a seed that failed. */
  | { readonly kind: 'investigate'; readonly seed: number }

/** A seed that failed. */
export interface FailedSeed {
  readonly seed: number
  readonly message: string
  /** Events of the run, up to the one at which it was noticed. */
  readonly events: number
}

/** What it answers: one answer for each request. */
export type ScenarioAnswer =
  | {
      readonly kind: 'ran'
      readonly totals: SeedTotals
      /** The seed that failed, and why. Seeds after it were not run. */
      readonly failed: FailedSeed | undefined
    }
  | { readonly kind: 'investigated'; readonly lines: readonly string[]; readonly shortestEvents: number }
  /** The scenario cannot be run at all. */
  | { readonly kind: 'broken'; readonly message: string }
