import { runBlocking } from '@disruptorx/contracts/internal'
import { nodeFiles, openJournalStep } from '@disruptorx/wal'

// Writes a journal until it is killed: three logs, conflicts, and segments that are freed and used again.
const [dir = ''] = process.argv.slice(2)
const journal = runBlocking(openJournalStep(nodeFiles(), { dir, segmentBytes: 64 * 1024 }))
const pause = new Int32Array(new SharedArrayBuffer(4))
for (let round = 1; ; round++) {
  // So that whoever reads gets somewhere.
  if (round > 500) Atomics.wait(pause, 0, 0, 1)
  for (const id of [1, 2, 3]) {
    const log = journal.log(id)
    for (let i = 0; i < 1 + (round % 4); i++)
      log.append(new TextEncoder().encode(`${log.lastIndex + 1}/`.padEnd(200 + ((round * id) % 900), 'x')), 1)
    if (round % 7 === id) {
      log.truncateAfter(log.lastIndex - 1)
      log.append(new TextEncoder().encode(`${log.lastIndex + 1}/`.padEnd(300, 'y')), 1)
    }
    if (round % 10 === 0) log.truncateBefore(Math.max(log.firstIndex, log.lastIndex - 500 * id))
  }
  journal.step()
  if (journal.failure !== undefined) throw journal.failure
  if (round % 500 === 0) console.log(round)
}
