import { dirname, join, relative } from 'node:path'
import type { Finding } from './check.ts'
import layers from './layers.json' with { type: 'json' }
import { moduleReferences, parseFile } from './syntax.ts'
import { findPackages, isCode, listFiles, type Package } from './workspace.ts'

/** Who may import whom, by folder name; `above` stands for every package named before, test tools aside. */
export type Layers = Readonly<Record<string, readonly string[] | 'above'>>

/** Packages for tests: no source of another package may stand on them. */
const testOnly = new Set(['testkit'])

/** Folder name of the workspace package that a specifier names; undefined for any other module. */
function siblingOf(specifier: string): string | undefined {
  const match = /^(?:@disruptorx\/([^/]+)|(disruptorx))(?:\/|$)/.exec(specifier)
  return match?.[1] ?? match?.[2]
}

/** Folder names that a package may import. Undefined for a package without a place in the layers. */
export function allowedImports(folder: string, rules: Layers = layers as Layers): readonly string[] | undefined {
  if (!Object.hasOwn(rules, folder)) return undefined
  const rule = rules[folder]
  if (rule !== 'above') return rule
  const names = Object.keys(rules)
  return names.slice(0, names.indexOf(folder)).filter(name => !testOnly.has(name))
}

/** Whether a path lies outside of a package's sources. Its own manifest, which says the version, may be read. */
function leaves(pkg: Package, path: string): boolean {
  return relative(join(pkg.dir, 'src'), path).startsWith('..') && path !== join(pkg.dir, 'package.json')
}

function checkFile(pkg: Package, path: string, allowed: readonly string[]): Finding[] {
  const findings: Finding[] = []
  const file = join(pkg.dir, path)
  for (const { specifier, line } of moduleReferences(parseFile(file))) {
    const where = `${pkg.path}/${path}:${line}`
    const sibling = siblingOf(specifier)
    if (sibling === pkg.folder) {
      findings.push({ where, what: `imports its own package by name ('${specifier}'); use a relative path` })
    } else if (sibling !== undefined && !allowed.includes(sibling)) {
      findings.push({ where, what: `imports '${specifier}'; ${pkg.folder} may import only: ${allowed.join(', ') || 'nothing'}` })
    } else if (specifier.startsWith('.') && leaves(pkg, join(dirname(file), specifier))) {
      findings.push({ where, what: `imports '${specifier}', which lies outside its src folder` })
    }
  }
  return findings
}

/**
 * Holds the sources of every package to the arrows between packages. Tests and benchmarks may import anything.
 *
 * @param root absolute path of the checkout
 */
export function checkImports(root: string, rules: Layers = layers as Layers): Finding[] {
  return findPackages(root).flatMap(pkg => {
    const allowed = allowedImports(pkg.folder, rules)
    if (allowed === undefined) return [{ where: pkg.path, what: 'has no place in tools/verify/layers.json' }]
    const sources = listFiles(pkg.dir, path => path.startsWith('src/') && isCode(path))
    return sources.flatMap(path => checkFile(pkg, path, allowed))
  })
}
