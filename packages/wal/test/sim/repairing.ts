import type { SeededRandom } from '@disruptorx/testkit'
import type { RepairSource } from '../../src/index.ts'
import type { JournalWorld } from './journal-world.ts'

const encoder = new TextEncoder()

/** Where a journal gets back what is damaged: an archive has whole batches, a peer has entries. Sometimes they take their time, and sometimes they know nothing. */
export function repairFrom({ profile, layout, ledger }: JournalWorld, random: SeededRandom): RepairSource | undefined {
  if (profile.repair === 'nothing') return undefined
  return ({ segment, offset, entries }) => {
    if (random.chance(0.5)) return 'pending'
    if (random.chance(0.05)) return undefined
    if (profile.repair === 'archive') {
      const batch = layout.batchAt(segment, offset)?.content
      return batch && { batch: batch.slice() }
    }
    return {
      entries: entries.map(({ logId, index, term }) => {
        const text = ledger.textOf(logId, index, term)
        return text === undefined ? undefined : encoder.encode(text)
      }),
    }
  }
}
