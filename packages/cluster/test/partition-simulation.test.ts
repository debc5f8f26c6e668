import { type SeededRandom, SimulatedFiles, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { live, liveThroughCrashes, SimulatedLife, sumOf } from './simulated-life.ts'

describe('a partition on a disk that drops everything not synced', () => {
  it('keeps every acknowledged event, applies none twice, through crash after crash', async () => {
    let snapshots = 0
    let acknowledged = 0
    const check = async (random: SeededRandom) => {
      const outcome = await liveThroughCrashes(random, 5)
      snapshots += outcome.snapshots
      acknowledged += outcome.acknowledged
    }
    await withSeed('a partition that crashes', check, { count: 25 })
    expect(acknowledged, 'events acknowledged in all').toBeGreaterThan(10_000)
    expect(snapshots, 'snapshots taken in all').toBeGreaterThan(20)
  })

  it('keeps what the dead process had written, when only the process dies', async () => {
    const check = async (random: SeededRandom) => {
      let files = new SimulatedFiles({ seed: random.u32() })
      let before = 0
      for (let crash = 0; crash < 3; crash++) {
        files = files.restart({ stopAfter: 20 + random.below(400) })
        before = (await live(files, random, before)).acknowledged
      }
    }
    await withSeed('a process that dies', check, { count: 12 })
  })
})

describe('a partition whose handler is slow', () => {
  it('goes on taking events in, and serves the handler from the log until it has caught up', async () => {
    const life = new SimulatedLife(new SimulatedFiles({ seed: 1 }))
    const total = 120_000
    while (life.acknowledged < total) {
      life.publish(0, 256)
      life.replica.step()
    }
    expect(life.applied).toBe(0)
    while (life.applied < life.acknowledged) life.step()
    const { sum, events } = (await life.ask('state')) as { sum: number; events: number }
    expect({ sum, events }).toEqual({ sum: sumOf(life.acknowledged), events: life.acknowledged })
    life.publish(0, 100)
    while (life.applied < life.acknowledged) life.step()
    expect(life.applied).toBeGreaterThanOrEqual(total)
  })
})
