import { type Browser, bundle, launchBrowser } from '@disruptorx/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runGroup } from './group.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.[Symbol.asyncDispose]())

describe('a group in a page', () => {
  it('does and says what it does in Node', async () => {
    const script = await bundle(new URL('page.ts', import.meta.url))
    const { reports, errors } = await browser.open({ files: { '/main.js': script } })
    const said = runGroup()
    expect(said.at(-1)).toContain(`"voters":[2,3,${2 ** 32 + 4}]`)
    expect({ errors, reports }).toEqual({ errors: [], reports: [said] })
  })
})
