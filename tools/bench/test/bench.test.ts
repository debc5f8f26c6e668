import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchPackage } from '../../verify/test/scratch.ts'
import { repository } from '../../verify/workspace.ts'
import { command } from '../command.ts'
import { findSuites, runSuite } from '../suites.ts'
import { table } from '../table.ts'

const bench = (...args: string[]) =>
  spawnSync(process.execPath, [join(repository, 'tools/bench/main.ts'), ...args], { encoding: 'utf8', timeout: 60_000 })

const suites = findSuites(repository)

describe('the suites of this repository', () => {
  it('are found', () => {
    expect(suites.map(({ name }) => name)).toContain('layout')
  })

  it.each(suites)('run with tiny inputs: $name', ({ name }) => {
    const { status, stdout, stderr } = bench(name, '--quick', '--json')
    expect(stderr.split('\n').filter(line => line.includes('Error'))).toEqual([])
    expect(status).toBe(0)
    const line = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    expect(line).toMatchObject({ suite: name, node: process.versions.node })
    expect(line.cpus).toBeGreaterThan(0)
    expect(Object.keys(line).sort()).toEqual(['cpus', 'node', 'results', 'suite'])
    expect(Object.keys(line.results).length).toBeGreaterThan(0)
    for (const value of Object.values(line.results)) expect(value).toEqual(expect.any(Number))
  })
})

describe('the benchmark runner', () => {
  it.each([
    [['nonsense'], "unknown suite 'nonsense'"],
    [[], 'usage'],
    [['layout', '--fast'], "Unknown option '--fast'"],
  ])('refuses %j and lists the suites', (args, message) => {
    const { status, stderr } = bench(...args)
    expect(status).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/suites: .*layout/)
  })

  it('measures only what was chosen', () => {
    const { status, stdout } = bench('ring', '--quick', '--json', '--only', 'messagePort,raw.burst10')
    expect(status).toBe(0)
    const { results } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    expect(Object.keys(results)).toEqual(['messagePort', 'messagePort.burst', 'raw.burst10'])
  })

  it('ends with an error when a suite calls itself defective, after its results', async () => {
    const root = scratchPackage('packages/a', {
      'bench/odd.ts': `export default { suite: 'odd', run: async ({ defect }) => (defect('too slow to be true'), { rate: 1 }) }`,
    })
    const lines: string[] = []
    const errors: string[] = []
    const code = await command(['odd', '--json'], root, { log: line => lines.push(line), error: line => errors.push(line) })
    expect(code).toBe(1)
    expect(errors.at(-1)).toBe('bench: defect of the benchmark: too slow to be true')
    expect(JSON.parse(lines.join('')).results).toEqual({ rate: 1 })
  })

  it('tells a suite from a worker beside it', () => {
    const root = scratchPackage('packages/a', {
      'bench/ring.ts': `export default { suite: 'ring', run: async () => ({}) }`,
      'bench/ring-worker.ts': 'export const x = 1',
    })
    expect(findSuites(root).map(({ name }) => name)).toEqual(['ring'])
  })

  it('refuses a result that is no number', async () => {
    const file = scratchPackage('packages/a', {
      'bench/odd.mts': `export default { suite: 'odd', run: async () => ({ rate: Number.NaN }) }`,
    })
    const suite = { name: 'odd', file: join(file, 'packages/a/bench/odd.mts') }
    await expect(runSuite(suite, { quick: true, log() {}, defect() {} })).rejects.toThrow("NaN for 'rate'")
  })

  it('prints a table that people can read', () => {
    expect(table({ perSecond: 12345678.9, p99Us: 5.43211 })).toEqual(['perSecond  12,345,679', 'p99Us           5.432'])
  })
})
