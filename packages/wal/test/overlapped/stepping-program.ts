import { runBlocking } from '@disruptorx/contracts/internal'
import { openJournalStep, overlappedFiles } from '@disruptorx/wal'

// Ends while a journal is open on its main thread, and another thread syncs for it.
const files = overlappedFiles({ leastBytes: 1 })
const journal = runBlocking(openJournalStep(files, { dir: process.argv[2] ?? '' }))
for (let index = 1; !files.busy; index++) {
  journal.append(0, index, 1, new Uint8Array(500))
  journal.step()
  await new Promise(resolve => setTimeout(resolve, 1))
}
console.log('left')
