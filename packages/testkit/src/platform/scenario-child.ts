/**
 * The process that `runScenarioFile` starts: loads the scenario of the file that its first argument names, and runs it as it is asked.
 *
 * @packageDocumentation
 */
import { pathToFileURL } from 'node:url'
import { describeFailure } from '../scenario/report.ts'
import { addResult, noTotals } from '../scenario/run-seeds.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { findShortestPrefix } from '../scenario/shortest-prefix.ts'
import type { ScenarioAnswer, ScenarioRequest } from './scenario-messages.ts'
import { eventLoopTurn } from './turns.ts'

const [file = '', shownName = ''] = process.argv.slice(2)

async function load(): Promise<Scenario> {
  const { default: scenario } = (await import(pathToFileURL(file).href)) as { default?: Partial<Scenario> }
  if (typeof scenario?.name !== 'string' || typeof scenario.run !== 'function')
    throw new Error(`${file} has no scenario as its default export`)
  return scenario as Scenario
}

async function run(scenario: Scenario, first: number, count: number): Promise<ScenarioAnswer> {
  let totals = noTotals
  for (let seed = first; seed < first + count; seed++) {
    const result = await scenario.run({ seed })
    totals = addResult(totals, result)
    if (result.failure !== undefined)
      return { kind: 'ran', totals, failed: { seed, message: result.failure.message, events: result.events } }
    // The parent may be gone.
    await eventLoopTurn()
  }
  return { kind: 'ran', totals, failed: undefined }
}

async function investigate(scenario: Scenario, seed: number): Promise<ScenarioAnswer> {
  const result = await scenario.run({ seed })
  const shortest = await findShortestPrefix(scenario, result)
  return { kind: 'investigated', lines: describeFailure(shownName, result, shortest), shortestEvents: shortest.events }
}

function answer(message: ScenarioAnswer): void {
  process.send?.(message)
}

function broken(error: unknown): void {
  answer({ kind: 'broken', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}

const loading = load()
// Reported when the first request comes.
loading.catch(() => undefined)
process.on('disconnect', () => process.exit())
process.on('message', (request: ScenarioRequest) => {
  loading
    .then(scenario => (request.kind === 'run' ? run(scenario, request.first, request.count) : investigate(scenario, request.seed)))
    .then(answer)
    .catch(broken)
})
