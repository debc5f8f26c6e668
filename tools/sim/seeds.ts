import { join } from 'node:path'
import type { ScenarioFile } from './find.ts'
import type { LoadedScenario, SeedsOptions, SeedsResult, Testkit } from './testkit.ts'

/** Prints a line for the reader. */
export type Log = (line: string) => void

/** Which seeds of each scenario are run, and how. */
export type SeedLimits = Omit<SeedsOptions, 'file' | 'name' | 'investigate'>

/** What part of its share of the time a scenario gets at least, whatever those before it took. */
const LEAST_OF_SHARE = 0.25

/**
 * Runs seeds of several scenarios, one after the other; a time is shared out among them. One that fails or cannot be run keeps no other from running.
 *
 * @param nowMs the time, in milliseconds
 * @returns whether all were right
 */
export async function runScenarios(
  testkit: Testkit,
  scenarios: readonly ScenarioFile[],
  { maxMs, ...options }: SeedLimits,
  log: Log,
  nowMs = () => performance.now(),
): Promise<boolean> {
  const endMs = nowMs() + (maxMs ?? 0)
  const wrong: string[] = []
  const sum = { runs: 0, events: 0, simulatedMs: 0, elapsedMs: 0 }
  for (const [i, { id, packageDir, path }] of scenarios.entries()) {
    const least = (LEAST_OF_SHARE * (maxMs ?? 0)) / scenarios.length
    const share = maxMs === undefined ? {} : { maxMs: Math.max(least, (endMs - nowMs()) / (scenarios.length - i)) }
    try {
      const result = await testkit.runScenarioFile({ ...options, ...share, file: join(packageDir, path), name: id })
      for (const line of describe(id, result)) log(line)
      sum.elapsedMs += result.elapsedMs
      for (const what of ['runs', 'events', 'simulatedMs'] as const) sum[what] += result.totals[what]
      if (result.failed !== undefined) wrong.push(`${id} failed with seed ${result.failed.seed}`)
    } catch (error) {
      log(`sim: ${id}: broken: ${messageOf(error)}`)
      wrong.push(`${id} is broken`)
    }
  }
  if (scenarios.length > 1) {
    const speed = number(sum.simulatedMs / Math.max(sum.elapsedMs, 1))
    log(`sim: ${scenarios.length} scenarios: ${pace(sum, sum.elapsedMs)}, ${speed} times as fast as true time`)
    if (wrong.length > 0) log(`sim: not right: ${wrong.join(', ')}`)
  }
  return wrong.length === 0
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** So many seeds, in words. */
export function seedsInWords(count: number): string {
  return count === 1 ? '1 seed' : `${number(count)} seeds`
}

/** How much was run, and how fast. */
function pace({ runs, events, simulatedMs }: Pick<SeedsResult['totals'], 'runs' | 'events' | 'simulatedMs'>, elapsedMs: number): string {
  const seconds = elapsedMs / 1_000
  const rate = (count: number) => number(count / Math.max(seconds, 0.001))
  return `${seedsInWords(runs)} in ${seconds.toFixed(1)} s: ${rate(runs)} seeds/s, ${rate(events)} events/s, ${hours(simulatedMs)} simulated`
}

/** What came of a scenario, for people. */
function describe(id: string, { totals, elapsedMs, failed }: SeedsResult): string[] {
  const lines = [`sim: ${id}: ${pace(totals, elapsedMs)}`, ...coverageLines(totals.coverage), ...columns('facts', totals.facts)]
  return failed === undefined ? lines : [...lines, '', ...failed.report]
}

/** Runs one seed in this process and prints what came of it. Returns whether it was right. */
export async function runOne(scenario: LoadedScenario, id: string, seed: number, trace: boolean, log: Log): Promise<boolean> {
  const { failure, events, simulatedMs, fingerprint, traceDigest, ...rest } = await scenario.run({
    seed,
    trace: trace && { maxRecords: 10_000_000 },
  })
  for (const line of rest.trace) log(line)
  const digests = trace ? `, trace ${traceDigest}` : ''
  log(
    `sim: ${id}, seed ${seed}: ${number(events)} events, ${number(Math.round(simulatedMs))} ms simulated, fingerprint ${fingerprint}${digests}`,
  )
  for (const line of [...coverageLines(rest.coverage), ...columns('facts', rest.facts)]) log(line)
  if (failure === undefined) return true
  log(`failed: ${failure.message}`)
  log(failure.stack)
  return false
}

/** Faults that fired, and those that might have and never did. */
function coverageLines(coverage: Readonly<Record<string, number>>): string[] {
  const never = Object.keys(coverage).filter(kind => coverage[kind] === 0)
  const fired = Object.fromEntries(Object.entries(coverage).filter(([, count]) => count > 0))
  return [...columns('faults', fired), ...(never.length > 0 ? [`  never   ${never.join('  ')}`] : [])]
}

function columns(title: string, counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).map(([name, count]) => `${name} ${number(count)}`)
  const width = Math.max(0, ...entries.map(entry => entry.length)) + 2
  const perLine = Math.max(1, Math.floor(120 / width))
  const lines: string[] = []
  for (let i = 0; i < entries.length; i += perLine) {
    const row = entries.slice(i, i + perLine).map(entry => entry.padEnd(width))
    lines.push(`  ${(i === 0 ? title : '').padEnd(7)} ${row.join('')}`.trimEnd())
  }
  return lines
}

function number(value: number): string {
  return (value < 10 ? Math.round(value * 10) / 10 : Math.round(value)).toLocaleString('en-US')
}

function hours(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 120) return `${number(seconds)} s`
  return seconds < 7_200 ? `${number(seconds / 60)} min` : `${number(seconds / 3_600)} h`
}
