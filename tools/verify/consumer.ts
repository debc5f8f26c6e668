import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import ts from 'typescript'
import type { Check, Finding } from './check.ts'
import { mapTwoAtATime, run } from './processes.ts'
import { exampleOf } from './readmes.ts'
import { failuresIn } from './test-failures.ts'
import { findPackages, type Package } from './workspace.ts'

/** A project that has installed every package as npm would get it. */
export interface Consumer {
  readonly dir: string
  readonly packages: readonly Package[]
  /** Executables of the Nodes that run every example as it stands. */
  readonly knowsUsing: readonly string[]
}

/** Longest that an example or a load may take. */
const exampleTimeoutMs = 60_000

/** Longest that the concurrency tests may take: only a hang takes as long, on a slow machine, too. */
const testsTimeoutMs = 1_800_000

/** Installs tarballs together, as npm does, into an empty project outside of the checkout. */
async function installTarballs(files: readonly string[], dir: string): Promise<Finding[]> {
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'package.json'), '{ "name": "consumer", "private": true }\n')
  const { code, output } = await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...files], { cwd: dir })
  return code === 0 ? [] : [{ where: 'npm install of all tarballs', what: output.trim() }]
}

/** Environment with a given Node first on PATH. */
function withNode(node: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
}

/** What a compiler makes of an example for a Node that does not know `using`. */
function lower(code: string): string {
  return ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext } }).outputText
}

/** Runs the README's example of a package in a folder of its own inside the consumer. */
async function runExample(consumer: Consumer, pkg: Package, node: string): Promise<Finding[]> {
  const readme = join(pkg.dir, 'README.md')
  const example = existsSync(readme) ? exampleOf(readFileSync(readme, 'utf8')) : undefined
  if (example === undefined) return [{ where: `${pkg.path}/README.md`, what: 'has no example' }]
  const dir = mkdtempSync(join(consumer.dir, `${pkg.folder}-`))
  const lowered = !consumer.knowsUsing.includes(node)
  const file = `example.${example.language === 'ts' && !lowered ? 'mts' : 'mjs'}`
  writeFileSync(join(dir, file), lowered ? lower(example.code) : example.code)
  const { code, output } = await run(node, [file], { cwd: dir, env: withNode(node), timeoutMs: exampleTimeoutMs })
  rmSync(dir, { recursive: true, force: true })
  return code === 0 ? [] : [{ where: `${pkg.path}/README.md`, what: `its example ended with ${code}:\n${output.trim()}` }]
}

/** Names by which a package can be loaded. */
function entriesOf({ manifest }: Package): string[] {
  return Object.entries(manifest.exports ?? {})
    .filter(([entry, target]) => entry !== './package.json' && !entry.includes('*') && target !== null)
    .map(([entry]) => manifest.name + entry.slice(1))
}

/** Loads each entry by `require()` and by `import`, which must give the same thing. */
async function loadEntry(consumer: Consumer, pkg: Package, entry: string, node: string): Promise<Finding[]> {
  const source = `
    const name = ${JSON.stringify(entry)}
    const required = require(name)
    import(name).then(imported => {
      for (const key of Object.keys(imported)) if (required[key] !== imported[key]) throw new Error('require and import differ in ' + key)
    })`
  const args = ['--input-type=commonjs', '-e', source]
  const { code, output } = await run(node, args, { cwd: consumer.dir, env: withNode(node), timeoutMs: exampleTimeoutMs })
  return code === 0 ? [] : [{ where: pkg.path, what: `require('${entry}') ended with ${code}:\n${output.trim()}` }]
}

/** Asks each command of a package for its version. */
async function runCommands(consumer: Consumer, pkg: Package, node: string): Promise<Finding[]> {
  const results = await mapTwoAtATime(Object.keys(pkg.manifest.bin ?? {}), async (command): Promise<Finding[]> => {
    const path = join(consumer.dir, 'node_modules/.bin', command)
    const { code, output } = await run(path, ['--version'], { cwd: consumer.dir, env: withNode(node), timeoutMs: exampleTimeoutMs })
    const right = code === 0 && output.trim().endsWith(pkg.manifest.version)
    return right ? [] : [{ where: pkg.path, what: `\`${command} --version\` ended with ${code}:\n${output.trim()}` }]
  })
  return results.flat()
}

/** Everything that an installed package must do on one Node. */
async function useOn(consumer: Consumer, node: string): Promise<Finding[]> {
  const findings = await mapTwoAtATime(consumer.packages, async pkg => {
    const loads = await mapTwoAtATime(entriesOf(pkg), entry => loadEntry(consumer, pkg, entry, node))
    return [...loads.flat(), ...(await runCommands(consumer, pkg, node)), ...(await runExample(consumer, pkg, node))]
  })
  return findings.flat()
}

/** Concurrency tests, on a Node that is not the pinned one. */
async function testOn(root: string, node: string): Promise<Finding[]> {
  const projects = ['contracts', 'layout', 'wait-strategies', 'core'].flatMap(name => ['--project', name])
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot', '--silent=passed-only', ...projects]
  const env = { ...withNode(node), NO_COLOR: '1', FORCE_COLOR: undefined }
  const { code, output } = await run(node, args, { cwd: root, env, timeoutMs: testsTimeoutMs })
  return code === 0 ? [] : [{ where: `concurrency tests ended with ${code}`, what: failuresIn(output) }]
}

/**
 * Installs the tarballs into an empty project, and uses them there on every supported Node.
 *
 * @param root absolute path of the checkout
 * @param files gives the tarballs, once they are packed
 */
export function consumerChecks(root: string, files: () => readonly string[]): Check[] {
  // Outside of the checkout, where nothing can be found by accident.
  const dir = mkdtempSync(join(tmpdir(), 'disruptorx-consumer-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  const packages = findPackages(root)
  const nodeOf = (major: number) => join(root, `tools/node${major}/node_modules/node/bin/node`)
  const consumer = { dir, packages, knowsUsing: [process.execPath, nodeOf(26)] }
  const use = (name: string, node: string, more: () => Promise<readonly Finding[]>): Check => ({
    name,
    needs: ['install of the tarballs'],
    run: async () => [...(await useOn(consumer, node)), ...(await more())],
  })
  const compatible = (major: number) => {
    const node = nodeOf(major)
    return use(`installed packages on Node ${major}`, node, () => testOn(root, node))
  }
  return [
    { name: 'install of the tarballs', needs: ['pack'], run: () => installTarballs(files(), dir) },
    use('installed packages on Node 24', process.execPath, async () => []),
    compatible(22),
    compatible(26),
  ]
}
