import { FakeClock, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { Durability, JournalStep } from '../src/index.ts'
import { appendText } from './journals.ts'
import { openOn, run } from './model.ts'

/** A journal with a counter of its syncs. */
function openCounting(durability: Durability): { journal: JournalStep; clock: FakeClock; syncs: () => number } {
  let syncs = 0
  const clock = new FakeClock()
  const files = new SimulatedFiles({
    seed: 1,
    fault: ({ operation }) => {
      if (operation === 'datasync') syncs++
      return undefined
    },
  })
  const journal = openOn(files, { durability, clock, intervalMs: 10 }) as JournalStep
  const before = syncs
  return { journal, clock, syncs: () => syncs - before }
}

describe('durability', () => {
  it('fsync: one sync for everything that gathered, before it counts', () => {
    const { journal, syncs } = openCounting('fsync')
    for (let i = 0; i < 20; i++) appendText(journal, `${i}`)
    expect([journal.durableLsn, syncs()]).toEqual([0, 0])
    journal.step()
    expect([journal.durableLsn, journal.syncedLsn, syncs()]).toEqual([20, 20, 1])
  })

  it('interval: counts at once, and is synced once per interval while there is something to sync', () => {
    const { journal, clock, syncs } = openCounting('interval')
    appendText(journal, 'one')
    expect(journal.step()).toBe(0)
    expect([journal.durableLsn, journal.syncedLsn, syncs()]).toEqual([1, 0, 0])
    clock.advance(4)
    expect(journal.step()).toBeCloseTo(6)
    clock.advance(5.9)
    appendText(journal, 'two')
    journal.step()
    expect([journal.durableLsn, journal.syncedLsn, syncs()]).toEqual([2, 0, 0])
    clock.advance(0.1)
    expect(journal.step()).toBe(0)
    expect([journal.syncedLsn, syncs()]).toEqual([2, 1])
    clock.advance(100)
    expect(journal.step()).toBe(Number.POSITIVE_INFINITY)
    expect(syncs()).toBe(1)
    appendText(journal, 'three')
    journal.step()
    expect([journal.syncedLsn, syncs()]).toEqual([3, 2])
  })

  it('none: is synced only when a segment ends, on demand, and at close', () => {
    const { journal, clock, syncs } = openCounting('none')
    for (let i = 0; i < 10; i++) {
      appendText(journal, `${i}`)
      journal.step()
      clock.advance(1000)
    }
    expect([journal.durableLsn, journal.syncedLsn, syncs()]).toEqual([10, 0, 0])
    run(journal.flush())
    expect([journal.syncedLsn, syncs()]).toEqual([10, 1])
    for (let i = 10; i < 16; i++) {
      appendText(journal, `${i}`)
      journal.step()
    }
    // The old segment, of 14 batches, its footer, and the header of the new one.
    expect([journal.durableLsn, journal.syncedLsn, syncs()]).toEqual([16, 14, 4])
    run(journal.close())
    expect(journal.syncedLsn).toBe(17)
  })
})
