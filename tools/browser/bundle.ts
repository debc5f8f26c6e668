import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * A page's script or a worker's, with all that it imports, as one module: as users of the packages bundle it, for browsers.
 *
 * @param entry its file
 * @throws what it does not find, and what it is warned of
 */
export async function bundle(entry: URL): Promise<Uint8Array> {
  const { outputFiles, warnings } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
    logLevel: 'silent',
  })
  if (warnings.length > 0) throw new Error(`esbuild warns: ${warnings.map(({ text }) => text).join('\n')}`)
  const [script] = outputFiles
  if (script === undefined) throw new Error(`esbuild made nothing of ${entry}`)
  return script.contents
}
