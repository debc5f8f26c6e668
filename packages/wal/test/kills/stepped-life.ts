import { openSync, writeSync } from 'node:fs'
import { runBlocking } from '@disruptorx/contracts/internal'
import { SeededRandom } from '@disruptorx/testkit'
import { nodeFiles, openJournalStep } from '@disruptorx/wal'
import { die, KillingFiles, type Moment } from './killing-files.ts'
import { carryOut, draw, LAGGING } from './operations.ts'

// One life of a process that uses a journal until it is killed, or kills itself at its `at`th request to the file system. What it does it writes into a file beside the
// journal before the journal is stepped; how much of that is durable, it prints. One that is only to open the journal does nothing more.
const [dir = '', seed = '1', at = '0', part = 'all'] = process.argv.slice(2)
const random = new SeededRandom(Number(seed))
const moment = random.pick<Moment>(['before', 'after', random.below(100) / 400, random.below(100) / 100])
const files = new KillingFiles(nodeFiles(), Number(at), moment)
const small = { segmentBytes: 32 * 1024, maxBatchBytes: 8 * 1024 }
// What the operating system took survives kill -9: without a sync of each batch there is time for more.
const durability = random.pick(['fsync', 'none', 'none', 'none'] as const)
const journal = runBlocking(openJournalStep(files, { dir, ...small, durability }))
if (part === 'opening') die()
console.log('open')
const done = openSync(`${dir}/../operations`, 'w')
const lsns: number[] = []
let durable = 0
for (let round = 0; ; round++) {
  let lines = ''
  for (let i = random.between(1, 6); i > 0; i--) {
    const operation = draw(journal, random, `${seed}-${lsns.length}`)
    if (!journal.hasRoom(4000)) break
    lines += `${JSON.stringify(operation)}\n`
    lsns.push(carryOut(journal, operation))
  }
  writeSync(done, lines)
  for (let i = random.between(1, 3); i > 0; i--) journal.step()
  if (journal.failure !== undefined) throw journal.failure
  while (durable < lsns.length && (lsns[durable] as number) <= journal.durableLsn) durable++
  console.log(`${durable}`)
  if (round === 1000) journal.log(LAGGING).truncateBefore(journal.log(LAGGING).lastIndex + 1)
}
