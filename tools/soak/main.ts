import { join } from 'node:path'
import { sayWhenStopped } from '../sim/stopping.ts'
import { run } from '../verify/processes.ts'
import { failuresIn } from '../verify/test-failures.ts'
import { repository } from '../verify/workspace.ts'
import { findSlices, limitOf, minutes, type Slice, SoakLimitError, UnknownSliceError } from './slices.ts'

/** A slice that goes on for longer hangs: the longest takes 6 minutes, and a loaded machine several times that. */
const hangsAfterMs = 3_600_000

const usage = `usage: npm run soak -- [SLICE]...

Runs the long tests, slice after slice; without a name, all of them.

${Object.entries(minutes)
  .map(([name, count]) => `  ${name.padEnd(8)} ${count} minutes`)
  .join('\n')}

DISRUPTORX_SOAK_MS=10000 shortens what fills a time to so many milliseconds for each slice; what counts cases takes what it takes.`

/**
 * Runs the long tests, one slice after another, each with its time in DISRUPTORX_SOAK_MS: a file of the slice goes on for its share of that.
 *
 * The same variable, set by the user, shortens every slice that fills a time; one that owes a number of cases takes what it takes.
 * What failed is said again at the very end, after all that passing tests have printed.
 */
async function main(names: readonly string[]): Promise<number> {
  if (names.includes('--help') || names.includes('-h')) {
    console.log(usage)
    return 0
  }
  const limit = process.env.DISRUPTORX_SOAK_MS
  const slices = findSlices(repository, limit === undefined ? undefined : limitOf(limit))
  const unknown = names.find(name => !slices.some(slice => slice.name === name))
  if (unknown !== undefined) {
    console.error(`soak: unknown slice '${unknown}'; slices are ${slices.map(({ name }) => name).join(', ')}`)
    return 2
  }
  const chosen = slices.filter(({ name }) => names.length === 0 || names.includes(name))
  const failed: string[] = []
  let current = ''
  sayWhenStopped(
    line => console.log(line),
    () => `soak: ${current}`,
  )
  for (const slice of chosen) {
    current = slice.name
    const failures = await runSlice(slice)
    if (failures !== undefined) failed.push(`\nsoak: ${slice.name} failed; again: npm run soak -- ${slice.name}\n${failures}`)
  }
  for (const said of failed) console.error(said)
  console.log(`soak: ${chosen.length - failed.length} of ${chosen.length} slices passed`)
  return failed.length === 0 ? 0 : 1
}

/** @returns what failed, where something did */
async function runSlice({ name, budgetMs, files }: Slice): Promise<string | undefined> {
  if (files.length === 0) return `there is no file ${name}.soak.test.ts, nor ${name}-more.soak.test.ts, in any package`
  const shareMs = Math.max(1, Math.floor(budgetMs / files.length))
  console.log(`soak: ${name}: ${files.length} file${files.length === 1 ? '' : 's'}, ${shareMs / 1000} s each`)
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
  // One file at a time: the threads of a test want the cores for themselves.
  const args = [vitest, 'run', '--no-file-parallelism', ...files]
  const env = {
    ...process.env,
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    DISRUPTORX_SOAK_SLICE: name,
    DISRUPTORX_SOAK_MS: String(shareMs),
  }
  const { code, output } = await run(process.execPath, args, { cwd: repository, env, timeoutMs: hangsAfterMs, show: true })
  return code === 0 ? undefined : failuresIn(output)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SoakLimitError || error instanceof UnknownSliceError)) throw error
  console.error(`soak: ${error.message}`)
  process.exitCode = 2
}
