import { runScenarioFile } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { plantBug, plantedSources } from '../../src/platform/planted-bug.ts'
import { checkRepeatable } from '../../src/scenario/repeatable.ts'
import { runSeeds } from '../../src/scenario/run-seeds.ts'
import bugs from '../sim/register.bugs.ts'
import register from '../sim/register.scenario.ts'

const packageDir = new URL('../..', import.meta.url).pathname

describe('a register on two nodes', () => {
  it('keeps every acknowledged value, whatever happens to its nodes, their disks and their network', async () => {
    const { coverage, facts } = await runSeeds(register, { count: 60 })
    expect(facts.acknowledged).toBeGreaterThan(2_000)
    for (const kind of [
      'disk.lostWrites',
      'disk.forgetfulSyncs',
      'node.crashes',
      'network.cut',
      'network.reordering',
      'network.duplication',
    ])
      expect([kind, (coverage[kind] ?? 0) > 5]).toEqual([kind, true])
  })

  it('does the same twice for one seed, to the last byte of its trace', async () => {
    await checkRepeatable(register, { count: 3 })
    const traced = await register.run({ seed: 1, trace: true })
    const untraced = await register.run({ seed: 1 })
    expect(traced.trace.length).toBeGreaterThan(1_000)
    expect([untraced.fingerprint, untraced.events]).toEqual([traced.fingerprint, traced.events])
    const fingerprints = await Promise.all([1, 2, 3].map(async seed => (await register.run({ seed })).fingerprint))
    expect(new Set(fingerprints).size).toBe(3)
  })

  it('has planted bugs that all fit its source', () => {
    for (const bug of bugs) expect(plantedSources(packageDir, bug).get(bug.file)).toContain(bug.replace)
  })

  it.each(['not-synced', 'directory-not-synced', 'acknowledged-before-the-backup-has-it'])('is caught when it is %s', async name => {
    const bug = bugs.find(one => one.name === name)
    if (bug === undefined) throw new Error('there is no such bug')
    using copy = plantBug(packageDir, bug)
    const { failed } = await runScenarioFile({
      file: copy.join('test/sim/register.scenario.ts'),
      name: 'testkit/register',
      seeds: 60,
      processes: 1,
    })
    expect(failed?.message).toMatch(/has \d+, and \d+ was acknowledged/)
    expect(failed?.report.join('\n')).toMatch(/^! +#\d+ .* error {2}in=open /m)
  })
})
