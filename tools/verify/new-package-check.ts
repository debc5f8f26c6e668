import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Check, Finding } from './check.ts'
import { run } from './processes.ts'

/** Checks of sources that a package from the template must pass; those that install all packages add nothing for it. */
const checks = [
  'import rules',
  'ports only',
  'function and file length',
  'common manifest',
  'readme',
  'format and lint',
  'types',
  'unused code',
]

/** Copies what git would carry, and the package manager, so that it need not be fetched again. */
async function copyCheckout(root: string, copy: string): Promise<string | undefined> {
  const { code, output } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  if (code !== 0) return output
  for (const path of output.trim().split('\n')) {
    if (!existsSync(join(root, path))) continue
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    cpSync(join(root, path), join(copy, path), { verbatimSymlinks: true })
  }
  const boot = existsSync(join(root, '.boot')) ? readdirSync(join(root, '.boot')) : []
  for (const name of boot.filter(name => name.startsWith('pnpm-'))) {
    cpSync(join(root, '.boot', name), join(copy, '.boot', name), { recursive: true, verbatimSymlinks: true })
  }
  // Formatter and build tool look at what git ignores.
  return (await run('git', ['init', '--quiet'], { cwd: copy })).code === 0 ? undefined : 'git init failed'
}

async function makeAndVerify(root: string, copy: string): Promise<Finding[]> {
  const problem = await copyCheckout(root, copy)
  if (problem !== undefined) return [{ where: 'copy of the checkout', what: problem }]
  const env: NodeJS.ProcessEnv = { ...process.env, TURBO_CACHE_DIR: join(root, '.turbo/cache') }
  const boot = (...args: string[]) => run(process.execPath, ['tools/bin/boot.mjs', ...args], { cwd: copy, env })
  const bin = join(copy, 'node_modules/.bin')
  const inCopy = { cwd: copy, env: { ...env, PATH: `${bin}${delimiter}${env.PATH}` } }
  const name = 'made-for-a-check'
  const steps: [string, () => ReturnType<typeof boot>][] = [
    ['npm run new-package', () => boot('new-package', name)],
    // Not by `npm run verify`, which would fetch the other Nodes once more.
    ['checks of the copy', () => run(join(bin, 'node'), ['tools/verify/main.ts', ...checks.flatMap(check => ['--only', check])], inCopy)],
    ['npm test of the new package', () => boot('test', '--project', name)],
  ]
  for (const [where, step] of steps) {
    const { code, output } = await step()
    if (code !== 0) return [{ where, what: output.trim() }]
  }
  return []
}

/**
 * Makes a package with `new-package` in a copy of the checkout, and holds it to the tests and checks of every other.
 *
 * @param root absolute path of the checkout
 */
export function newPackageCheck(root: string): Check {
  return {
    name: 'new package',
    needs: checks,
    async run() {
      const copy = mkdtempSync(join(tmpdir(), 'disruptorx-copy-'))
      try {
        return await makeAndVerify(root, copy)
      } finally {
        rmSync(copy, { recursive: true, force: true })
      }
    },
  }
}
