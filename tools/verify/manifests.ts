import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Finding } from './check.ts'
import common from './package-common.json' with { type: 'json' }
import { findPackages, type Package } from './workspace.ts'

/** Fields whose common part may be extended; any other field is the same everywhere. */
const extensible = new Set(['scripts', 'peerDependencies', 'peerDependenciesMeta', 'devDependencies'])

/** What every published package's manifest holds, whatever else it holds. */
export const commonFields: Readonly<Record<string, unknown>> = common

/** Files that say the same in every package, with the folder's name where they name it. */
export function commonFiles(folder: string): Readonly<Record<string, string>> {
  return {
    'tsconfig.json': `{
  "extends": "@disruptorx/tsconfig/base.json",
  "include": ["src", "test", "bench", "*.config.ts"]
}
`,
    'vitest.config.ts': `import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { name: '${folder}' } })
`,
  }
}

function checkField(field: string, wanted: unknown, actual: unknown): string[] {
  if (!extensible.has(field)) {
    return isDeepStrictEqual(actual, wanted) ? [] : [`${field} is ${JSON.stringify(actual)}, and ${JSON.stringify(wanted)} everywhere else`]
  }
  return Object.entries(wanted as Record<string, unknown>)
    .filter(([key, value]) => !isDeepStrictEqual((actual as Record<string, unknown> | undefined)?.[key], value))
    .map(([key, value]) => `${field} lacks ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
}

function checkName({ folder, manifest }: Package): string[] {
  const wanted = folder === 'disruptorx' ? folder : `@disruptorx/${folder}`
  const findings = manifest.name === wanted ? [] : [`is named ${manifest.name}, not ${wanted}`]
  const description = manifest.description
  return typeof description === 'string' && description !== '' ? findings : [...findings, 'has no description']
}

function checkExports({ manifest }: Package): string[] {
  const entries = Object.entries(manifest.exports ?? {})
  const findings = entries.some(([entry]) => entry === './package.json') ? [] : ['exports lack ./package.json']
  for (const [entry, target] of entries) {
    if (entry === './package.json' || target === null) continue
    const [first] = Object.keys(target as object)
    if (first !== 'types') findings.push(`the first condition of export ${entry} must be types`)
  }
  return findings
}

/** Every dependency of a manifest as [field, name, range]. */
function dependenciesOf({ manifest }: Package): [string, string, string][] {
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap(field =>
    Object.entries((manifest[field] ?? {}) as Record<string, string>).map(([name, range]): [string, string, string] => [
      field,
      name,
      range,
    ]),
  )
}

function checkDependencies(packages: readonly Package[]): Finding[] {
  const findings: Finding[] = []
  const versions = new Map<string, { range: string; where: string }>()
  for (const pkg of packages) {
    for (const [field, name, range] of dependenciesOf(pkg)) {
      const where = `${pkg.path}/package.json`
      if (/^(@disruptorx\/|disruptorx$)/.test(name)) {
        if (range !== 'workspace:*') findings.push({ where, what: `${field} names ${name} as ${range}; siblings are workspace:*` })
        continue
      }
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range)) findings.push({ where, what: `${field} names ${name} as ${range}; versions are exact` })
      const known = versions.get(name) ?? { range, where }
      versions.set(name, known)
      if (known.range !== range) findings.push({ where, what: `has ${name} ${range}, but ${known.where} has ${known.range}` })
    }
  }
  return findings
}

function checkFiles({ folder, dir, path }: Package): Finding[] {
  return Object.entries(commonFiles(folder)).flatMap(([name, text]) => {
    const file = join(dir, name)
    const actual = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    return actual === text
      ? []
      : [{ where: `${path}/${name}`, what: actual === undefined ? 'is missing' : 'differs from that of other packages' }]
  })
}

/**
 * Holds package manifests and configuration files to what they have in common: one version, the same fields, exact dependencies.
 *
 * @param root absolute path of the checkout
 */
export function checkManifests(root: string): Finding[] {
  const packages = findPackages(root)
  const version = packages[0]?.manifest.version
  const own = packages.flatMap(pkg => {
    const texts = Object.entries(commonFields).flatMap(([field, wanted]) => checkField(field, wanted, pkg.manifest[field]))
    texts.push(...checkName(pkg), ...checkExports(pkg))
    if (pkg.manifest.version !== version) texts.push(`has version ${pkg.manifest.version}, others have ${version}`)
    if (pkg.manifest.private) texts.push('is private, and so never published')
    return texts.map(what => ({ where: `${pkg.path}/package.json`, what }))
  })
  return [...own, ...checkDependencies(packages), ...packages.flatMap(checkFiles)]
}
