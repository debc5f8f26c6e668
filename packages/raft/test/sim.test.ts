import { checkRepeatable, runSeeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import group from './sim/group.scenario.ts'

describe('a group under faults', () => {
  it('never breaks what must be true of it, and makes progress once they are over', async () => {
    const { facts, coverage } = await runSeeds(group, { count: 15 })
    for (const fact of ['leaders', 'proposals', 'reads', 'lease reads', 'changes']) expect(facts[fact], fact).toBeGreaterThan(0)
    expect(Object.keys(coverage).length).toBeGreaterThan(5)
  }, 60_000)

  it('does the same for the same seed', () => checkRepeatable(group, { first: 3 }), 60_000)
})
