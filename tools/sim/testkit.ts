import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { repository } from '../verify/workspace.ts'

/*
 * What these tools use of the built testkit. Tools depend on no package, so that they run before anything is built: the shapes are stated here once more.
 */

/** Sums over several runs. */
export interface Totals {
  readonly runs: number
  readonly events: number
  readonly simulatedMs: number
  readonly coverage: Readonly<Record<string, number>>
  readonly facts: Readonly<Record<string, number>>
}

/** What came of running a scenario's seeds. */
export interface SeedsResult {
  readonly totals: Totals
  readonly elapsedMs: number
  readonly failed:
    | {
        readonly seed: number
        readonly message: string
        readonly events: number
        readonly shortestEvents: number
        readonly report: readonly string[]
      }
    | undefined
}

/** Which seeds to run, and how. */
export interface SeedsOptions {
  readonly file: string
  readonly name: string
  readonly firstSeed?: number
  readonly seeds?: number
  readonly maxMs?: number
  readonly processes?: number
  readonly investigate?: boolean
}

/** A scenario as it is loaded into this process. */
export interface LoadedScenario {
  readonly name: string
  run(options: { seed: number; trace: false | { readonly maxRecords: number } }): Promise<{
    readonly failure: { readonly message: string; readonly stack: string } | undefined
    readonly events: number
    readonly simulatedMs: number
    readonly fingerprint: string
    readonly traceDigest: string
    readonly trace: readonly string[]
    readonly coverage: Readonly<Record<string, number>>
    readonly facts: Readonly<Record<string, number>>
  }>
}

/** A planted bug, as files `*.bugs.ts` list them. */
export interface Bug {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
  readonly scenarios?: readonly string[]
}

/** The parts of testkit that are used here. */
export interface Testkit {
  runScenarioFile(options: SeedsOptions): Promise<SeedsResult>
  plantBug(packageDir: string, bug: Bug): Disposable & { join(...parts: string[]): string }
  plantedSources(packageDir: string, bug: Bug): ReadonlyMap<string, string>
}

/** Loads the built testkit. */
export async function loadTestkit(): Promise<Testkit> {
  return (await import(pathToFileURL(join(repository, 'packages/testkit/dist/index.js')).href)) as Testkit
}
