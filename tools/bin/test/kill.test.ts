import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeCheckout, until } from './fake-checkout.ts'

let checkout: FakeCheckout
beforeEach(() => {
  checkout = new FakeCheckout()
})
afterEach(() => checkout.remove())

const phases = [
  { phase: 'install', command: 'start' },
  { phase: 'build', command: 'start' },
  { phase: 'app', command: 'start' },
  { phase: 'test', command: 'test' },
] as const

/** The launcher notes no process id, but it is the parent of the stand-in. */
function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

describe.each(phases)('a run that is killed while the $phase runs', ({ phase, command }) => {
  it.each([
    ['npm', 'SIGTERM'],
    ['npm', 'SIGKILL'],
    ['launcher', 'SIGTERM'],
    ['launcher', 'SIGKILL'],
    ['child', 'SIGKILL'],
  ] as const)('leaves no process and no hindrance: %s by %s', async (victim, signal) => {
    const run = checkout.npm([command], { FAKE_HANG: phase })
    const child = await checkout.pidOf(phase)
    await checkout.pidOf('grandchild')
    const launcher = parentOf(child)
    const npm = run.process.pid ?? 0
    // npm, launcher, guard, the command and its child.
    expect(checkout.living.length).toBeGreaterThanOrEqual(4)

    process.kill({ npm, launcher, child }[victim], signal)
    await until(() => checkout.living.length === 0, 'everything to end')
    await run.outcome

    checkout.forget()
    const again = await checkout.npm([command]).outcome
    expect(again.code).toBe(0)
    expect(checkout.journal.some(line => line.startsWith('install found-half'))).toBe(false)
    expect(checkout.count('install')).toBe(phase === 'install' ? 1 : 0)
  })
})

describe('Ctrl-C', () => {
  it.each(phases)('ends everything while the $phase runs', async ({ phase, command }) => {
    const run = checkout.npm([command], { FAKE_HANG: phase }, checkout.root, true)
    await checkout.pidOf('grandchild')
    process.kill(-(run.process.pid ?? 0), 'SIGINT')
    await until(() => checkout.living.length === 0, 'everything to end')
    const { code, signal } = await run.outcome
    // The application may take it for the wish to end in good order.
    expect(phase === 'app' || code !== 0 || signal !== null).toBe(true)
  })
})

describe('a launcher that waits for another one', () => {
  it('ends when it is asked to, and leaves the other one alone', async () => {
    const first = checkout.launch(['start'], { FAKE_HANG: 'install' })
    await checkout.pidOf('grandchild')
    const second = checkout.launch(['start'])
    await until(() => second.stderr().includes('waiting for another set-up'), 'the second to wait')
    second.process.kill('SIGTERM')
    expect(await second.outcome).toMatchObject({ code: null, signal: 'SIGTERM' })
    expect(first.process.exitCode).toBeNull()
    const third = checkout.launch(['start'])
    first.process.kill('SIGKILL')
    expect(await third.outcome).toMatchObject({ code: 0 })
    expect(checkout.journal.some(line => line.startsWith('install found-half'))).toBe(false)
  })
})

describe('a guard that is killed', () => {
  it('does not disturb its launcher', async () => {
    const run = checkout.launch(['start'], { FAKE_SLOW_MS: '300' })
    await checkout.pidOf('install')
    for (const pid of checkout.pidsOf('guard.mjs')) process.kill(pid, 'SIGKILL')
    expect(await run.outcome).toMatchObject({ code: 0 })
    expect(checkout.living).toEqual([])
  })
})
