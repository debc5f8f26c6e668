import { describe, expect, it } from 'vitest'
import { runProcess } from '../../testkit/src/index.ts'
import { affinity, pin, topology, tryPin } from '../src/platform/affinity.ts'
import { formatCoreList } from '../src/platform/affinity-cores.ts'
import { codeOf } from './support.ts'
import { runWorker } from './workers/run.ts'

/** These hold what the kernel of the tests' machines does: they are Linux. Other systems get the refusals below. */
const allowed = affinity()
const last = allowed.at(-1) as number
const all = formatCoreList(allowed)

interface Pinned {
  readonly before: string
  readonly cores: readonly number[]
  readonly told: readonly number[]
  readonly thread: string
  readonly process: string
}

/** Runs a script that loads the module AFFINITY, in a process of its own that may be made to look like another machine. */
async function inProcess(script: string): Promise<unknown> {
  const url = JSON.stringify(new URL('../src/platform/affinity.ts', import.meta.url))
  const source = `
    const print = value => console.log(JSON.stringify(value))
    const coded = action => { try { return action() } catch (error) { return [error.code, error.message] } }
    ${script.replaceAll('AFFINITY', url)}`
  const { stdout, stderr, exitCode } = await runProcess({ command: process.execPath, args: ['--input-type=module', '-e', source] })
  if (exitCode !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

describe('pinning a thread to cores', () => {
  it('is what the kernel then says of that thread, and of no other', async () => {
    const pinned = await runWorker<Pinned>('./pinned.ts', last)
    expect(pinned).toEqual({ before: all, cores: [last], told: [last], thread: `${last}`, process: all })
    expect(affinity()).toEqual(allowed)
  })

  it('takes several cores, in any order', async () => {
    const { cores, thread } = await runWorker<Pinned>('./pinned.ts', [...allowed].reverse())
    expect([cores, thread]).toEqual([allowed, all])
  })

  it('is undone by pinning to what was before', () => {
    const before = affinity()
    expect(pin(last)).toEqual([last])
    expect(affinity()).toEqual([last])
    expect(pin(before)).toEqual(before)
    expect(affinity()).toEqual(before)
  })

  it('refuses a core that there is not, naming those that there are, and changes nothing', () => {
    const missing = Math.max(...topology().cores.map(({ core }) => core)) + 1
    pin(last)
    try {
      expect(codeOf(() => pin([last, missing]))).toBe('DX_OPTION')
      expect(() => pin(missing)).toThrow(`option cores is ${missing}; it must be among the cores that this process may use: `)
      expect(tryPin(missing)).toEqual({ pinned: false, reason: expect.stringContaining(`${missing}`) })
      expect(affinity()).toEqual([last])
    } finally {
      pin(allowed)
    }
  })

  it('may be tried: it tells that it did it', () => {
    expect(tryPin(last)).toEqual({ pinned: true, cores: [last] })
    expect(tryPin(allowed)).toEqual({ pinned: true, cores: allowed })
    expect(codeOf(() => tryPin(-1))).toBe('DX_OPTION')
    expect(codeOf(() => tryPin([]))).toBe('DX_OPTION')
  })
})

describe('where threads cannot be pinned', () => {
  it('says that koffi is missing, and what to do', async () => {
    const [pinned, tried, told] = (await inProcess(`
      const Module = (await import('node:module')).default
      const resolve = Module._resolveFilename
      Module._resolveFilename = (name, ...rest) => resolve.call(Module, name === 'koffi' ? 'no-such-koffi' : name, ...rest)
      const { pin, tryPin, affinity } = await import(AFFINITY)
      print([coded(() => pin(${last})), tryPin(${last}), affinity()])`)) as [string[], object, number[]]
    expect(pinned[0]).toBe('DX_AFFINITY_UNAVAILABLE')
    expect(pinned[1]).toContain('npm install koffi')
    expect(tried).toEqual({ pinned: false, reason: pinned[1] })
    expect(told).toEqual(allowed)
  })

  it('says that the operating system is not Linux, and still counts cores', async () => {
    const [pinned, tried, told, machine, near] = (await inProcess(`
      Object.defineProperty(process, 'platform', { value: 'darwin' })
      const { pin, tryPin, affinity, topology, nearCores } = await import(AFFINITY)
      print([coded(() => pin(0)), tryPin(0), coded(affinity), topology(), nearCores(1)])`)) as [string[], object, string[], object, object]
    expect(pinned[0]).toBe('DX_AFFINITY_UNAVAILABLE')
    expect(pinned[1]).toContain('darwin')
    expect(tried).toEqual({ pinned: false, reason: pinned[1] })
    expect(told[0]).toBe('DX_AFFINITY_UNAVAILABLE')
    const numa = { available: false, reason: expect.stringContaining('darwin') }
    expect(machine).toMatchObject({ source: 'count', numa })
    expect(near).toEqual({ cores: [0], farthest: 'same', numa })
  })
})
