import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProcess, temporaryDirectory } from '../../testkit/src/index.ts'

const fixture = fileURLToPath(new URL('fixtures/pipeline', import.meta.url))

/** What the pipeline prints. Lines of different threads may come in any order. */
const printed = ['order 100000', 'order 25000', 'order 50000', 'order 75000', 'volume 103000000']

/** Package managers take their time on a busy machine. */
const hangMs = 240_000

let project: string
const directory = temporaryDirectory()
afterAll(() => directory.dispose())

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runProcess({ command, args, cwd, timeoutMs: hangMs })
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}:\n${stdout}\n${stderr}`)
  return stdout
}

const linesOf = (output: string) => output.trim().split('\n').sort()

beforeAll(async () => {
  project = directory.join('project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n')
  const folders = ['contracts', 'layout', 'wait-strategies', 'core'].map(name => fileURLToPath(new URL(`../../${name}`, import.meta.url)))
  await Promise.all(folders.map(folder => run('pnpm', ['pack', '--pack-destination', directory.path], folder)))
  const tarballs = readdirSync(directory.path).filter(file => file.endsWith('.tgz'))
  expect(tarballs).toHaveLength(4)
  // Without the registry: what the tarballs need is in the tarballs.
  const quietly = ['install', '--offline', '--no-audit', '--no-fund', '--loglevel=error']
  await run('npm', [...quietly, ...tarballs.map(file => join(directory.path, file))], project)
  for (const file of readdirSync(fixture)) cpSync(join(fixture, file), join(project, file))
}, hangMs)

describe('an empty project with the packed packages', { timeout: hangMs }, () => {
  it('has them and nothing else', () => {
    expect(readdirSync(join(project, 'node_modules')).filter(name => !name.startsWith('.'))).toEqual(['@disruptorx'])
    expect(readdirSync(join(project, 'node_modules/@disruptorx')).sort()).toEqual(['contracts', 'core', 'layout', 'wait-strategies'])
  })

  it('runs a pipeline of three worker threads, written in TypeScript in under 30 lines', async () => {
    const lines = ['main.ts', 'stages.ts'].flatMap(file => readFileSync(join(project, file), 'utf8').split('\n'))
    expect(lines.filter(line => line.trim() !== '').length).toBeLessThan(30)
    expect(linesOf(await run(process.execPath, ['main.ts'], project))).toEqual(printed)
  })

  it('runs it bundled by esbuild, its workers found by the URL that it gives', async () => {
    const { warnings } = await build({
      absWorkingDir: project,
      entryPoints: {
        bundled: 'bundled.ts',
        stages: 'stages.ts',
        'workers/handler-worker': 'node_modules/@disruptorx/core/dist/handler-worker.js',
      },
      outdir: 'out',
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
    })
    expect(warnings).toEqual([])
    const alone = directory.join('alone')
    cpSync(join(project, 'out'), alone, { recursive: true })
    writeFileSync(join(alone, 'package.json'), '{ "type": "module" }\n')
    expect(existsSync(join(alone, 'node_modules'))).toBe(false)
    expect(linesOf(await run(process.execPath, ['bundled.js'], alone))).toEqual(printed)
  })
})
