import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from './check.ts'
import { findPackages } from './workspace.ts'

/** The example of a README. */
export interface Example {
  readonly language: 'ts' | 'js'
  readonly code: string
}

/** The first code block in our language; undefined without one. */
export function exampleOf(markdown: string): Example | undefined {
  const match = /^```(ts|js|typescript|javascript|mjs)\s*\n([\s\S]*?)^```\s*$/m.exec(markdown)
  if (match === null) return undefined
  return { language: match[1]?.startsWith('t') ? 'ts' : 'js', code: match[2] ?? '' }
}

/**
 * Every package says in a README what it is, how to install it, and shows an example.
 *
 * @param root absolute path of the checkout
 */
export function checkReadmes(root: string): Finding[] {
  return findPackages(root).flatMap(({ dir, path, manifest }) => {
    const where = `${path}/README.md`
    if (!existsSync(join(dir, 'README.md'))) return [{ where, what: 'is missing' }]
    const text = readFileSync(join(dir, 'README.md'), 'utf8')
    const findings: Finding[] = []
    const install = new RegExp(`npm install (-D |--save-dev )?${manifest.name}\\s`)
    if (!install.test(text)) findings.push({ where, what: `does not say \`npm install ${manifest.name}\`` })
    if (exampleOf(text) === undefined) findings.push({ where, what: 'has no ts or js code block' })
    return findings
  })
}
