import { join } from 'node:path'
import { run } from '../verify/processes.ts'
import { failuresIn } from '../verify/test-failures.ts'
import { repository } from '../verify/workspace.ts'
import { findSlices, type Slice } from './slices.ts'

/** A slice that goes on for longer hangs: the longest takes 6 minutes, and a loaded machine several times that. */
const hangsAfterMs = 3_600_000

/**
 * Runs the long tests, one slice after another, each with its time in DISRUPTORX_SOAK_MS: a file of the slice goes on for its share of that.
 *
 * The same variable, set by the user, shortens every slice that fills a time; one that owes a number of cases takes what it takes.
 * What failed is said again at the very end, after all that passing tests have printed.
 */
async function main(names: readonly string[]): Promise<number> {
  const limit = process.env.DISRUPTORX_SOAK_MS
  const slices = findSlices(repository, limit === undefined ? undefined : Number(limit))
  const unknown = names.find(name => !slices.some(slice => slice.name === name))
  if (unknown !== undefined) {
    console.error(`soak: unknown slice '${unknown}'; slices are ${slices.map(({ name }) => name).join(', ')}`)
    return 2
  }
  const failed: string[] = []
  for (const slice of slices.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const failures = await runSlice(slice)
    if (failures !== undefined) failed.push(`\nsoak: ${slice.name} failed; again: npm run soak -- ${slice.name}\n${failures}`)
  }
  for (const said of failed) console.error(said)
  return failed.length === 0 ? 0 : 1
}

/** @returns what failed, where something did */
async function runSlice({ name, budgetMs, files }: Slice): Promise<string | undefined> {
  if (files.length === 0) {
    console.log(`soak: ${name}: no tests yet`)
    return undefined
  }
  const shareMs = Math.floor(budgetMs / files.length)
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

process.exitCode = await main(process.argv.slice(2))
