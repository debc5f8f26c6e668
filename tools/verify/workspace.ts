import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The parts of a package.json that the checks read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A package that gets published. */
export interface Package {
  /** Name of its folder, which is its name without the scope. */
  readonly folder: string
  /** Path from the root, with forward slashes. */
  readonly path: string
  /** Absolute path. */
  readonly dir: string
  readonly manifest: Manifest
}

/** Root of the checkout that these tools belong to. */
export const repository = resolve(import.meta.dirname, '../..')

/**
 * Packages of a checkout: everything below `packages` and `apps` that has a package.json.
 *
 * @param root absolute path of the checkout
 */
export function findPackages(root: string): Package[] {
  const found: Package[] = []
  for (const group of ['packages', 'apps']) {
    if (!existsSync(join(root, group))) continue
    for (const folder of readdirSync(join(root, group)).sort()) {
      const dir = join(root, group, folder)
      const file = join(dir, 'package.json')
      if (!existsSync(file)) continue
      found.push({ folder, path: `${group}/${folder}`, dir, manifest: JSON.parse(readFileSync(file, 'utf8')) as Manifest })
    }
  }
  return found
}

/**
 * Source files below a folder, in a fixed order; build output and installed modules left out.
 *
 * @param dir absolute path; a missing folder holds no files
 * @param accept chooses by the path relative to `dir`, with forward slashes
 * @returns paths relative to `dir`
 */
export function listFiles(dir: string, accept: (path: string) => boolean): string[] {
  if (!existsSync(dir)) return []
  const skipped = /^(node_modules|dist|coverage|\..+)$/
  // Not through what is installed: there are a hundred thousand files.
  const walk = (below: string): string[] =>
    readdirSync(join(dir, below), { withFileTypes: true }).flatMap(entry => {
      const path = join(below, entry.name)
      if (skipped.test(entry.name)) return []
      return entry.isDirectory() ? walk(path) : entry.isFile() ? [path] : []
    })
  return walk('')
    .filter(path => accept(path))
    .sort()
}

/** Whether a path names program text. */
export const isCode = (path: string): boolean => /\.(ts|mts|js|mjs)$/.test(path)
