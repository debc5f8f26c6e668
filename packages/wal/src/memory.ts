/**
 * A journal in memory, for tests and simulations: the whole contract of logs without a disk.
 *
 * @example
 * import { MemoryDisk, openMemoryJournal } from '@disruptorx/wal/memory'
 *
 * const disk = new MemoryDisk()
 * const journal = openMemoryJournal({ disk, commit: 'step' })
 * const { lsn } = journal.log(1).append(new TextEncoder().encode('buy 100 at 42'), 1)
 * journal.step()
 * await journal.durable(lsn)
 * journal.crash()
 * const again = openMemoryJournal({ disk })
 * @packageDocumentation
 */
export { MemoryDisk } from './memory/memory-disk.ts'
export { type MemoryJournal, type MemoryJournalOptions, openMemoryJournal } from './memory/memory-journal.ts'
