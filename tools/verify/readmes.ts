import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import type { Finding } from './check.ts'
import { findPackages, type Package } from './workspace.ts'

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

/** Targets of the links of a text, code left out. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```\s*$/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(<?([^)\s>]+)|^ {0,3}\[[^\]]+\]:\s*(\S+)/gm)].map(([, inline, reference]) => inline ?? reference ?? '')
}

/** Whether a link goes to another place on the page, or says where in the world it goes. */
const isOwnOrAbsolute = (link: string): boolean => /^(#|[a-z][a-z0-9+.-]*:)/i.test(link)

/** Links that nobody can follow from the installed package: of all texts, only those at its top are packed. */
function checkLinks({ dir, path }: Package): Finding[] {
  const texts = readdirSync(dir)
    .filter(name => name.endsWith('.md'))
    .sort()
  return texts.flatMap(name =>
    linksOf(readFileSync(join(dir, name), 'utf8'))
      .filter(link => !isOwnOrAbsolute(link) && !texts.includes(normalize(link.replace(/#.*/, ''))))
      .map(link => ({
        where: `${path}/${name}`,
        what: `links to ${link}, which is not packed: link to *.md at the package's top, or name the place`,
      })),
  )
}

/**
 * Every package says in a README what it is, how to install it, and shows an example; no link of its texts is dead once it is installed.
 *
 * @param root absolute path of the checkout
 */
export function checkReadmes(root: string): Finding[] {
  return findPackages(root).flatMap(pkg => {
    const { dir, path, manifest } = pkg
    const where = `${path}/README.md`
    if (!existsSync(join(dir, 'README.md'))) return [{ where, what: 'is missing' }]
    const text = readFileSync(join(dir, 'README.md'), 'utf8')
    const findings: Finding[] = []
    const install = new RegExp(`npm install (-D |--save-dev )?${manifest.name}\\s`)
    if (!install.test(text)) findings.push({ where, what: `does not say \`npm install ${manifest.name}\`` })
    if (exampleOf(text) === undefined) findings.push({ where, what: 'has no ts or js code block' })
    return [...findings, ...checkLinks(pkg)]
  })
}
