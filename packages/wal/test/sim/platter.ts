import { runBlocking } from '@disruptorx/contracts/internal'
import { SeededRandom } from '@disruptorx/testkit'
import { openJournalStep } from '../../src/journal/open-journal-step.ts'
import { DIR } from './damage-book.ts'
import type { JournalWorld } from './journal-world.ts'
import { readEverything } from './reading.ts'

/**
 * Opens what a crash at this moment would leave, if it took all that was not synced: everything that is said to be on stable storage is there, or the
 * refusal names damage.
 */
export function checkPlatter({ node, ledger, layout, damages, life }: JournalWorld): void {
  if (life === undefined) return
  const keptLsn = Math.min(ledger.syncedLsn, layout.lostLsn - 1)
  const { encryption, segmentBytes } = life.options
  const options = { dir: DIR, segmentBytes, verify: 'all', random: new SeededRandom(1), ...(encryption && { encryption }) } as const
  // Names there may not be those of now.
  const platter = node.disk.platter()
  try {
    const journal = runBlocking(openJournalStep(platter, options))
    ledger.match(runBlocking(readEverything(journal)), keptLsn, journal.recovery.durableLsn)
  } catch (error) {
    if (!damages.justifies(error, path => platter.inodeOf(path))) throw error
  }
}
