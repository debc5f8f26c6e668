import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

/** What a site serves, and how. */
export interface SiteOptions {
  /** A folder, or contents by path: `/main.js`. Without `/index.html` there is one that loads `/main.js` as a module. */
  readonly files: string | Readonly<Record<string, string | Uint8Array>>
  /** Whether the site sends the two headers that give a page shared memory. @default true */
  readonly isolated?: boolean
  /** The `Content-Security-Policy` of every answer. @default none */
  readonly contentSecurityPolicy?: string
}

/** A site that is being served. Disposing of it ends every connection. */
export interface Site extends AsyncDisposable {
  /** With a slash at its end. */
  readonly url: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  // Under the name of its source, so that one `new URL('./worker.ts', import.meta.url)` does for every bundler.
  '.ts': 'text/javascript',
  '.json': 'application/json',
  '.css': 'text/css',
}

const defaultIndex = '<!doctype html><meta charset="utf-8"><title>test</title><script type="module" src="/main.js"></script>'

/** Serves files on a port of loopback that was free. */
export async function serveSite(options: SiteOptions): Promise<Site> {
  const headers: Record<string, string> = {}
  if (options.isolated !== false) {
    headers['Cross-Origin-Opener-Policy'] = 'same-origin'
    headers['Cross-Origin-Embedder-Policy'] = 'require-corp'
  }
  if (options.contentSecurityPolicy !== undefined) headers['Content-Security-Policy'] = options.contentSecurityPolicy
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname === '/' ? '/index.html' : decodeURIComponent(pathname)
    const content = contentOf(options.files, path)
    if (content === undefined) response.writeHead(404, headers).end()
    else response.writeHead(200, { ...headers, 'Content-Type': types[extname(path)] ?? 'application/octet-stream' }).end(content)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function contentOf(files: SiteOptions['files'], path: string): string | Uint8Array | undefined {
  const fallback = path === '/index.html' ? defaultIndex : path === '/favicon.ico' ? '' : undefined
  if (typeof files !== 'string') return Object.hasOwn(files, path) ? files[path] : fallback
  try {
    // Normalised as an absolute path, nothing leads out of the folder.
    return readFileSync(join(files, normalize(path)))
  } catch {
    return fallback
  }
}
