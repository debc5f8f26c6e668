import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { repository } from '../verify/workspace.ts'
import { createPackage, NewPackageError } from './create.ts'

const usage = 'usage: npm run new-package -- NAME [--description TEXT]'

function main(): number {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { description: { type: 'string' } } })
  const [name] = positionals
  if (name === undefined || positionals.length > 1) {
    console.error(usage)
    return 2
  }
  createPackage(repository, name, values.description)
  // The lockfile learns of it. Other Nodes stay out, as in every install but that of verify.
  const filters = ['--filter', '!@disruptorx/node22', '--filter', '!@disruptorx/node26']
  const install = spawnSync('pnpm', ['install', '--no-frozen-lockfile', '--prefer-offline', ...filters], {
    cwd: repository,
    stdio: 'inherit',
  })
  if (install.status !== 0) return 1
  // Its manifest gets the form that the formatter gives to all of them.
  const format = spawnSync('biome', ['format', '--write', `packages/${name}`], { cwd: repository, stdio: 'inherit' })
  if (format.status !== 0) return 1
  console.log(
    `made packages/${name}. What it may import is in tools/verify/layers.json; describe it in ARCHITECTURE.md, and add a changeset`,
  )
  return 0
}

try {
  process.exitCode = main()
} catch (error) {
  if (!(error instanceof NewPackageError) && !(error instanceof TypeError)) throw error
  console.error(`new-package: ${error.message}\n${usage}`)
  process.exitCode = 2
}
