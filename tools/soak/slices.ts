import { basename, join } from 'node:path'
import { findPackages, listFiles } from '../verify/workspace.ts'

/** Minutes that each slice may take. Together at most 20. */
export const minutes: Readonly<Record<string, number>> = { disks: 3, journal: 4, raft: 6, ring: 4, wire: 3 }

/** A part of the long tests. */
export interface Slice {
  readonly name: string
  /** Time that its tests fill, all of them together. */
  readonly budgetMs: number
  /** Paths relative to the root. */
  readonly files: readonly string[]
}

/** A long test whose slice nobody has given a time. */
export class UnknownSliceError extends Error {}

/** The time to which slices are shortened is none. */
export class SoakLimitError extends Error {}

/**
 * The milliseconds in a text, to which slices are shortened.
 *
 * @throws {SoakLimitError} it is no number above 0
 */
export function limitOf(text: string): number {
  const value = Number(text)
  if (value > 0) return value
  throw new SoakLimitError(`DISRUPTORX_SOAK_MS is '${text}'; it must be milliseconds, a number above 0: 180000 for three minutes`)
}

/**
 * The slices, with their tests: `SLICE.soak.test.ts` or `SLICE-more.soak.test.ts` in any package.
 *
 * @param root absolute path of the checkout
 * @param limitMs shortens every slice that is longer
 * @throws {UnknownSliceError} names a test that belongs to no slice
 */
export function findSlices(root: string, limitMs = Number.POSITIVE_INFINITY): Slice[] {
  const files = findPackages(root).flatMap(({ dir, path }) =>
    listFiles(dir, file => file.endsWith('.soak.test.ts')).map(file => `${path}/${file}`),
  )
  const sliceOf = (file: string) => Object.keys(minutes).find(name => new RegExp(`^${name}[.-]`).test(basename(file)))
  const stray = files.find(file => sliceOf(file) === undefined)
  if (stray !== undefined) throw new UnknownSliceError(`${join(stray)} belongs to no slice; slices are ${Object.keys(minutes).join(', ')}`)
  return Object.entries(minutes).map(([name, count]) => ({
    name,
    budgetMs: Math.min(count * 60_000, limitMs),
    files: files.filter(file => sliceOf(file) === name),
  }))
}
