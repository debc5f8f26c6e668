import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { repository } from '../verify/workspace.ts'
import { findSuites, runSuite } from './suites.ts'
import { table } from './table.ts'

const options = {
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  only: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

function usage(): string {
  const names = findSuites(repository).map(({ name }) => name)
  return `usage: npm run bench -- SUITE [--quick] [--json] [--only PREFIX,...]\nsuites: ${names.join(', ') || 'none yet'}`
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [name] = positionals
  if (values.help) {
    console.log(usage())
    return 0
  }
  const suite = findSuites(repository).find(candidate => candidate.name === name)
  if (suite === undefined || positionals.length > 1) {
    console.error(name === undefined ? usage() : `bench: unknown suite '${positionals.join(' ')}'\n${usage()}`)
    return 2
  }
  // With --json, readers of stdout want its last line; what is for people goes beside it.
  const log = (line: string) => (values.json ? console.error(line) : console.log(line))
  const defects: string[] = []
  const results = await runSuite(suite, {
    quick: values.quick === true,
    ...(values.only === undefined ? {} : { only: values.only }),
    log,
    defect: what => defects.push(what),
  })
  for (const line of table(results)) log(line)
  if (values.json) {
    console.log(JSON.stringify({ suite: suite.name, node: process.versions.node, cpus: availableParallelism(), results }))
  }
  for (const defect of defects) console.error(`bench: defect of the benchmark: ${defect}`)
  return defects.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error
  console.error(`bench: ${error.message}\n${usage()}`)
  process.exitCode = 2
}
