import { type MemoryDisk, type MemoryJournal, openMemoryJournal } from '../src/memory.ts'

/** Opens a journal in memory that commits whenever the event loop comes round, as with a disk. */
export function openTurning(disk: MemoryDisk): MemoryJournal {
  const journal = openMemoryJournal({ disk, commit: 'step' })
  const step = () => {
    journal.step()
    if (journal.failure === undefined) setImmediate(step)
  }
  setImmediate(step)
  return journal
}
