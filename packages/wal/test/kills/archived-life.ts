import { openSync, writeSync } from 'node:fs'
import { SeededRandom } from '@disruptorx/testkit'
import { directoryArchive, openJournal } from '@disruptorx/wal'
import { carryOut, draw } from './operations.ts'

// One life of a process whose journal is archived beside it, until it is killed. As `threaded-life.ts` otherwise.
const [dir = '', seed = '1'] = process.argv.slice(2)
const random = new SeededRandom(Number(seed))
const small = {
  segmentBytes: 32 * 1024,
  maxBatchBytes: 8 * 1024,
  maxRecordBytes: 3500,
  bufferBytes: 64 * 1024,
  durability: 'none',
} as const
const journal = await openJournal(dir, { ...small, archive: { to: directoryArchive(`${dir}/../archive`) } })
console.log('open')
const done = openSync(`${dir}/../operations`, 'w')
for (let count = 0; ; ) {
  for (let i = random.between(1, 12); i > 0; i--, count++) {
    const operation = draw(journal, random, `${seed}-${count}`)
    writeSync(done, `${JSON.stringify(operation)}\n`)
    await journal.room()
    carryOut(journal, operation)
  }
  const { lastLsn } = journal
  if (random.chance(0.7)) {
    await journal.durable(lastLsn)
    console.log(`${count}`)
  }
  if (random.chance(0.02)) await journal.archiving?.settled()
}
