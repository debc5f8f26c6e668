import type { SeededRandom } from '@disruptorx/testkit'
import { expect } from 'vitest'
import { journalOf } from '../../src/archive/own-archive.ts'
import { cipherKeys } from '../../src/platform/cipher.ts'
import { carryOut, draw, replay } from '../kills/operations.ts'
import type { ModelLogs } from '../model-logs.ts'
import { AnsweringFiles, ArchivedJournal } from './archived-journal.ts'
import { MemoryArchive } from './memory-archive.ts'
import { entries, read } from './reading.ts'

const encryption = { write: 'k1', keys: { k1: new Uint8Array(32).fill(5) } }

/** Uses a journal at random, with an archive beside it, and compares what the archive shows with what was ever appended and not replaced. */
export async function compareWithModel(random: SeededRandom): Promise<void> {
  const archive = new MemoryArchive()
  // Nothing is removed from this model by retention.
  const logs: ModelLogs = new Map()
  const packing = random.pick([{}, { compression: 'zstd' }, { encryption, compression: 'zstd' }, { encryption }] as const)
  const keys = cipherKeys('encryption' in packing ? encryption : undefined)
  const journalOptions = { ...packing, segmentBytes: 32 * 1024, maxBatchBytes: 8 * 1024, maxRecordBytes: 3500 }
  let archived = new ArchivedJournal({ to: archive }, journalOptions)
  let serial = 0
  for (let round = 0; round < 60; round++) {
    for (let i = random.below(12); i > 0; i--) {
      if (!archived.journal.hasRoom(4000)) archived.step()
      const operation = draw(archived.journal, random, `${serial++}`)
      carryOut(archived.journal, operation)
      if (operation.kind !== 'trim') replay(logs, operation)
    }
    if (random.chance(0.7)) archived.step()
    if (random.chance(0.2)) await archived.archive()
    if (random.chance(0.05)) {
      archived.close()
      archived = new ArchivedJournal({ to: archive }, journalOptions, new AnsweringFiles(archived.files.contents))
    }
    if ((await journalOf(archive)) === undefined || random.chance(0.7)) continue
    archived.step()
    const opened = await read(archive, archived, keys)
    for (const [id, log] of logs) {
      const expected = new Map(log.entries.map(({ text }, i) => [log.first + i, text]))
      if (random.chance(0.5)) expect([id, await entries(opened, id, log.first)]).toEqual([id, expected])
      const from = random.between(log.first, log.last + 1)
      const part = new Map([...expected].filter(([index]) => index >= from))
      expect([id, await entries(opened, id, from, { maxBatchEntries: random.between(1, 9) })]).toEqual([id, part])
    }
  }
}
