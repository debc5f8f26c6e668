import { join } from 'node:path'
import type { BugEntry, ScenarioFile } from './find.ts'
import type { Log } from './seeds.ts'
import type { SeedsOptions, Testkit } from './testkit.ts'

/** What hunting a bug came to. */
interface Hunt {
  readonly id: string
  /** The scenario that found it; undefined when none did. */
  readonly scenario: string | undefined
  /** Seeds until it was found, or seeds tried. */
  readonly seeds: number
  readonly message: string
  /** The seed that found it. */
  readonly seed: number | undefined
}

/** How bugs are hunted. */
export type HuntOptions = Pick<SeedsOptions, 'firstSeed' | 'processes'> & { readonly seeds: number }

/**
 * Runs scenarios against a copy of their package with a bug in it, until one finds it.
 *
 * @throws when the bug does not fit its source
 */
async function hunt(testkit: Testkit, { id, bug, scenarios }: BugEntry, options: HuntOptions): Promise<Hunt> {
  let tried = 0
  for (const { id: scenario, packageDir, path } of scenarios) {
    using copy = testkit.plantBug(packageDir, bug)
    const { failed, totals } = await testkit.runScenarioFile({ ...options, file: copy.join(path), name: scenario, investigate: false })
    const seeds = failed === undefined ? totals.runs : failed.seed - (options.firstSeed ?? 1) + 1
    if (failed !== undefined) return { id, scenario, seeds, message: failed.message, seed: failed.seed }
    tried = Math.max(tried, seeds)
  }
  return { id, scenario: undefined, seeds: tried, message: `not found in ${tried} seeds`, seed: undefined }
}

/** Hunts bugs and prints the table; then runs the true code on the same seeds. Returns whether every bug was found and the true code was right. */
export async function huntAll(testkit: Testkit, bugs: readonly BugEntry[], options: HuntOptions, log: Log): Promise<boolean> {
  const idWidth = Math.max(...bugs.map(({ id }) => id.length))
  const hunts: Hunt[] = []
  log(`${'bug'.padEnd(idWidth)}  seeds  found by`)
  for (const bug of bugs) {
    const found = await hunt(testkit, bug, options)
    hunts.push(found)
    const by = found.scenario === undefined ? 'NOT FOUND' : `${found.scenario}: seed ${found.seed}: ${found.message.split('\n', 1)[0]}`
    log(`${found.id.padEnd(idWidth)}  ${String(found.seeds).padStart(5)}  ${by}`)
  }
  const clean = await checkTrueCode(testkit, bugs, hunts, options, log)
  const missed = hunts.filter(({ scenario }) => scenario === undefined).length
  log(`sim: ${bugs.length - missed} of ${bugs.length} planted bugs found`)
  return clean && missed === 0
}

/** A bug counts as found only where the true code is right: each scenario runs the seeds that it had to run at most. */
async function checkTrueCode(
  testkit: Testkit,
  bugs: readonly BugEntry[],
  hunts: readonly Hunt[],
  options: HuntOptions,
  log: Log,
): Promise<boolean> {
  const scenarios = new Map<string, ScenarioFile>()
  for (const bug of bugs) for (const scenario of bug.scenarios) scenarios.set(scenario.id, scenario)
  let clean = true
  for (const { id, packageDir, path } of scenarios.values()) {
    const seeds = Math.max(0, ...hunts.filter(({ scenario }) => scenario === id).map(hunted => hunted.seeds))
    if (seeds === 0) continue
    const { failed } = await testkit.runScenarioFile({ ...options, seeds, file: join(packageDir, path), name: id })
    if (failed === undefined) log(`sim: ${id}: the true code is right with the same ${seeds} seeds`)
    else for (const line of failed.report) log(line)
    clean &&= failed === undefined
  }
  return clean
}
