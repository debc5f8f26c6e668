import { type Browser, bundle, launchBrowser } from '@disruptorx/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { struct } from '../../src/index.ts'
import { golden, newerNoted } from '../golden.ts'
import { bytesOf } from '../hex.ts'

let browser: Browser
let script: Uint8Array
beforeAll(async () => {
  script = await bundle(new URL('page.ts', import.meta.url))
  browser = await launchBrowser()
})
afterAll(() => browser?.[Symbol.asyncDispose]())

/** What a page must come to: what Node does. */
const records = [...golden, newerNoted].map(({ name, spec, version, hex }) => {
  const bytes = bytesOf(hex)
  return { name, hex, read: JSON.stringify(struct(spec, { version }).reader().read(bytes, 0, bytes.length)) }
})

describe('a layout in a page', () => {
  it.each([
    ['without a policy', undefined, true],
    ["whose policy forbids 'unsafe-eval'", "default-src 'none'; script-src 'self'", false],
    ['whose policy demands trusted types', "script-src 'self' 'unsafe-eval'; require-trusted-types-for 'script'", false],
  ])('%s reads and writes the golden records', async (_, contentSecurityPolicy, generates) => {
    const policy = contentSecurityPolicy === undefined ? {} : { contentSecurityPolicy }
    const { reports, errors } = await browser.open({ files: { '/main.js': script }, timeoutMs: 60_000, ...policy })
    expect({ errors, reports }).toEqual({ errors: [], reports: [{ generates, records, text: true, refused: 'DX_FIELD' }] })
  })
})
