/**
 * Runs pages in headless Chromium, for tests: what a page reports, prints and throws.
 *
 * @example
 * await using browser = await launchBrowser()
 * const { reports, errors } = await browser.open({ files: { '/main.js': 'report(1 + 1)' } })
 * @packageDocumentation
 */
export { type Browser, launchBrowser, type PageOptions, type PageResult } from './chromium.ts'
export type { SiteOptions } from './site.ts'
