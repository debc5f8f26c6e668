import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Page, chromium as playwright } from 'playwright-core'
import { type SiteOptions, serveSite } from './site.ts'

/** What to open, and for how long. */
export interface PageOptions extends SiteOptions {
  /** Path of the page. @default '/' */
  readonly path?: string
  /** How long until the page has reported or failed. @default 15,000 */
  readonly timeoutMs?: number
}

/** What came of a page. */
export interface PageResult {
  /** What it passed to `report(value)`; the first one ends it. Values cross as JSON does, with `undefined`, `NaN` and infinities kept. */
  readonly reports: readonly unknown[]
  /** The lines that it and its workers printed, each after its kind: `error: ...`. */
  readonly console: readonly string[]
  /** What was thrown and not caught, rejections included; the first one ends it. */
  readonly errors: readonly string[]
}

/** A browser that runs. Disposing of it ends it with every page in it. */
export interface Browser extends AsyncDisposable {
  /** Such as `153.0.8010.0`. */
  readonly version: string
  /** Serves a site, opens a page of it, waits until it has reported or failed, and closes both. @throws {Error} neither came in time */
  open(options: PageOptions): Promise<PageResult>
}

/**
 * Starts a headless Chromium: the one of the package `@sparticuz/chromium`, or the program that `DISRUPTORX_CHROMIUM` names.
 *
 * With its defaults, apart from the sandbox, which needs rights that a container does not give: above all, shared memory is there only for isolated pages.
 * It ends with this process, however that ends: the pipe between them closes.
 *
 * @throws {Error} it does not start here
 */
export async function launchBrowser(): Promise<Browser> {
  const named = process.env.DISRUPTORX_CHROMIUM
  const folder = named ? undefined : await unpacked()
  const browser = await playwright.launch({
    executablePath: named ?? join(folder ?? '', 'chromium'),
    args: ['--no-sandbox', '--disable-gpu'],
    // Its own copies of the few libraries that a bare machine lacks.
    env: folder === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: join(folder, 'al2023/lib') },
  })
  return {
    version: browser.version(),
    async open(options) {
      await using site = await serveSite(options)
      const context = await browser.newContext()
      try {
        return await watch(await context.newPage(), new URL(options.path ?? '/', site.url).href, options.timeoutMs ?? 15_000)
      } finally {
        await context.close()
      }
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/** Loads a page, and gathers what comes from it until it has reported or failed. */
async function watch(page: Page, url: string, timeoutMs: number): Promise<PageResult> {
  const result = { reports: [] as unknown[], console: [] as string[], errors: [] as string[] }
  const ended = Promise.withResolvers<void>()
  page.on('console', message => result.console.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', error => {
    result.errors.push(error.stack ?? String(error))
    ended.resolve()
  })
  page.on('crash', () => ended.reject(new Error(`the page crashed; it had printed:\n${result.console.join('\n')}`)))
  await page.exposeFunction('report', (value: unknown) => {
    result.reports.push(value)
    ended.resolve()
  })
  const timer = setTimeout(() => {
    ended.reject(new Error(`the page reported nothing within ${timeoutMs} ms; it had printed:\n${result.console.join('\n')}`))
  }, timeoutMs)
  try {
    await Promise.all([page.goto(url, { waitUntil: 'commit' }), ended.promise])
    return result
  } finally {
    clearTimeout(timer)
  }
}

/** Unpacks the browser beside its package, once for each version, and returns the folder. */
async function unpacked(): Promise<string> {
  const source = new URL('../', import.meta.resolve('@sparticuz/chromium'))
  const { version } = JSON.parse(readFileSync(new URL('package.json', source), 'utf8')) as { version: string }
  const caches = join(import.meta.dirname, 'node_modules/.cache')
  const folder = join(caches, `chromium-${version}`)
  if (existsSync(folder)) return folder
  mkdirSync(caches, { recursive: true })
  // Elsewhere first, and moved when it is whole: another process may be doing the same, or this one may end half-way.
  const unfinished = mkdtempSync(`${folder}-`)
  try {
    const archives = ['chromium.br', 'al2023.tar.br'].map(file => fileURLToPath(new URL(`bin/${file}`, source)))
    const script = `import { inflate } from '@sparticuz/chromium'; await Promise.all(${JSON.stringify(archives)}.map(inflate))`
    // In a process of its own, because it unpacks into the folder for temporary files, whichever that is.
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      env: { ...process.env, TMPDIR: unfinished },
    })
    renameSync(unfinished, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}
