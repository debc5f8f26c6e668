import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory with the given files, gone when the test is finished. */
export function scratch(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'verify-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** A checkout with one package of that folder name and these files in it. */
export function scratchPackage(path: string, files: Readonly<Record<string, string>>): string {
  const folder = path.slice(path.indexOf('/') + 1)
  const name = folder === 'disruptorx' ? folder : `@disruptorx/${folder}`
  const entries = Object.entries(files).map(([file, text]) => [`${path}/${file}`, text])
  return scratch({ [`${path}/package.json`]: JSON.stringify({ name, version: '0.0.0' }), ...Object.fromEntries(entries) })
}
