import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeCheckout } from './fake-checkout.ts'

let checkout: FakeCheckout
beforeEach(() => {
  checkout = new FakeCheckout()
})
afterEach(() => checkout.remove())

describe('a launcher', () => {
  it('installs, builds and runs, and keeps the output of set-up away from stdout', async () => {
    const { code, stdout, stderr } = await checkout.launch(['start', '--port', '0']).outcome
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ args: ['start', '--port', '0'], cwd: checkout.root })
    expect(stderr).toContain('output of install')
    expect(stderr).not.toContain('output of build')
    expect(checkout.journal.map(line => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'install begin',
      'install end',
      'build begin',
      'build end',
      'app begin',
      'app end',
    ])
  })

  it('leaves out the other Nodes when it installs, and freezes the lockfile', async () => {
    await checkout.launch(['start']).outcome
    const line = checkout.journal.find(entry => entry.startsWith('install begin'))
    expect(line).toMatch(/install --frozen-lockfile --filter !@disruptorx\/node22 --filter !@disruptorx\/node26$/)
  })

  it('does not install again while lockfile and manifests are the same, whatever the command', async () => {
    await checkout.launch(['start']).outcome
    await checkout.launch(['test']).outcome
    await checkout.launch(['start']).outcome
    expect(checkout.count('install')).toBe(1)
    expect(checkout.count('test')).toBe(1)
    expect(checkout.count('app')).toBe(2)
  })

  it.each([
    ['the lockfile', 'pnpm-lock.yaml', 'second'],
    ['the workspace', 'pnpm-workspace.yaml', 'packages: []'],
    ['a package', 'packages/one/package.json', '{}'],
  ])('installs again when %s changed', async (_what, file, text) => {
    await checkout.launch(['start']).outcome
    mkdirSync(join(checkout.root, 'packages/one'))
    writeFileSync(join(checkout.root, file), text)
    await checkout.launch(['start']).outcome
    expect(checkout.count('install')).toBe(2)
  })

  it('installs again what verify needs beyond the others, and then nothing more for them', async () => {
    await checkout.launch(['start']).outcome
    await checkout.launch(['verify']).outcome
    await checkout.launch(['start']).outcome
    expect(checkout.count('install')).toBe(2)
    expect(checkout.journal.findLast(line => line.startsWith('install begin'))).toMatch(/install --frozen-lockfile$/)
  })

  it('repeats a failed install and fails with it', async () => {
    const failed = await checkout.launch(['start'], { FAKE_FAIL: 'install', FAKE_CODE: '3' }).outcome
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain('the dependencies could not be installed')
    expect((await checkout.launch(['start']).outcome).code).toBe(0)
    expect(checkout.count('install')).toBe(2)
  })

  it('does not run what could not be built', async () => {
    const failed = await checkout.launch(['test'], { FAKE_FAIL: 'build', FAKE_CODE: '1' }).outcome
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain('output of build\ndisruptorx: the build failed')
    expect(checkout.count('test')).toBe(0)
  })

  it('sets up once when several start at the same moment', async () => {
    const runs = [1, 2, 3, 4].map(() => checkout.launch(['start'], { FAKE_SLOW_MS: '150' }).outcome)
    for (const { code } of await Promise.all(runs)) expect(code).toBe(0)
    expect(checkout.count('install')).toBe(1)
    const builds = checkout.journal.filter(line => line.startsWith('build')).map(line => line.split(' ')[1])
    expect(builds).toEqual(['begin', 'end', 'begin', 'end', 'begin', 'end', 'begin', 'end'])
  })

  it('ends with the code of its command', async () => {
    expect(await checkout.launch(['start'], { FAKE_CODE: '7' }).outcome).toMatchObject({ code: 7, signal: null })
  })

  it('ends by the signal that ended its command', async () => {
    expect(await checkout.launch(['start'], { FAKE_SIGNAL: 'SIGKILL' }).outcome).toMatchObject({ code: null, signal: 'SIGKILL' })
  })

  it('runs the application where the user called npm from', async () => {
    const { stdout } = await checkout.npm(
      ['--silent', '--prefix', checkout.root, 'start', '--', 'replay', 'file'],
      {},
      join(checkout.root, 'somewhere'),
    ).outcome
    expect(JSON.parse(stdout)).toMatchObject({ args: ['replay', 'file'], cwd: join(checkout.root, 'somewhere') })
  })

  it('names its commands when it does not know one', async () => {
    const { code, stderr } = await checkout.launch(['constructor']).outcome
    expect(code).toBe(2)
    expect(stderr).toContain("unknown command 'constructor'")
    expect(stderr).toContain('new-package')
    expect(existsSync(join(checkout.root, 'journal'))).toBe(false)
  })

  it('says what it needs on a Node that is too old', () => {
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'18.19.0'}})`
    const { status, stderr } = spawnSync(process.execPath, ['--import', old, join(checkout.root, 'tools/bin/boot.mjs'), 'start'], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toContain('Node 20 or newer; this is Node 18.19.0')
    expect(existsSync(join(checkout.root, 'journal'))).toBe(false)
  })
})
