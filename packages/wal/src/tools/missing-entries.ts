import { LiveView } from '../segments/live-view.ts'
import type { JournalFiles } from './journal-files.ts'
import type { LostEntries } from './replay.ts'

/** Entries that logs have, as of an LSN, and that lie in none of the segments that are there. @throws what {@link LiveView.advance} throws */
export async function missingEntries(journal: JournalFiles, lsn: number): Promise<LostEntries[]> {
  const view = new LiveView(journal.files, journal.dir, journal.keys)
  try {
    await journal.run(view.advance(lsn))
    return [...view.logs.all].flatMap(({ logId, firstIndex, lastIndex, runs }) => {
      const missing: LostEntries[] = []
      for (let from = runs.hole(firstIndex, lastIndex); from !== undefined; ) {
        const hole = from
        const to = (runs.all.find(run => run.first > hole)?.first ?? lastIndex + 1) - 1
        missing.push({ logId, from, to })
        from = runs.hole(to + 1, lastIndex)
      }
      return missing
    })
  } finally {
    await journal.run(view.close())
  }
}
