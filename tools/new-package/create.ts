import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commonFields, commonFiles } from '../verify/manifests.ts'
import { findPackages, listFiles } from '../verify/workspace.ts'

/** A name or place that cannot be used. The message says why. */
export class NewPackageError extends Error {}

const template = join(import.meta.dirname, 'template')

function checkName(root: string, name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new NewPackageError(`'${name}' is no package name: lower-case letters, digits and single dashes, a letter first`)
  }
  if (findPackages(root).some(({ folder }) => folder === name) || existsSync(join(root, 'packages', name))) {
    throw new NewPackageError(`there is a package '${name}' already`)
  }
}

/** The manifest of a package: the common fields, with what is its own in the order that all of them have. */
function manifestOf(name: string, version: string, description: string): object {
  const { license, type, engines, sideEffects, files, scripts, ...rest } = commonFields
  return {
    name: `@disruptorx/${name}`,
    version,
    description,
    license,
    type,
    engines,
    sideEffects,
    files,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    scripts,
    dependencies: { '@disruptorx/contracts': 'workspace:*' },
    ...rest,
  }
}

/** Gives the package its place: below everything that may use all of the others. */
function addLayer(root: string, name: string): void {
  const file = join(root, 'tools/verify/layers.json')
  const text = readFileSync(file, 'utf8')
  if (Object.hasOwn(JSON.parse(text), name)) return
  const first = /^ {2}"[^"]+": "above"/m
  if (!first.test(text)) throw new NewPackageError(`found no place for '${name}' in tools/verify/layers.json`)
  writeFileSync(
    file,
    text.replace(first, line => `  "${name}": ["contracts"],\n${line}`),
  )
}

/**
 * Makes `packages/NAME` from the template, and its place in the import rules.
 *
 * @param root absolute path of the checkout
 * @param name name of its folder; the package is `@disruptorx/NAME`
 * @param description one line for manifest and README
 * @returns absolute path of the package
 * @throws {NewPackageError} when the name is taken or is none; nothing has been written then
 */
export function createPackage(root: string, name: string, description = `The ${name} of DisruptorX`): string {
  checkName(root, name)
  const dir = join(root, 'packages', name)
  const fill = (text: string) => text.replaceAll('__PACKAGE__', `@disruptorx/${name}`).replaceAll('__DESCRIPTION__', description)
  const files = new Map(Object.entries(commonFiles(name)))
  for (const path of listFiles(template, path => path.endsWith('.template'))) {
    files.set(path.replace(/\.template$/, ''), fill(readFileSync(join(template, path), 'utf8')))
  }
  const version = findPackages(root)[0]?.manifest.version ?? '0.0.0'
  files.set('package.json', `${JSON.stringify(manifestOf(name, version, description), null, 2)}\n`)
  addLayer(root, name)
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return dir
}
