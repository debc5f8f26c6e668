import { seeds } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import scenario from './sim/links.scenario.ts'

describe('links between nodes that fail, over a network that fails', () => {
  it.each(seeds(6))('are one for each pair, and lose nothing within a link: seed %i', async seed => {
    const result = await scenario.run({ seed })
    expect(result.failure).toBeUndefined()
    expect(result.facts.received).toBeGreaterThan(1_000)
  })
})
