import { join } from 'node:path'
import type { ScenarioFile } from './find.ts'
import type { LoadedScenario, SeedsOptions, SeedsResult, Testkit } from './testkit.ts'

/** Prints a line for the reader. */
export type Log = (line: string) => void

/** Runs seeds of several scenarios, one after the other; a time is shared out among them. Returns whether all were right. */
export async function runScenarios(
  testkit: Testkit,
  scenarios: readonly ScenarioFile[],
  options: Omit<SeedsOptions, 'file' | 'name'>,
  log: Log,
): Promise<boolean> {
  let right = true
  let leftMs = options.maxMs
  for (const [i, { id, packageDir, path }] of scenarios.entries()) {
    const share = leftMs === undefined ? {} : { maxMs: Math.max(1, leftMs / (scenarios.length - i)) }
    const result = await testkit.runScenarioFile({ ...options, ...share, file: join(packageDir, path), name: id })
    if (leftMs !== undefined) leftMs -= result.elapsedMs
    for (const line of describe(id, result)) log(line)
    if (result.failed !== undefined) right = false
  }
  return right
}

/** What came of a scenario, for people. */
function describe(id: string, { totals, elapsedMs, failed }: SeedsResult): string[] {
  const seconds = elapsedMs / 1_000
  const rate = (count: number) => number(count / Math.max(seconds, 0.001))
  const lines = [
    `sim: ${id}: ${number(totals.runs)} seeds in ${seconds.toFixed(1)} s: ${rate(totals.runs)} seeds/s, ${rate(totals.events)} events/s, ${hours(totals.simulatedMs)} simulated`,
    ...coverageLines(totals.coverage),
    ...columns('facts', totals.facts),
  ]
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
