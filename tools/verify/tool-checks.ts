import { join } from 'node:path'
import type { Check, Finding } from './check.ts'
import { run } from './processes.ts'

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** A check that is a program of its own: its output is the finding if it fails. */
function toolCheck(root: string, name: string, script: string, args: readonly string[], needs: readonly string[] = []): Check {
  return {
    name,
    needs,
    async run(): Promise<Finding[]> {
      const { code, output } = await run(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root })
      return code === 0 ? [] : [{ where: name, what: output.replace(escapes, '').trim() }]
    },
  }
}

/** Format and lint, build, types, unused code and dependencies: each by the tool made for it. */
export function toolChecks(root: string): Check[] {
  const turbo = ['--ui=stream', '--output-logs=errors-only', '--log-order=grouped']
  return [
    toolCheck(root, 'format and lint', '@biomejs/biome/bin/biome', [
      'ci',
      '--error-on-warnings',
      '--diagnostic-level=warn',
      '--colors=off',
      '.',
    ]),
    toolCheck(root, 'build', 'turbo/bin/turbo', ['run', 'build', ...turbo]),
    toolCheck(root, 'types', 'turbo/bin/turbo', ['run', 'typecheck', ...turbo], ['build']),
    toolCheck(root, 'unused code', 'knip/bin/knip.js', ['--no-config-hints'], ['build']),
  ]
}
