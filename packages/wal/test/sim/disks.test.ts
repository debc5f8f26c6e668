import { addCoverage, checkRepeatable, diskFaultKinds, plantBug, plantedSources, runScenarioFile, runSeeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import archiveBugs from './archive.bugs.ts'
import damageBugs from './damage.bugs.ts'
import damage from './damage.scenario.ts'
import journalBugs from './journal.bugs.ts'
import journal from './journal.scenario.ts'

const packageDir = new URL('../..', import.meta.url).pathname
const bugs = [...journalBugs, ...damageBugs, ...archiveBugs]

describe('a journal on 500 simulated disks', () => {
  it('loses nothing that it acknowledged, shows nothing else, and refuses only what was damaged; every kind of fault has fired', async () => {
    const honest = await runSeeds(journal, { count: 250 })
    const lying = await runSeeds(damage, { count: 250 })
    expect(honest.facts.refusals).toBeUndefined()
    expect(honest.facts.openings).toBeGreaterThan(700)
    for (const what of ['archive lied', 'freed when archived', 'replayed from the archive'])
      expect(honest.facts[what], what).toBeGreaterThan(20)
    for (const what of [
      'refusals',
      'refusals without a trace',
      'restored',
      'repaired',
      'repaired by the scrubber',
      'torn tails cut',
      'stopped',
      'reindexed',
    ])
      expect(lying.facts[what], what).toBeGreaterThan(0)
    const fired = addCoverage(honest.coverage, lying.coverage)
    expect(diskFaultKinds.filter(kind => !fired[`disk.${kind}`])).toEqual([])
  }, 120_000)

  it.each([journal, damage])('does the same twice for one seed of $name, to the last byte of its trace', async scenario => {
    await checkRepeatable(scenario, { count: 2 })
  })
})

describe('a bug planted into the journal', () => {
  it('fits its source, and has a name of its own', () => {
    for (const bug of bugs) expect([...plantedSources(packageDir, bug).values()].join()).toContain(bug.replace)
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length)
    expect(bugs.length).toBeGreaterThanOrEqual(12)
  })

  // All of them are hunted in a soak.
  it.each([
    ['no-fdatasync', 'journal'],
    ['vote-in-memory-only', 'journal'],
    ['freed-before-the-copy-is-verified', 'journal'],
    ['header-check-sum-not-looked-at', 'damage'],
  ])('is found when it is %s, within few seeds of %s', async (name, scenario) => {
    const bug = bugs.find(one => one.name === name)
    if (bug === undefined) throw new Error('there is no such bug')
    using copy = plantBug(packageDir, bug)
    const file = copy.join(`test/sim/${scenario}.scenario.ts`)
    const { failed } = await runScenarioFile({ file, name: scenario, seeds: 60, processes: 1, investigate: false })
    expect(failed?.message).toMatch(/; seed \d+, event \d+, at /)
  })
})
