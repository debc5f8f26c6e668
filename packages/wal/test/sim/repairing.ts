import type { SeededRandom } from '@disruptorx/testkit'
import type { RepairRequest, RepairSource } from '../../src/index.ts'
import type { JournalWorld } from './journal-world.ts'

const encoder = new TextEncoder()

/**
 * Where a journal gets back what is damaged: an archive has whole batches, a peer has entries. Sometimes they take their time, know nothing, or give what
 * belongs elsewhere.
 */
export function repairFrom({ profile, layout, ledger }: JournalWorld, random: SeededRandom): RepairSource | undefined {
  if (profile.repair === 'nothing') return undefined
  return request => {
    const { segment, offset, entries } = request
    if (random.chance(0.5)) return 'pending'
    if (random.chance(0.05)) return undefined
    if (random.chance(0.1)) return { batch: wrongBatch(request, random) }
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

/** Bytes of a batch's length that are no batch at all. */
function wrongBatch({ bytes }: RepairRequest, random: SeededRandom): Uint8Array {
  return new Uint8Array(Math.min(bytes, 4096)).fill(random.below(256))
}
