import { Simulation } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { DiskArchive } from './disk-archive.ts'
import { JournalWorld } from './journal-world.ts'

/** The world of the first seed that has an archive on a disk of its own. */
function archivedWorld(): { world: JournalWorld; archive: DiskArchive } {
  for (let seed = 1; ; seed++) {
    const world = new JournalWorld(new Simulation({ seed }), { damages: false })
    if (world.archive instanceof DiskArchive) return { world, archive: world.archive }
  }
}

describe('what a process that merely died has to find again', () => {
  it('is less where its disk has forgotten writes, and not where that of the archive has', () => {
    const { world, archive } = archivedWorld()
    world.ledger.note(1, () => undefined)
    world.ledger.promise(0, 1)
    world.opened({ durableLsn: 1, records: 1, cut: undefined, reindexed: [], repaired: [] })
    expect(world.keptLsn).toBe(1)
    archive.disk.faults.fired('forgetfulSyncs')
    expect(world.keptLsn).toBe(1)
    world.node.disk.faults.fired('forgetfulSyncs')
    expect(world.keptLsn).toBe(0)
  })
})
