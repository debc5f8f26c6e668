import { expect } from 'vitest'
import { JournalArchive } from '../../src/archive/journal-archive.ts'
import { LocalSegments } from '../../src/archive/local-segments.ts'
import { journalOf } from '../../src/archive/own-archive.ts'
import { cipherKeys } from '../../src/platform/cipher.ts'
import { type ArchivedJournal, DIR } from './archived-journal.ts'
import type { MemoryArchive } from './memory-archive.ts'

/** The archive of a journal, with the open journal behind it, or alone. */
export async function read(archive: MemoryArchive, live?: ArchivedJournal, keys = cipherKeys(undefined)): Promise<JournalArchive> {
  const journalId = (await journalOf(archive)) as string
  const local = live === undefined ? undefined : new LocalSegments(live.files, DIR, keys, journalId)
  const opened = new JournalArchive({ archive, keys, journalId, local, journal: live?.journal })
  await opened.refresh()
  return opened
}

/** Entries as texts, by index. */
export async function entries(archive: JournalArchive, log: number, from: number, options = {}): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  for await (const batch of archive.read(log, from, options))
    for (const { index, data } of batch) {
      expect(found.has(index)).toBe(false)
      found.set(index, new TextDecoder().decode(data))
    }
  return found
}
