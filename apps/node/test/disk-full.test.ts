import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { runProcess, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { expectRefusal, MAIN } from './support/command.ts'
import { writeOrders } from './support/orders.ts'

/** Whether this user may mount a small file system that nobody else sees. */
const canMount = process.platform === 'linux' && spawnSync('bash', ['-c', 'unshare -m mount -t tmpfs none /mnt']).status === 0
if (!canMount) console.warn('skipped: tests on a full disk, because this user may not mount one')

/** Runs the command in a directory whose disk has so many MiB. */
const onSmallDisk = (mebibytes: number, command: string, cwd: string) =>
  runProcess({
    command: 'unshare',
    args: [
      '-m',
      'bash',
      '-c',
      `mkdir small && mount -t tmpfs -o size=${mebibytes}m none small && exec "${process.execPath}" "${MAIN}" ${command}`,
    ],
    cwd,
  })

describe.skipIf(!existsSync('/dev/full'))('a standard output that takes nothing', () => {
  it('makes replay and generate fail with one clear line', async () => {
    using dir = temporaryDirectory()
    writeOrders(dir.join('orders.csv'), 1, 2000)
    for (const command of ['generate - --lines 50000', 'replay orders.csv --json']) {
      const args = ['-c', `"${process.execPath}" "${MAIN}" ${command} > /dev/full`]
      const { stderr, exitCode } = await runProcess({ command: 'bash', args, cwd: dir.path })
      expect(exitCode).toBe(1)
      expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^disruptorx: cannot write to standard output: disk full/)
    }
  })
})

describe.skipIf(!canMount)('a full disk', () => {
  it('ends a live node with one clear line', async () => {
    using dir = temporaryDirectory()
    const { stderr, exitCode } = await onSmallDisk(80, 'start --port 0 --rate 400000 --data-dir small/data', dir.path)
    expect(exitCode).toBe(1)
    const [started, ...rest] = stderr.trimEnd().split('\n')
    expect(started).toMatch(/^started: /)
    expect(rest).toEqual([expect.stringMatching(/^disruptorx: disk full: make room, then run the same command again/)])
  })

  it('refuses to begin, with one clear line', async () => {
    using dir = temporaryDirectory()
    writeOrders(dir.join('orders.csv'), 1, 2000)
    const start = await onSmallDisk(20, 'start --port 0 --data-dir small/data', dir.path)
    expectRefusal(start, 1, /disk full/)
    using other = temporaryDirectory()
    writeOrders(other.join('orders.csv'), 1, 2000)
    expectRefusal(await onSmallDisk(20, 'replay orders.csv --data-dir small/data', other.path), 1, /disk full/)
  })
})
