import { type SeededRandom, SimulatedFiles, withSeed } from '@disruptorx/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LogDelivery } from '../src/partition/log-delivery.ts'
import { live, liveThroughCrashes, SimulatedLife, sumOf } from './simulated-life.ts'

afterEach(() => vi.restoreAllMocks())

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

describe('a partition whose journal is full', () => {
  it('looks for room again by itself, because nobody says when a file was freed', () => {
    const life = new SimulatedLife(new SimulatedFiles({ seed: 1 }), { snapshotEveryBytes: 2 ** 30, maxJournalBytes: 1024 ** 2 })
    const oneStep = () => {
      life.publish(0, 256)
      return life.replica.step()
    }
    let delayMs = oneStep()
    for (let step = 0; delayMs === 0; step++) {
      expect(step, 'steps until the journal is full').toBeLessThan(10_000)
      delayMs = oneStep()
    }
    expect(delayMs).toBeLessThan(100)
    const { acknowledged } = life
    for (let step = 0; step < 100; step++) life.step()
    oneStep()
    life.step()
    expect(life.acknowledged).toBeGreaterThan(acknowledged)
  })
})

/** Publishes until the committed ring has no room for the rest, `steps` of the replica beyond that. Returns how many are acknowledged. */
function fallBehind(life: SimulatedLife, steps = 50): number {
  const without = vi.spyOn(LogDelivery.prototype, 'fallBehind')
  const oneStep = () => {
    life.publish(0, 256)
    life.replica.step()
  }
  for (let step = 0; without.mock.calls.length === 0; step++) {
    if (step === 10_000) throw new Error('the ring never fills')
    oneStep()
  }
  for (let step = 0; step < steps; step++) oneStep()
  without.mockRestore()
  return life.acknowledged
}

describe('a partition whose handler is slow', () => {
  it('goes on taking events in, and serves the handler from the log until it has caught up', async () => {
    const life = new SimulatedLife(new SimulatedFiles({ seed: 1 }))
    const total = fallBehind(life)
    expect(life.applied).toBe(0)
    while (life.applied < life.acknowledged) life.step()
    const { sum, events } = (await life.ask('state')) as { sum: number; events: number }
    expect({ sum, events }).toEqual({ sum: sumOf(life.acknowledged), events: life.acknowledged })
    life.publish(0, 100)
    while (life.applied < life.acknowledged) life.step()
    expect(life.applied).toBeGreaterThanOrEqual(total)
  })

  it('goes back to the ring under a load that never pauses, without losing or doubling an event', async () => {
    const placed = vi.spyOn(LogDelivery.prototype, 'placed')
    // Writes take several steps, so there is always something on its way to the disk.
    const life = new SimulatedLife(new SimulatedFiles({ seed: 1, completion: 'poll' }))
    fallBehind(life)
    const load = (steps: number) => {
      placed.mockClear()
      const before = life.progress.lastIndex.get()
      for (let step = 0; step < steps; step++) {
        life.publish(0, 256)
        life.step()
      }
      return { entries: life.progress.lastIndex.get() - before, direct: placed.mock.calls.length }
    }
    expect(load(1).direct).toBe(0)
    for (let rounds = 0; load(100).direct === 0; rounds++) expect(rounds, 'rounds that the log alone served').toBeLessThan(100)
    const { entries, direct } = load(500)
    expect(entries).toBeGreaterThan(100)
    expect(direct).toBe(entries)
    for (; life.applied < life.published; life.step()) life.publish(0, 0)
    expect(await life.ask('state')).toMatchObject({ sum: sumOf(life.published), events: life.published })
  })

  it('never waits for a handler that stops while it goes back to the ring', () => {
    for (let behind = 56; behind <= 64; behind++) {
      const life = new SimulatedLife(new SimulatedFiles({ seed: 1, completion: 'poll' }))
      fallBehind(life, behind)
      life.handler.step()
      for (let part = 0; part < 5; part++) {
        const before = life.acknowledged
        for (let step = 0; step < 100; step++) {
          life.publish(0, 256)
          life.replica.step()
        }
        expect(life.acknowledged).toBeGreaterThan(before)
      }
    }
  })

  it('loses and doubles nothing, whatever its pace', async () => {
    let direct = 0
    const check = async (random: SeededRandom) => {
      const life = new SimulatedLife(new SimulatedFiles({ seed: random.u32(), completion: random.chance(0.5) ? 'poll' : 'submit' }))
      fallBehind(life, random.below(200))
      const placed = vi.spyOn(LogDelivery.prototype, 'placed')
      for (let phase = 0; phase < 20; phase++) {
        const pace = random.below(4) / 3
        for (let step = random.below(100); step > 0; step--) {
          life.publish(0, random.below(257))
          life.replica.step()
          if (random.chance(pace)) life.handler.step()
          expect(life.applied).toBeLessThanOrEqual(life.acknowledged)
        }
      }
      for (; life.applied < life.published; life.step()) life.publish(0, 0)
      expect(await life.ask('state')).toMatchObject({ sum: sumOf(life.published), events: life.published })
      direct += placed.mock.calls.length
      placed.mockRestore()
    }
    await withSeed('a handler of any pace', check, { count: 5 })
    expect(direct, 'entries that went to the ring directly after the log had served').toBeGreaterThan(100)
  })
})
