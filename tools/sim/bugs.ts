import { join } from 'node:path'
import type { BugEntry, ScenarioFile } from './find.ts'
import { type Log, messageOf, seedsInWords } from './seeds.ts'
import type { SeedsOptions, Testkit } from './testkit.ts'

/** What hunting a bug came to. */
interface Hunt {
  readonly id: string
  /** The scenario that found it; undefined when none did. */
  readonly scenario: string | undefined
  /** Seeds until it was found, or seeds tried. */
  readonly seeds: number
  /** How it was found, or why not. */
  readonly by: string
}

/** How bugs are hunted. */
export type HuntOptions = Pick<SeedsOptions, 'firstSeed' | 'processes'> & { readonly seeds: number }

/** What fails because of a name that a bug's text has and its file has not. Any world would find that: it says nothing of this one. */
const NO_SUCH_NAME = /(^|\s)[\w$]+ is not defined\b/

/** Runs scenarios against a copy of their package with a bug in it, until one finds it. A bug that cannot be run is not found. */
async function hunt(testkit: Testkit, { id, bug, scenarios }: BugEntry, options: HuntOptions): Promise<Hunt> {
  let tried = 0
  let why = 'NOT FOUND'
  for (const { id: scenario, packageDir, path } of scenarios) {
    try {
      using copy = testkit.plantBug(packageDir, bug)
      const { failed, totals } = await testkit.runScenarioFile({ ...options, file: copy.join(path), name: scenario, investigate: false })
      if (failed !== undefined && NO_SUCH_NAME.test(failed.message)) throw new Error(`its text is wrong: ${failed.message}`)
      if (failed !== undefined) {
        const by = `${scenario}: seed ${failed.seed}: ${firstLine(failed.message)}`
        return { id, scenario, seeds: failed.seed - (options.firstSeed ?? 1) + 1, by }
      }
      tried = Math.max(tried, totals.runs)
    } catch (error) {
      why = `BROKEN: ${firstLine(messageOf(error))}`
    }
  }
  return { id, scenario: undefined, seeds: tried, by: why }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

/** Hunts bugs and prints the table; then runs the true code on the same seeds. Returns whether every bug was found and the true code was right. */
export async function huntAll(testkit: Testkit, bugs: readonly BugEntry[], options: HuntOptions, log: Log): Promise<boolean> {
  const idWidth = Math.max(...bugs.map(({ id }) => id.length))
  const hunts: Hunt[] = []
  log(`${'bug'.padEnd(idWidth)}  seeds  found by`)
  for (const bug of bugs) {
    const found = await hunt(testkit, bug, options)
    hunts.push(found)
    log(`${found.id.padEnd(idWidth)}  ${String(found.seeds).padStart(5)}  ${found.by}`)
  }
  const clean = await checkTrueCode(testkit, bugs, hunts, options, log)
  const missed = hunts.filter(({ scenario }) => scenario === undefined).map(({ id }) => id)
  const names = missed.length === 0 ? '' : `; not ${missed.join(', ')}`
  log(`sim: ${bugs.length - missed.length} of ${bugs.length} planted bugs found${names}${clean ? '' : '; the true code is not right'}`)
  return clean && missed.length === 0
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
    const wrong = await testkit.runScenarioFile({ ...options, seeds, file: join(packageDir, path), name: id }).then(
      ({ failed }) => failed?.report,
      error => [`sim: ${id}: the true code is broken: ${messageOf(error)}`],
    )
    for (const line of wrong ?? [`sim: ${id}: the true code is right with the same ${seedsInWords(seeds)}`]) log(line)
    clean &&= wrong === undefined
  }
  return clean
}
