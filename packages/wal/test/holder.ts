import { runBlocking } from '@disruptorx/contracts/internal'
import { nodeFiles, openJournalStep } from '@disruptorx/wal'

// Holds a journal until it is killed: appends, and prints each index only after it is durable.
const [dir = ''] = process.argv.slice(2)
const journal = runBlocking(openJournalStep(nodeFiles(), { dir, segmentBytes: 64 * 1024 }))
console.log('open')
for (let index = journal.log(0).lastIndex + 1; ; index++) {
  journal.append(0, index, 1, new TextEncoder().encode(`${index}/`.padEnd(index % 3000, 'x')))
  journal.step()
  if (journal.failure !== undefined) throw journal.failure
  console.log(index)
}
