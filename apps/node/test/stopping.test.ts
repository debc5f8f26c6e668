import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startProcess, temporaryDirectory } from '@disruptorx/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Lifetime } from '../src/commands/start.ts'
import { disruptorx, expectRefusal, MAIN, startDisruptorx } from './support/command.ts'
import { orderText } from './support/orders.ts'

const DAY_MS = 86_400_000
/** Longer than the time in which two signals count as one press of Ctrl-C. */
const NEXT_PRESS_MS = 500

const hasPipes = spawnSync('mkfifo', ['--version']).status === 0
if (!hasPipes) console.warn('skipped: tests with named pipes, because the command mkfifo is not there')

function makePipe(path: string): void {
  expect(spawnSync('mkfifo', [path]).status).toBe(0)
}

/** Loaded into each thread of the command: from when the file is there, a sync never returns, as on a disk that does not answer. */
const hangingSync = (file: string, pipe: string) => `
const fs = require('node:fs')
const sync = fs.fdatasyncSync
fs.fdatasyncSync = handle => {
  if (fs.existsSync(${JSON.stringify(file)})) {
    fs.writeFileSync(${JSON.stringify(`${file}.hangs`)}, '')
    fs.openSync(${JSON.stringify(pipe)}, 'r')
  }
  return sync(handle)
}
require('node:module').syncBuiltinESMExports()
`

/** Loaded into the command: writes a line as soon as SIGINT no longer ends it by itself. */
const SAYS_THAT_IT_HEARS = `
process.on('newListener', name => name === 'SIGINT' && setImmediate(() => console.error('it hears')))
`

describe.skipIf(!hasPipes)('a FILE that is no regular file', () => {
  it('is refused at once, and pointed to standard input', async () => {
    using dir = temporaryDirectory()
    makePipe(dir.join('orders.pipe'))
    const pipe = await disruptorx(['replay', 'orders.pipe'], { cwd: dir.path })
    expectRefusal(pipe, 2, 'orders.pipe is not a regular file; give it as standard input: disruptorx replay - < orders.pipe')
    expectRefusal(await disruptorx(['replay', '/dev/null'], { cwd: dir.path }), 2, '/dev/null is not a regular file')
    expect(existsSync(dir.join('.data'))).toBe(false)
  })
})

describe.skipIf(!hasPipes)('a replay of a pipe on standard input', () => {
  for (const [when, beginning] of [
    ['before anything came', ''],
    ['between two lines', orderText(4, 300)],
  ] as const) {
    it(`is ended by one Ctrl-C that comes ${when}`, async () => {
      using dir = temporaryDirectory()
      makePipe(dir.join('orders.pipe'))
      writeFileSync(dir.join('beginning.csv'), beginning)
      // The shell keeps the writing end open, so that standard input has no end.
      const script = 'exec 3<>orders.pipe; cat beginning.csv >&3; exec "$0" "$1" replay - < orders.pipe'
      const args = ['-c', script, process.execPath, MAIN]
      writeFileSync(dir.join('preload.cjs'), SAYS_THAT_IT_HEARS)
      const env = { NODE_OPTIONS: `--require ${dir.join('preload.cjs')}` }
      await using running = startProcess({ command: 'bash', args, cwd: dir.path, env, timeoutMs: 30_000 })
      await running.waitForLine(line => (beginning === '' ? line === 'it hears' : line.startsWith('started at line 1')))
      running.kill('SIGINT')
      expect(await running.result).toMatchObject({ exitCode: 130, signal: undefined })
    })
  }
})

describe.skipIf(!hasPipes)('a live node whose disk does not answer any more', () => {
  it('says once that it drains, and is ended by a second Ctrl-C', async () => {
    using dir = temporaryDirectory()
    makePipe(dir.join('never'))
    const hang = dir.join('hang')
    writeFileSync(dir.join('preload.cjs'), hangingSync(hang, dir.join('never')))
    const env = { NODE_OPTIONS: `--require ${dir.join('preload.cjs')}` }
    await using running = startDisruptorx(['start', '--port', '0', '--rate', '2000'], { cwd: dir.path, env, timeoutMs: 30_000 })
    await running.waitForLine(line => line.startsWith('running'))
    writeFileSync(hang, '')
    await vi.waitUntil(() => existsSync(`${hang}.hangs`), { timeout: 10_000 })
    running.kill('SIGINT')
    await running.waitForLine(line => line.startsWith('draining'))
    await sleep(3 * NEXT_PRESS_MS)
    running.kill('SIGINT')
    const { stdout, stderr, ...end } = await running.result
    // To a shell that is 130.
    expect(end).toMatchObject({ exitCode: undefined, signal: 'SIGINT' })
    expect(stderr).toMatch(/\ndisruptorx: ended at once by Ctrl-C\n$/)
    expect(stdout.match(/^draining/gm)).toHaveLength(1)
  })
})

describe('the duration of a live node', () => {
  for (const days of [30, 365]) {
    it(`may be ${days} days`, async () => {
      using dir = temporaryDirectory()
      const args = ['start', '--port', '0', '--duration', String((days * DAY_MS) / 1000)]
      const ended = await disruptorx(args, { cwd: dir.path, killWhen: line => line.startsWith('running'), killSignal: 'SIGTERM' })
      expect(ended.exitCode).toBe(0)
      expect(ended.stdout).toContain('ended by SIGTERM')
      expect(ended.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^started: /)])
    })
  }

  it('may be a fraction of a second more than whole', async () => {
    using dir = temporaryDirectory()
    for (const duration of ['0.1', '0.1004', '1.001']) {
      const { exitCode, stdout } = await disruptorx(['start', '--port', '0', '--duration', duration], { cwd: dir.path })
      expect({ duration, exitCode }).toEqual({ duration, exitCode: 0 })
      expect(stdout).toMatch(/^ended: /m)
    }
  })
})

describe('the lifetime of a node', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  for (const ms of [100, 1001, 2 ** 31 - 1, 2 ** 31, 30 * DAY_MS, 365 * DAY_MS]) {
    it(`is over after ${ms} ms, and not before`, () => {
      using lifetime = new Lifetime(ms / 1000)
      vi.advanceTimersByTime(ms - 1)
      expect(lifetime.over.aborted).toBe(false)
      vi.advanceTimersByTime(1)
      expect(lifetime.over.aborted).toBe(true)
    })
  }

  it('leaves no timer when it is disposed of, and has none when it is for ever', () => {
    new Lifetime(3000)[Symbol.dispose]()
    new Lifetime(undefined)
    expect(vi.getTimerCount()).toBe(0)
  })
})
