import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findPackages, listFiles } from '../verify/workspace.ts'
import type { Bug } from './testkit.ts'

/** A scenario of a package. */
export interface ScenarioFile {
  /** `PACKAGE/NAME`. */
  readonly id: string
  /** Its file's name without `.scenario.ts`. */
  readonly name: string
  /** Absolute path of the package. */
  readonly packageDir: string
  /** Path relative to the package. */
  readonly path: string
}

/** A planted bug of a package, and the scenarios that can find it. */
export interface BugEntry {
  /** `PACKAGE/NAME`. */
  readonly id: string
  readonly bug: Bug
  readonly scenarios: readonly ScenarioFile[]
}

/** A list of bugs is not what it must be. */
export class BugListError extends Error {}

/**
 * Scenarios of a checkout: `test/sim/NAME.scenario.ts` in any package.
 *
 * @param root absolute path of the checkout
 * @returns sorted by id
 */
export function findScenarios(root: string): ScenarioFile[] {
  return findPackages(root)
    .flatMap(({ dir, folder }) =>
      filesOfSim(dir, '.scenario.ts').map(file => {
        const name = basename(file, '.scenario.ts')
        return { id: `${folder}/${name}`, name, packageDir: dir, path: `test/sim/${file}` }
      }),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Scenarios that these words name: by id, by the name alone, or by the beginning of an id that ends with a slash. All of them for no word. */
export function chooseScenarios(all: readonly ScenarioFile[], words: readonly string[]): { chosen: ScenarioFile[]; unknown: string[] } {
  const isNamed = ({ id, name }: ScenarioFile, word: string) => id === word || name === word || (word.endsWith('/') && id.startsWith(word))
  return {
    chosen: all.filter(scenario => words.length === 0 || words.some(word => isNamed(scenario, word))),
    unknown: words.filter(word => !all.some(scenario => isNamed(scenario, word))),
  }
}

/**
 * Planted bugs of a checkout: the default exports of files `test/sim/NAME.bugs.ts`.
 *
 * @param root absolute path of the checkout
 * @throws {BugListError} a file exports no list, two bugs have one name, or a bug names a scenario that its package does not have
 */
export async function findBugs(root: string): Promise<BugEntry[]> {
  const scenarios = findScenarios(root)
  const found: BugEntry[] = []
  for (const { dir, folder } of findPackages(root)) {
    const own = scenarios.filter(({ packageDir }) => packageDir === dir)
    for (const file of filesOfSim(dir, '.bugs.ts'))
      for (const bug of await loadBugs(join(dir, 'test/sim', file)))
        found.push({ id: `${folder}/${bug.name}`, bug, scenarios: scenariosOf(bug, own) })
  }
  const ids = found.map(({ id }) => id)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) throw new BugListError(`two bugs are named ${twice}`)
  return found
}

function filesOfSim(packageDir: string, ending: string): string[] {
  return listFiles(join(packageDir, 'test/sim'), file => !file.includes('/') && file.endsWith(ending))
}

async function loadBugs(file: string): Promise<readonly Bug[]> {
  const { default: bugs } = (await import(pathToFileURL(file).href)) as { default?: unknown }
  if (!Array.isArray(bugs)) throw new BugListError(`${file} does not export a list of bugs by default`)
  return bugs
}

function scenariosOf(bug: Bug, own: readonly ScenarioFile[]): ScenarioFile[] {
  const missing = bug.scenarios?.find(name => !own.some(scenario => scenario.name === name))
  if (missing !== undefined) throw new BugListError(`the bug ${bug.name} names the scenario ${missing}, which its package does not have`)
  const chosen = own.filter(({ name }) => bug.scenarios === undefined || bug.scenarios.includes(name))
  if (chosen.length === 0) throw new BugListError(`the package of the bug ${bug.name} has no scenario`)
  return chosen
}
