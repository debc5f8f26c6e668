import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { repository } from '../verify/workspace.ts'
import { huntAll } from './bugs.ts'
import { type Chosen, choose } from './choose.ts'
import { type Command, readCommand, synopsis, UsageError, usage } from './command-line.ts'
import type { ScenarioFile } from './find.ts'
import { messageOf, runOne, runScenarios } from './seeds.ts'
import { sayWhenStopped } from './stopping.ts'
import { type LoadedScenario, loadTestkit, type Testkit } from './testkit.ts'

const log = (line: string) => console.log(line)

/** Runs a task on scenarios of the true code, or of a copy with one bug in it. */
async function withBug<T>(testkit: Testkit, { scenarios, bugs }: Chosen, task: (of: readonly ScenarioFile[]) => Promise<T>): Promise<T> {
  const [bug] = bugs
  if (bug === undefined) return await task(scenarios)
  if (bugs.length > 1) throw new UsageError(`${bugs.map(({ id }) => id).join(', ')}: several bugs are hunted with --bugs; name one of them`)
  using copy = testkit.plantBug((bug.scenarios[0] as ScenarioFile).packageDir, bug.bug)
  const packageDir = copy.join()
  // The name is what the report says after `--scenario`.
  return await task(bug.scenarios.map(scenario => ({ ...scenario, id: `${scenario.id} --bug ${bug.id}`, packageDir })))
}

async function runSingle(scenarios: readonly ScenarioFile[], seed: number, trace: boolean): Promise<boolean> {
  const [scenario] = scenarios
  if (scenario === undefined || scenarios.length > 1) {
    const which = scenarios.length > 3 ? `these are ${scenarios.length}` : `these are ${scenarios.map(({ id }) => id).join(', ')}`
    throw new UsageError(`--seed wants one scenario: name it with --scenario; ${which}`)
  }
  const { id, packageDir, path } = scenario
  const { default: loaded } = (await import(pathToFileURL(join(packageDir, path)).href)) as { default: LoadedScenario }
  return await runOne(loaded, id, seed, trace, log)
}

/** A testkit that says, when a signal ends this program, what it was running. */
function sayingWhenStopped(testkit: Testkit): Testkit {
  let scenario = ''
  sayWhenStopped(log, () => `sim: ${scenario}`)
  return {
    ...testkit,
    runScenarioFile: options => {
      scenario = options.name
      return testkit.runScenarioFile(options)
    },
  }
}

function list({ scenarios, bugs }: Chosen): boolean {
  for (const { id } of scenarios) log(id)
  for (const { id, scenarios: able } of bugs) log(`${id} (a bug for ${able.map(({ name }) => name).join(', ')})`)
  return true
}

async function run(command: Exclude<Command, { kind: 'help' }>): Promise<boolean> {
  const chosen = await choose(repository, command)
  if (command.kind === 'list') return list(chosen)
  const testkit = await loadTestkit()
  if (command.kind === 'seed') return await withBug(testkit, chosen, of => runSingle(of, command.seed, command.trace))
  // Only where worlds run in other processes: a busy world here would keep a signal waiting.
  const saying = sayingWhenStopped(testkit)
  if (command.kind === 'seeds') return await withBug(saying, chosen, of => runScenarios(saying, of, command.limits, log))
  return await huntAll(saying, chosen.bugs, command.options, log)
}

async function main(): Promise<number> {
  try {
    const command = readCommand(process.argv.slice(2))
    if (command.kind !== 'help') return (await run(command)) ? 0 : 1
    log(usage)
    return 0
  } catch (error) {
    const isUsage = error instanceof UsageError
    console.error(`sim: ${messageOf(error)}${isUsage ? `\n${synopsis}` : ''}`)
    return isUsage ? 2 : 1
  }
}

process.exitCode = await main()
