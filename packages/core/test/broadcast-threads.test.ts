import { describe, expect, it } from 'vitest'
import { broadcast } from './broadcast-trial.ts'

describe('a writer that waits for nobody, and readers on threads of their own', () => {
  it('agree on how many records there were, and every one that came is intact', async () => {
    let missed = 0
    for (const [capacityBytes, burst] of [
      [512, 1],
      [4096, 7],
      [262_144, 32],
    ] as const)
      for (const result of await broadcast(300_000, capacityBytes, burst)) missed += result.missed
    expect(missed).toBeGreaterThan(0)
  }, 240_000)
})
