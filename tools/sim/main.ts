import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { repository } from '../verify/workspace.ts'
import { huntAll } from './bugs.ts'
import { type BugEntry, chooseScenarios, findBugs, findScenarios, type ScenarioFile } from './find.ts'
import { runOne, runScenarios } from './seeds.ts'
import { type LoadedScenario, loadTestkit, type Testkit } from './testkit.ts'

const usage = `usage: npm run sim -- [--scenario NAME]... [--seeds N] [--minutes M] [--first SEED] [--processes P] [--bug BUG]
       npm run sim -- --scenario NAME --seed SEED [--trace] [--bug BUG]
       npm run sim -- --bugs [--bug BUG]... [--scenario NAME]... [--seeds N]
       npm run sim -- --list

Runs simulated worlds, seed after seed, on all cores: packages/*/test/sim/*.scenario.ts. Without a name: all of them.

  --scenario   PACKAGE/NAME, NAME, or PACKAGE/ for all of a package
  --seeds      seeds of each scenario; 1,000 unless a time is given
  --minutes    time for all of it
  --first      the first seed; 1 unless given
  --seed       runs this seed alone; with --trace, prints all that happened
  --bug        runs against a copy of the package with this planted bug in it
  --bugs       hunts every planted bug, or those named, with at most N seeds, and prints how many it took
  --processes  processes to run on; one for each core unless given
  --list       names scenarios and bugs`

const options = {
  scenario: { type: 'string', multiple: true },
  seeds: { type: 'string' },
  minutes: { type: 'string' },
  first: { type: 'string' },
  processes: { type: 'string' },
  seed: { type: 'string' },
  trace: { type: 'boolean' },
  bug: { type: 'string', multiple: true },
  bugs: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

/** The command line is wrong. */
class UsageError extends Error {}

function numberOf(name: 'seeds' | 'minutes' | 'first' | 'processes' | 'seed', text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  const whole = name !== 'minutes'
  if (text.trim() === '' || !(whole ? Number.isSafeInteger(value) && value >= 0 : value > 0))
    throw new UsageError(`--${name} is '${text}'; it must be a ${whole ? 'whole number' : 'number above 0'}`)
  return value
}

/** Runs a task on scenarios of the true code, or of a copy with one bug in it. */
async function withBug<T>(
  testkit: Testkit,
  bug: BugEntry | undefined,
  scenarios: readonly ScenarioFile[],
  task: (of: ScenarioFile[]) => Promise<T>,
) {
  if (bug === undefined) return await task([...scenarios])
  const able = scenarios.filter(({ id }) => bug.scenarios.some(scenario => scenario.id === id))
  const [first] = able
  if (first === undefined) throw new UsageError(`none of these scenarios can find the bug ${bug.id}`)
  using copy = testkit.plantBug(first.packageDir, bug.bug)
  const packageDir = copy.join()
  // The name is what the report says after `--scenario`.
  return await task(able.map(scenario => ({ ...scenario, id: `${scenario.id} --bug ${bug.id}`, packageDir })))
}

async function runSingle(testkit: Testkit, scenarios: readonly ScenarioFile[], bug: BugEntry | undefined, seed: number, trace: boolean) {
  if (scenarios.length !== 1) throw new UsageError('--seed wants one scenario: name it with --scenario')
  return await withBug(testkit, bug, scenarios, async ([scenario]) => {
    const { id, packageDir, path } = scenario as ScenarioFile
    const { default: loaded } = (await import(pathToFileURL(join(packageDir, path)).href)) as { default: LoadedScenario }
    return await runOne(loaded, id, seed, trace, line => console.log(line))
  })
}

function chooseBugs(all: readonly BugEntry[], words: readonly string[]): BugEntry[] {
  const unknown = words.find(word => !all.some(({ id, bug }) => id === word || bug.name === word))
  if (unknown !== undefined) throw new UsageError(`unknown bug '${unknown}'; bugs are ${all.map(({ id }) => id).join(', ') || 'none'}`)
  return all.filter(({ id, bug }) => words.length === 0 || words.includes(id) || words.includes(bug.name))
}

/** Bugs that these scenarios can find. */
function within(bugs: readonly BugEntry[], scenarios: readonly ScenarioFile[]): BugEntry[] {
  const ids = new Set(scenarios.map(({ id }) => id))
  return bugs.map(bug => ({ ...bug, scenarios: bug.scenarios.filter(({ id }) => ids.has(id)) })).filter(bug => bug.scenarios.length > 0)
}

async function run(values: Values): Promise<boolean> {
  const all = findScenarios(repository)
  const { chosen, unknown } = chooseScenarios(all, values.scenario ?? [])
  if (unknown.length > 0)
    throw new UsageError(`unknown scenario '${unknown.join(', ')}'; scenarios are ${all.map(({ id }) => id).join(', ') || 'none'}`)
  const wantsBugs = values.list || values.bugs || values.bug !== undefined
  const bugs = wantsBugs ? within(chooseBugs(await findBugs(repository), values.bug ?? []), chosen) : []
  if (values.list) {
    for (const { id } of chosen) console.log(id)
    for (const { id, scenarios } of bugs) console.log(`${id} (a bug for ${scenarios.map(({ name }) => name).join(', ')})`)
    return true
  }
  const testkit = await loadTestkit()
  const seeds = numberOf('seeds', values.seeds)
  const first = numberOf('first', values.first)
  const processes = numberOf('processes', values.processes)
  const shared = { ...(first !== undefined && { firstSeed: first }), ...(processes !== undefined && { processes }) }
  if (values.bugs) return await huntAll(testkit, bugs, { ...shared, seeds: seeds ?? 1_000 }, line => console.log(line))
  if ((values.bug?.length ?? 0) > 1) throw new UsageError('several bugs are hunted with --bugs')
  const seed = numberOf('seed', values.seed)
  if (seed !== undefined) return await runSingle(testkit, chosen, bugs[0], seed, values.trace === true)
  if (values.trace) throw new UsageError('--trace wants one seed: name it with --seed')
  const minutes = numberOf('minutes', values.minutes)
  const limits = { ...shared, ...(seeds !== undefined && { seeds }), ...(minutes !== undefined && { maxMs: minutes * 60_000 }) }
  return await withBug(testkit, bugs[0], chosen, of => runScenarios(testkit, of, limits, line => console.log(line)))
}

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({ options })
    if (values.help) {
      console.log(usage)
      return 0
    }
    return (await run(values)) ? 0 : 1
  } catch (error) {
    const isUsage =
      error instanceof UsageError || (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
    console.error(isUsage ? `sim: ${error.message}\n${usage}` : `sim: ${error instanceof Error ? error.message : error}`)
    return isUsage ? 2 : 1
  }
}

process.exitCode = await main()
