import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import type { Check, Finding } from './check.ts'
import { mapTwoAtATime, run } from './processes.ts'
import { findPackages, type Package } from './workspace.ts'

/** A package as npm would get it. */
export interface Tarball {
  readonly pkg: Package
  readonly file: string
}

/** Name of the file that `pnpm pack` makes. */
const tarballName = ({ manifest }: Package) => `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`

/** What the last pack left in a folder. */
export function tarballs(root: string, folder: string): Tarball[] {
  return findPackages(root).map(pkg => ({ pkg, file: join(folder, tarballName(pkg)) }))
}

/**
 * Packs every package.
 *
 * @param folder where the tarballs go; emptied first
 */
export async function packAll(root: string, folder: string): Promise<Finding[]> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const findings = await mapTwoAtATime(findPackages(root), async (pkg): Promise<Finding[]> => {
    const { code, output } = await run('pnpm', ['pack', '--pack-destination', folder], { cwd: pkg.dir })
    if (code !== 0) return [{ where: pkg.path, what: `pnpm pack failed: ${output.trim()}` }]
    return readdirSync(folder).includes(tarballName(pkg)) ? [] : [{ where: pkg.path, what: `pnpm pack made no ${tarballName(pkg)}` }]
  })
  return findings.flat()
}

/** What publint has to say of a tarball. */
export async function lintTarball({ pkg, file }: Tarball): Promise<Finding[]> {
  const bytes = readFileSync(file)
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg: packed } = await publint({ pack: { tarball }, strict: true })
  return messages
    .filter(({ type }) => type !== 'suggestion')
    .map(message => ({ where: pkg.path, what: formatMessage(message, packed, { color: false }) ?? message.code }))
}

/** What are-the-types-wrong has to say of a tarball. */
export async function checkTypesOf(root: string, { pkg, file }: Tarball): Promise<Finding[]> {
  const attw = join(root, 'tools/node_modules/@arethetypeswrong/cli/dist/index.js')
  const args = [attw, file, '--profile', 'esm-only', '--no-color', '--no-emoji', '--format', 'ascii']
  const { code, output } = await run(process.execPath, args, { cwd: root })
  return code === 0 ? [] : [{ where: pkg.path, what: output.trim() }]
}

/**
 * Packs every package and examines the tarballs.
 *
 * @param root absolute path of the checkout
 * @param folder where the tarballs go; emptied first
 */
export function packingChecks(root: string, folder: string): Check[] {
  return [
    { name: 'pack', needs: ['build'], run: () => packAll(root, folder) },
    { name: 'publint', needs: ['pack'], run: async () => (await mapTwoAtATime(tarballs(root, folder), lintTarball)).flat() },
    {
      name: 'are the types wrong',
      needs: ['pack'],
      run: async () => (await mapTwoAtATime(tarballs(root, folder), tarball => checkTypesOf(root, tarball))).flat(),
    },
  ]
}
