import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checkRepeatable, runScenarioFile } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import clients from './sim/clients.scenario.ts'
import group from './sim/group.scenario.ts'

/** Only a hang takes so long. */
const HANG_MS = 300_000
/** So many seeds of each scenario, or as many as this time allows: the long tests run many more. */
const limits = { seeds: 300, maxMs: 4_000 }
const folder = new URL('./sim/', import.meta.url)
const scenarios = readdirSync(folder).filter(file => file.endsWith('.scenario.ts'))

/** Mistakes that a few seeds show. */
const obvious = [
  'acknowledged-before-it-is-durable',
  'commit-beyond-what-agrees',
  'joint-configuration-elects-by-one-half',
  'election-with-an-unapplied-configuration',
  'lease-outlives-a-transfer',
  'lease-counted-from-the-answer',
]

describe('groups under faults', { timeout: HANG_MS }, () => {
  it.each(scenarios)('never break what must be true of them, and go on once all is well: %s', async name => {
    const { totals, failed } = await runScenarioFile({
      ...limits,
      file: fileURLToPath(new URL(name, folder)),
      name: `raft/${name.split('.')[0]}`,
    })
    expect(failed?.report.join('\n')).toBeUndefined()
    for (const fact of ['leaders', 'proposals', 'reads']) expect(totals.facts[fact], fact).toBeGreaterThan(0)
  })

  it.each([group, clients])('do the same for the same seed: %s', scenario => checkRepeatable(scenario, { first: 3 }))

  it('show mistakes that are planted in the code', () => {
    const main = fileURLToPath(new URL('../../../tools/sim/main.ts', import.meta.url))
    const args = ['--bugs', '--seeds', '200', ...obvious.flatMap(name => ['--bug', name])]
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
    expect(status, `${stdout}${stderr}`).toBe(0)
  })
})
