import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identityOf, isAlive } from '../processes.mjs'
import { SetupLock } from '../setup-lock.mjs'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A process id that nobody has any more. */
const deadPid = () => Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }))

describe('a set-up lock', () => {
  it('is held by one process at a time, in the order of arrival', async () => {
    const file = join(dir, 'critical')
    const module = new URL('../setup-lock.mjs', import.meta.url).href
    const source = `
      import { appendFileSync } from 'node:fs'
      import { SetupLock } from ${JSON.stringify(module)}
      for (let round = 0; round < 5; round++) {
        const lock = new SetupLock(${JSON.stringify(join(dir, 'queue'))}, [process.pid])
        await lock.acquire({ pollMs: 1 })
        appendFileSync(${JSON.stringify(file)}, 'in ')
        await new Promise(done => setTimeout(done, 2))
        appendFileSync(${JSON.stringify(file)}, 'out ')
        lock.release()
      }`
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'ignore', 'inherit'] }),
    )
    for (const child of children) if (child.exitCode === null) expect((await once(child, 'exit'))[0]).toBe(0)
    expect(readFileSync(file, 'utf8')).toBe('in out '.repeat(30))
    expect(readdirSync(join(dir, 'queue'))).toEqual([])
  })

  it('does not wait for the dead, whether they held a ticket or were drawing one', async () => {
    const dead = deadPid()
    writeFileSync(join(dir, `ticket_1_${dead}.1`), '')
    writeFileSync(join(dir, `choosing_${dead}.1+${dead}.2`), '')
    const lock = new SetupLock(dir, [process.pid])
    await lock.acquire()
    expect(readdirSync(dir)).toEqual([expect.stringMatching(new RegExp(`^ticket_\\d+_${process.pid}\\.`))])
  })

  it('does not take a process with a reused number for the one that is gone', () => {
    expect(isAlive(identityOf(process.pid))).toBe(true)
    expect(isAlive(`${process.pid}.1`)).toBe(false)
  })

  it('stays held while any of its owners lives', async () => {
    writeFileSync(join(dir, `ticket_1_${deadPid()}.1+${identityOf(process.ppid)}`), '')
    const stop = new AbortController()
    const waited = new SetupLock(dir, [process.pid]).acquire({ signal: stop.signal, onWait: () => stop.abort(new Error('still held')) })
    await expect(waited).rejects.toThrow('still held')
    expect(readdirSync(dir)).toHaveLength(1)
  })
})
