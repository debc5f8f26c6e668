import { describe, it } from 'vitest'
import { type LogPlace, logJournalSuite } from '../src/compliance.ts'
import type { MemoryJournal } from '../src/memory.ts'
import { MemoryDisk, openMemoryJournal } from '../src/memory.ts'
import { openTurning } from './memory-place.ts'

/** Commits by itself, or whenever the event loop comes round, as a disk would. */
function memoryPlace(commit: 'turn' | 'step'): LogPlace {
  const disk = new MemoryDisk()
  return {
    open: () => (commit === 'step' ? openTurning(disk) : openMemoryJournal({ disk, commit })),
    crash: journal => (journal as MemoryJournal).crash(),
  }
}

for (const commit of ['turn', 'step'] as const)
  logJournalSuite({ describe, it }, `a memory journal that commits by ${commit}`, { make: () => memoryPlace(commit) })
