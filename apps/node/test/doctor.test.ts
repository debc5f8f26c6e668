import { readdirSync } from 'node:fs'
import { temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { checkFree, checkFsync, checkNode } from '../src/doctor/checks.ts'
import { disruptorx } from './support/command.ts'

describe('doctor', () => {
  it('looks at the machine, ends with a verdict, and leaves nothing behind', async () => {
    using dir = temporaryDirectory()
    const { stdout, exitCode } = await disruptorx(['doctor'], { cwd: dir.path })
    expect(exitCode).toBe(0)
    for (const name of ['platform', 'node', 'cores', 'shared-memory', 'open-files', 'free-disk', 'fsync'])
      expect(stdout).toMatch(new RegExp(`^(ok|warn) +${name} `, 'm'))
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^verdict: a node can run here/)
    expect(readdirSync(dir.path)).toEqual([])
  })

  it('gives programs one line of JSON', async () => {
    const { stdout } = await disruptorx(['doctor', '--json'])
    expect(stdout.trimEnd()).not.toContain('\n')
    const { verdict, checks } = JSON.parse(stdout)
    expect(['ok', 'warn']).toContain(verdict)
    expect(checks.node).toMatchObject({ level: 'ok', value: process.versions.node })
    expect(checks.fsync.value).toBeGreaterThan(0)
  })

  it('exits with 1 where a node cannot run', async () => {
    const { stdout, exitCode } = await disruptorx(['doctor', '--data-dir', '/proc'])
    expect(exitCode).toBe(process.platform === 'linux' ? 1 : 0)
    if (process.platform === 'linux') expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^verdict: a node cannot run here \(data-dir\)/)
  })

  it('judges versions of Node, free disk and the cost of fsync on both sides of each bound', () => {
    const levels = (versions: string[]) => versions.map(version => checkNode(version).level)
    expect(levels(['22.17.9', '22.18.0', '23.4.0', '24.0.0', '26.0.0', '20.1.0'])).toEqual(['fail', 'ok', 'warn', 'ok', 'ok', 'fail'])
    const gib = 1024 ** 3
    expect([2 * gib, 2 * gib - 1, gib / 4, gib / 4 - 1].map(free => checkFree(free, '/').level)).toEqual(['ok', 'warn', 'warn', 'fail'])
    expect([5000, 5001].map(cost => checkFsync(cost, cost, '/').level)).toEqual(['ok', 'warn'])
  })
})
