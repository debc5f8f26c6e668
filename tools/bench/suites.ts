import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findPackages, listFiles } from '../verify/workspace.ts'

/** What a benchmark is told. */
export interface BenchOptions {
  /** Tiny inputs, done in two seconds: shows that the suite still runs, measures nothing. */
  readonly quick: boolean
  /** Beginnings of names, separated by commas: measure only what begins so. Suites that cannot choose measure everything. */
  readonly only?: string
  /** Prints a line for the reader. */
  log(line: string): void
  /** Says that the benchmark itself is at fault, so that its results mean nothing: it ends with an error once they are printed. */
  defect(what: string): void
}

/** What a file of benchmarks exports by default. */
export interface Suite {
  readonly suite: string
  /** Named numbers; the name says the unit. */
  run(options: BenchOptions): Promise<Readonly<Record<string, number>>>
}

/** Where a suite is. */
export interface SuiteFile {
  readonly name: string
  /** Absolute path. */
  readonly file: string
}

/**
 * Suites of a checkout: files in `bench` folders that name a suite after themselves. Files beside them, such as workers, name none.
 *
 * @param root absolute path of the checkout
 * @returns sorted by name
 */
export function findSuites(root: string): SuiteFile[] {
  const folders = [...findPackages(root).map(({ dir }) => join(dir, 'bench')), join(root, 'tools/bench/bench')]
  return folders
    .flatMap(dir => listFiles(dir, path => /^[^/]+\.ts$/.test(path)).map(path => join(dir, path)))
    .map(file => ({ name: basename(file, '.ts'), file }))
    .filter(({ name, file }) => new RegExp(`\\bsuite: '${name}'`).test(readFileSync(file, 'utf8')))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Runs a suite.
 *
 * @throws when the file exports no suite of that name, or a result is no finite number
 */
export async function runSuite({ name, file }: SuiteFile, options: BenchOptions): Promise<Readonly<Record<string, number>>> {
  const { default: suite } = (await import(pathToFileURL(file).href)) as { default?: Suite }
  if (suite?.suite !== name) throw new Error(`${file} does not export the suite '${name}' by default`)
  const results = await suite.run(options)
  for (const [key, value] of Object.entries(results)) {
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new Error(`suite '${name}' gave ${value} for '${key}', which is no number`)
  }
  return results
}
