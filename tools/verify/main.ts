import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Check } from './check.ts'
import { consumerChecks } from './consumer.ts'
import { checkImports } from './import-rules.ts'
import { checkManifests } from './manifests.ts'
import { newPackageCheck } from './new-package-check.ts'
import { packingChecks, tarballs } from './packing.ts'
import { checkPortsOnly } from './ports-only.ts'
import { checkReadmes } from './readmes.ts'
import { report } from './report.ts'
import { checkSizes } from './size-limits.ts'
import { toolChecks } from './tool-checks.ts'
import { repository } from './workspace.ts'

/** Every check, cheap ones that read sources first. */
function allChecks(root: string): Check[] {
  const packed = join(root, '.boot/packed')
  return [
    { name: 'import rules', run: () => checkImports(root) },
    { name: 'ports only', run: () => checkPortsOnly(root) },
    { name: 'function and file length', run: () => checkSizes(root) },
    { name: 'common manifest', run: () => checkManifests(root) },
    { name: 'readme', run: () => checkReadmes(root) },
    ...toolChecks(root),
    ...packingChecks(root, packed),
    ...consumerChecks(root, () => tarballs(root, packed).map(({ file }) => file)),
    newPackageCheck(root),
  ]
}

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
})

const checks = allChecks(repository)
if (values.help) {
  console.log('usage: npm run verify [-- --only CHECK]... [--list]\n\nRuns every release check, or the chosen ones and what they need.')
} else if (values.list) {
  for (const { name } of checks) console.log(name)
} else {
  const unknown = values.only?.filter(name => !checks.some(check => check.name === name)) ?? []
  if (unknown.length > 0) {
    console.error(`verify: no check is named ${unknown.join(', ')}; --list names them all`)
    process.exitCode = 2
  } else {
    process.exitCode = (await report(checks, values.only, line => console.log(line))) ? 0 : 1
  }
}
