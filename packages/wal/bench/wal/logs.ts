import { join } from 'node:path'
import type { LogJournal } from '@disruptorx/contracts'
import { openJournal } from '@disruptorx/wal'
import { openSqliteJournal } from '@disruptorx/wal/sqlite'
import { appendAll } from './append-all.ts'
import type { Figure } from './report.ts'
import { alone, checkOneSegment, disturbance, inPairs } from './rounds.ts'
import type { Sizes } from './sizes.ts'

const LOGS = 100

/** A hundred logs that share a journal, beside one log with the same code. */
export async function logs100(dir: string, { segmentBytes, records, rounds, warmUp }: Sizes): Promise<Figure[]> {
  const options = { segmentBytes, spareSegments: 0 }
  const [one, many] = [await openJournal(join(dir, 'one'), options), await openJournal(join(dir, 'many'), options)]
  const round = (journal: LogJournal, logs: number) => () => appendAll(journal, logs, records)
  const pairs = await inPairs(round(one, 1), round(many, LOGS), { rounds, warmUp })
  for (const journal of [one, many]) {
    checkOneSegment(journal.stats())
    await journal.close()
  }
  return [
    { name: 'logs100.recordsPerSecond', value: pairs.ours, note: '64 bytes to each of 100 logs in turns, fsynced' },
    { name: 'ratio.logs100', value: pairs.ratio, note: `by the same records in one log${disturbance(pairs)}` },
  ]
}

/** The same records in SQLite. */
export async function sqlite(dir: string, { sqliteRecords, slowRounds }: Sizes): Promise<Figure[]> {
  const journal = await openSqliteJournal(dir)
  const value = await alone(() => appendAll(journal, 1, sqliteRecords), slowRounds, 1)
  await journal.close()
  return [{ name: 'sqlite.recordsPerSecond', value, note: '64 bytes to one log in SQLite, fsynced' }]
}
