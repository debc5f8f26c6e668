import { readdirSync, readFileSync } from 'node:fs'
import { type Browser, launchBrowser, type PageOptions } from '@disruptorx/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildByVite, bundleByEsbuild } from './bundles.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.[Symbol.asyncDispose]())

/** What the page reports, if nothing was printed and nothing thrown. */
async function reportOf(options: PageOptions): Promise<unknown> {
  const { reports, console, errors } = await browser.open({ timeoutMs: 60_000, ...options })
  expect({ console, errors }).toEqual({ console: [], errors: [] })
  return reports[0]
}

describe.each([
  ['esbuild', bundleByEsbuild],
  ['vite', buildByVite],
])('a page built by %s', (_, build) => {
  it('loads every main entry that is said to run anywhere, and uses it', async () => {
    expect(await reportOf({ files: await build('entries') })).toEqual({
      written: { id: 2 ** 40, price: 1.5, open: true },
      decoded: { id: 2 ** 40, price: 1.5, open: true },
      message: 'option capacity is 3; it must be a power of two from 2 to 67108864',
      crc: 0xcbf43926,
      clocks: true,
      random: true,
      strategy: 'function',
    })
  })

  it('runs a ring between two workers and receives from it on its event loop', async () => {
    const files = build === buildByVite ? await build('pipeline') : await build('pipeline', 'ring-writer', 'ring-reader')
    const sum = (19_999 * 20_000 * 39_999) / 6
    expect(await reportOf({ files })).toEqual({ received: 20_000, sum, early: 0, read: 20_000 })
  })
})

describe('the main thread of a page', () => {
  it('may not block, and is told so', async () => {
    const outcomes = (await reportOf({ files: await bundleByEsbuild('blocking') })) as Record<string, string>
    for (const [kind, outcome] of Object.entries(outcomes)) expect(`${kind}: ${outcome}`).toMatch(/^\w+: DX_BLOCKING_FORBIDDEN /)
    expect(Object.keys(outcomes)).toEqual(['blocking', 'adaptive', 'next'])
  })
})

describe('a page that is not isolated', () => {
  it('loads everything, and learns which two headers it needs when it makes a ring', async () => {
    const files = await bundleByEsbuild('isolation')
    expect(await reportOf({ files, isolated: false })).toEqual({
      isolated: false,
      code: 'DX_NO_SHARED_MEMORY',
      message: expect.stringMatching(/Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/s),
    })
    expect(await reportOf({ files })).toEqual({ isolated: true, code: 'nothing thrown', message: '' })
  })
})

describe("a page whose policy forbids 'unsafe-eval'", () => {
  it('uses layouts, rings and handlers all the same', async () => {
    const files = await bundleByEsbuild('policy')
    const seen = [0, 1, 2].map(id => ({ id, price: 0 - id, open: id === 1 }))
    const { reports, errors } = await browser.open({ files, contentSecurityPolicy: "script-src 'self'", timeoutMs: 60_000 })
    expect({ errors, reports }).toEqual({ errors: [], reports: [{ forbidden: true, seen, refused: 'DX_FIELD' }] })
    expect(await reportOf({ files })).toMatchObject({ forbidden: false, seen })
  })
})

describe('the browser for tests', () => {
  it('tells what a page prints and throws, and what its workers do', async () => {
    const files = {
      // The page ends by what it throws, and what its worker prints comes another way: not before the worker has printed often.
      '/main.js': "console.warn('look'); let heard = 0; new Worker('/worker.js').onmessage = () => { if (++heard === 30) null.x }",
      '/worker.js': "setInterval(() => { console.log('here'); postMessage('printed') }, 10)",
    }
    const { reports, console, errors } = await browser.open({ files, timeoutMs: 60_000 })
    expect(reports).toEqual([])
    expect(console).toContain('warning: look')
    expect(console).toContain('log: here')
    expect(errors).toEqual([expect.stringMatching(/TypeError/)])
  })

  it('fails for a page that reports nothing, with what it printed', async () => {
    const files = { '/main.js': "console.log('so far')" }
    let said = ''
    // It may take any time until it prints.
    for (let timeoutMs = 300; timeoutMs < 60_000 && !said.endsWith('\nlog: so far'); timeoutMs *= 3) {
      said = await browser.open({ files, timeoutMs }).then(String, (error: Error) => error.message)
      expect(said).toContain(`nothing within ${timeoutMs} ms; it had printed:\n`)
    }
    expect(said).toContain('; it had printed:\nlog: so far')
  }, 240_000)

  it('leaves no process behind, also when its page never ends', async () => {
    const before = childProcesses()
    const second = await launchBrowser()
    expect(second.version).toBe(browser.version)
    expect(childProcesses().length).toBeGreaterThan(before.length)
    await expect(second.open({ files: { '/main.js': 'for (;;);' }, timeoutMs: 300 })).rejects.toThrow(/nothing within 300 ms/)
    await second[Symbol.asyncDispose]()
    expect(childProcesses()).toEqual(before)
    await expect(second.open({ files: {} })).rejects.toThrow()
  })
})

/** Processes that this one started and that are still there. */
function childProcesses(): number[] {
  const pids = readdirSync('/proc').map(Number)
  return pids.filter(pid => pid > 0 && parentOf(pid) === process.pid)
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}
