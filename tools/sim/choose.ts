import { type Command, UsageError } from './command-line.ts'
import { type BugEntry, chooseScenarios, findBugs, findScenarios, type ScenarioFile } from './find.ts'

/** Scenarios and bugs that a command is about. */
export interface Chosen {
  readonly scenarios: readonly ScenarioFile[]
  /** Bugs that these scenarios can find, each with those of them that can. */
  readonly bugs: readonly BugEntry[]
}

/**
 * Finds what a command names. Bugs only where it is about them.
 *
 * @param root absolute path of the checkout
 * @throws {UsageError} there is no such scenario or bug, none of the scenarios can find a bug that is named, or there is no bug to hunt
 * @throws {BugListError}
 */
export async function choose(root: string, { kind, scenarios: names, bugs: words }: Exclude<Command, { kind: 'help' }>): Promise<Chosen> {
  const all = findScenarios(root)
  const { chosen: scenarios, unknown } = chooseScenarios(all, names)
  if (unknown.length > 0) throw new UsageError(`unknown scenario '${unknown.join(', ')}'; scenarios are ${idsOf(all)}`)
  if (kind !== 'list' && kind !== 'hunt' && words.length === 0) return { scenarios, bugs: [] }
  const bugs = within(chooseBugs(await findBugs(root), words), scenarios)
  const hopeless = words.find(word => !bugs.some(bug => isNamed(bug, word)))
  if (hopeless !== undefined) throw new UsageError(`none of these scenarios can find the bug '${hopeless}': ${idsOf(scenarios)}`)
  if (kind === 'hunt' && bugs.length === 0) throw new UsageError(`there are no bugs to hunt with these scenarios: ${idsOf(scenarios)}`)
  return { scenarios, bugs }
}

function idsOf(scenarios: readonly ScenarioFile[]): string {
  return scenarios.map(({ id }) => id).join(', ') || 'none'
}

function chooseBugs(all: readonly BugEntry[], words: readonly string[]): BugEntry[] {
  const unknown = words.find(word => !all.some(bug => isNamed(bug, word)))
  if (unknown !== undefined) throw new UsageError(`unknown bug '${unknown}'; 'npm run sim -- --list' names all there are`)
  return all.filter(bug => words.length === 0 || words.some(word => isNamed(bug, word)))
}

function isNamed({ id, bug }: BugEntry, word: string): boolean {
  return id === word || bug.name === word
}

/** Bugs that these scenarios can find. */
function within(bugs: readonly BugEntry[], scenarios: readonly ScenarioFile[]): BugEntry[] {
  const ids = new Set(scenarios.map(({ id }) => id))
  return bugs.map(bug => ({ ...bug, scenarios: bug.scenarios.filter(({ id }) => ids.has(id)) })).filter(bug => bug.scenarios.length > 0)
}
