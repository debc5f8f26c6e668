/**
 * Bundles and runs pages in headless Chromium, for tests: what a page reports, prints and throws.
 *
 * @example
 * await using browser = await launchBrowser()
 * const { reports, errors } = await browser.open({ files: { '/main.js': await bundle(new URL('page.ts', import.meta.url)) } })
 * @packageDocumentation
 */
export { bundle } from './bundle.ts'
export { type Browser, launchBrowser, type PageOptions, type PageResult } from './chromium.ts'
export type { SiteOptions } from './site.ts'
