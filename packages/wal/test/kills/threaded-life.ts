import { openSync, writeSync } from 'node:fs'
import { SeededRandom } from '@disruptorx/testkit'
import { openJournal } from '@disruptorx/wal'
import { carryOut, draw } from './operations.ts'

// One life of a process whose journal runs on a thread of its own, until it is killed. What it is about to do it writes into a file beside the journal; how much of that is
// durable, it prints.
const [dir = '', seed = '1'] = process.argv.slice(2)
const random = new SeededRandom(Number(seed))
const small = { segmentBytes: 32 * 1024, maxBatchBytes: 8 * 1024, maxRecordBytes: 3500, bufferBytes: 64 * 1024 }
const journal = await openJournal(dir, small)
console.log('open')
const done = openSync(`${dir}/../operations`, 'w')
for (let count = 0; ; ) {
  for (let i = random.between(1, 12); i > 0; i--, count++) {
    const operation = draw(journal, random, `${seed}-${count}`)
    writeSync(done, `${JSON.stringify(operation)}\n`)
    // With rings this small there is not always room for the largest.
    await journal.room()
    carryOut(journal, operation)
  }
  const { lastLsn } = journal
  if (random.chance(0.7)) {
    await journal.durable(lastLsn)
    console.log(`${count}`)
  }
}
