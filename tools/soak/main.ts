import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { repository } from '../verify/workspace.ts'
import { findSlices, type Slice } from './slices.ts'

/**
 * Runs the long tests, one slice after another, each with its time in DISRUPTORX_SOAK_MS: a file of the slice goes on for its share of that.
 *
 * The same variable, set by the user, shortens every slice that fills a time; one that owes a number of cases takes what it takes.
 */
function main(names: readonly string[]): number {
  const limit = process.env.DISRUPTORX_SOAK_MS
  const slices = findSlices(repository, limit === undefined ? undefined : Number(limit))
  const unknown = names.find(name => !slices.some(slice => slice.name === name))
  if (unknown !== undefined) {
    console.error(`soak: unknown slice '${unknown}'; slices are ${slices.map(({ name }) => name).join(', ')}`)
    return 2
  }
  let failed = 0
  for (const slice of slices.filter(({ name }) => names.length === 0 || names.includes(name))) failed += runSlice(slice) ? 0 : 1
  return failed === 0 ? 0 : 1
}

function runSlice({ name, budgetMs, files }: Slice): boolean {
  if (files.length === 0) {
    console.log(`soak: ${name}: no tests yet`)
    return true
  }
  const shareMs = Math.floor(budgetMs / files.length)
  console.log(`soak: ${name}: ${files.length} file${files.length === 1 ? '' : 's'}, ${shareMs / 1000} s each`)
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
  // One file at a time: the threads of a test want the cores for themselves.
  const args = [vitest, 'run', '--no-file-parallelism', ...files]
  const env = { ...process.env, DISRUPTORX_SOAK_SLICE: name, DISRUPTORX_SOAK_MS: String(shareMs) }
  return spawnSync(process.execPath, args, { cwd: repository, env, stdio: 'inherit' }).status === 0
}

process.exitCode = main(process.argv.slice(2))
