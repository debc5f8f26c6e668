import { fileURLToPath } from 'node:url'
import { type Browser, launchBrowser } from '@disruptorx/browser'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runGroup } from './group.ts'

let browser: Browser
let script: Uint8Array
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
  })
  script = outputFiles[0]?.contents ?? new Uint8Array()
  browser = await launchBrowser()
})
afterAll(() => browser?.[Symbol.asyncDispose]())

describe('a group in a page', () => {
  it('does and says what it does in Node', async () => {
    const { reports, errors } = await browser.open({ files: { '/main.js': script } })
    const said = runGroup()
    expect(said.at(-1)).toContain(`"voters":[2,3,${2 ** 32 + 4}]`)
    expect({ errors, reports }).toEqual({ errors: [], reports: [said] })
  })
})
