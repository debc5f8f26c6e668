import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { findSuites, runSuite } from './suites.ts'
import { table } from './table.ts'

const options = {
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  only: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Where the command writes lines. */
export interface Output {
  log(line: string): void
  error(line: string): void
}

function usage(root: string): string {
  const names = findSuites(root).map(({ name }) => name)
  return `usage: npm run bench -- SUITE [--quick] [--json] [--only PREFIX,...]\nsuites: ${names.join(', ') || 'none yet'}`
}

/**
 * Runs the benchmark suite of a checkout that the arguments name, and returns the exit code: 2 when they name none, 1 when the suite says of itself
 * that it is at fault.
 *
 * @param root absolute path of the checkout
 */
export async function command(args: readonly string[], root: string, out: Output): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    if (values.help) out.log(usage(root))
    return values.help ? 0 : await run(values, positionals, root, out)
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error
    out.error(`bench: ${error.message}\n${usage(root)}`)
    return 2
  }
}

interface Values {
  readonly quick?: boolean
  readonly json?: boolean
  readonly only?: string
}

async function run({ quick = false, json = false, only }: Values, names: readonly string[], root: string, out: Output): Promise<number> {
  const [name] = names
  const suite = findSuites(root).find(candidate => candidate.name === name)
  if (suite === undefined || names.length > 1) {
    out.error(name === undefined ? usage(root) : `bench: unknown suite '${names.join(' ')}'\n${usage(root)}`)
    return 2
  }
  // With --json, readers of stdout want its last line; what is for people goes beside it.
  const log = (line: string) => (json ? out.error(line) : out.log(line))
  const defects: string[] = []
  const results = await runSuite(suite, { quick, ...(only === undefined ? {} : { only }), log, defect: what => defects.push(what) })
  for (const line of table(results)) log(line)
  if (json) out.log(JSON.stringify({ suite: suite.name, node: process.versions.node, cpus: availableParallelism(), results }))
  for (const defect of defects) out.error(`bench: defect of the benchmark: ${defect}`)
  return defects.length === 0 ? 0 : 1
}
