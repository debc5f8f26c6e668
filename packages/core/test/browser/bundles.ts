import { fileURLToPath } from 'node:url'
import { bundle } from '@disruptorx/browser'
import { build as vite } from 'vite'

/** Files of a site, by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>

const pages = fileURLToPath(new URL('pages', import.meta.url))

/** Bundles entries of the pages with esbuild, each into a file of its own; the first one is the page's script. */
export async function bundleByEsbuild(...entries: readonly string[]): Promise<Files> {
  const scripts = entries.map(async name => [`/${name}.mjs`, await bundle(new URL(`pages/${name}.mjs`, import.meta.url))] as const)
  return { ...Object.fromEntries(await Promise.all(scripts)), '/index.html': indexOf(`/${entries[0]}.mjs`) }
}

/** Builds one page with vite as its users do: minified, workers found by `new Worker(new URL(...))`. */
export async function buildByVite(entry: string): Promise<Files> {
  const built = await vite({
    root: pages,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { write: false, target: 'es2024', rolldownOptions: { input: `${pages}/${entry}.mjs` } },
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap(one => ('output' in one ? one.output : []))
  const files = outputs.map(file => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source] as const)
  const script = outputs.find(file => file.type === 'chunk' && file.isEntry)?.fileName
  return { ...Object.fromEntries(files), '/index.html': indexOf(`/${script}`) }
}

function indexOf(script: string): string {
  return `<!doctype html><meta charset="utf-8"><title>test</title><script type="module" src="${script}"></script>`
}
