import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { systemRandom } from '@disruptorx/contracts/internal'
import { type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import { type LogPlace, logJournalSuite } from '@disruptorx/wal/compliance'
import { openSqliteJournal, type SqliteJournal, type SqliteJournalOptions } from '@disruptorx/wal/sqlite'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encode } from './journals.ts'

function sqlitePlace(): LogPlace {
  const dir = temporaryDirectory()
  return { open: () => openSqliteJournal(dir.path), remove: () => dir.dispose() }
}

logJournalSuite({ describe, it }, 'a SQLite journal', { make: sqlitePlace })

describe('a SQLite journal', () => {
  let dir: TemporaryDirectory
  let open: SqliteJournal[]

  beforeEach(() => {
    dir = temporaryDirectory()
    open = []
  })

  afterEach(async () => {
    for (const journal of open) await journal.close().catch(() => {})
    dir.dispose()
  })

  const path = () => dir.join('logs.sqlite')

  async function openIn(options: SqliteJournalOptions = {}): Promise<SqliteJournal> {
    const journal = await openSqliteJournal(dir.path, options)
    open.push(journal)
    return journal
  }

  /** Looks at, or changes, the closed database. */
  function inDatabase<T>(act: (database: Database.Database) => T): T {
    const database = new Database(path())
    try {
      return act(database)
    } finally {
      database.close()
    }
  }

  /** Leaves a database with 100 entries in log 1. */
  async function filled(): Promise<void> {
    const journal = await openIn()
    for (let i = 1; i <= 100; i++) journal.log(1).append(encode(`entry ${i}`.padEnd(300, '.')), 1)
    await journal.close()
  }

  it('refuses damage to an entry when it is read, and when it is asked to look at everything', async () => {
    await filled()
    const bytes = readFileSync(path())
    const at = bytes.indexOf('entry 50')
    bytes[at + 20] = (bytes[at + 20] as number) ^ 1
    writeFileSync(path(), bytes)
    const journal = await openIn()
    const reading = (async () => {
      for await (const _ of journal.log(1).read(1));
    })()
    await expect(reading).rejects.toMatchObject({
      code: 'DX_DATABASE_CORRUPT',
      message: expect.stringContaining('entry 50 of log 1 does not have its'),
    })
    expect((await journal.log(1).entry(51)).index).toBe(51)
    await journal.close()
    await expect(openIn({ verify: 'all' })).rejects.toMatchObject({ code: 'DX_DATABASE_CORRUPT' })
  })

  it('refuses a log of which an entry is missing', async () => {
    await filled()
    inDatabase(database => database.exec('DELETE FROM entries_1 WHERE idx = 70'))
    const journal = await openIn()
    await expect(journal.log(1).entry(70)).rejects.toMatchObject({
      code: 'DX_DATABASE_CORRUPT',
      message: expect.stringContaining('entry 70 of log 1 is missing'),
    })
    await journal.close()
    await expect(openIn({ verify: 'all' })).rejects.toMatchObject({ code: 'DX_DATABASE_CORRUPT' })
    inDatabase(database => database.exec('DELETE FROM entries_1 WHERE idx = 1'))
    await expect(openIn()).rejects.toMatchObject({ code: 'DX_DATABASE_CORRUPT' })
  })

  it('refuses a file that is no database, one that is cut short, one of something else, and one of a newer version', async () => {
    writeFileSync(path(), 'this is no database, however long it is'.repeat(500))
    await expect(openIn()).rejects.toMatchObject({ code: 'DX_DATABASE_CORRUPT', details: { path: path() } })
    dir.dispose()
    dir = temporaryDirectory()
    await filled()
    inDatabase(database => database.pragma('user_version = 2'))
    await expect(openIn()).rejects.toMatchObject({ code: 'DX_FORMAT_TOO_NEW', details: { found: 2, supported: 1 } })
    inDatabase(database => database.pragma('user_version = 1'))
    truncateSync(path(), Math.floor(statSync(path()).size / 8192) * 4096)
    await expect(openIn({ verify: 'all' })).rejects.toMatchObject({ code: 'DX_DATABASE_CORRUPT' })
    dir.dispose()
    dir = temporaryDirectory()
    inDatabase(database => database.exec('CREATE TABLE customers (name TEXT)'))
    const before = readFileSync(path())
    await expect(openIn()).rejects.toMatchObject({ code: 'DX_FOREIGN_DATABASE' })
    expect(readFileSync(path()).equals(before)).toBe(true)
  })

  it('refuses a database that something else has open', async () => {
    await filled()
    const other = new Database(path())
    other.exec('BEGIN')
    other.prepare('SELECT * FROM meta').all()
    await expect(openIn()).rejects.toMatchObject({ code: 'DX_DATABASE_IN_USE' })
    other.exec('COMMIT')
    other.close()
    await openIn()
  })

  it('refuses what it has no room for, and takes it when there is room', async () => {
    const journal = await openIn({ bufferBytes: 64 * 1024 })
    const log = journal.log(1)
    let refused = 0
    while (log.lastIndex < 300) {
      try {
        log.append(new Uint8Array(1000), 1)
      } catch (error) {
        expect(error).toMatchObject({ code: 'DX_LOG_FULL' })
        refused++
        await journal.room()
      }
    }
    expect(refused).toBeGreaterThan(1)
    await journal.durable(journal.lastLsn)
    let read = 0
    for await (const batch of log.read(1, { maxBatchBytes: 10_000 })) read += batch.length
    expect(read).toBe(300)
  })

  it('gives the room of removed entries to new ones', async () => {
    const journal = await openIn({ checkpointBytes: 64 * 1024 })
    const data = Uint8Array.from({ length: 2000 }, () => systemRandom.u32() & 0xff)
    for (let i = 1; i <= 3000; i++) {
      const log = journal.log(i % 3)
      const { lsn, index } = log.append(data, log.lastTerm)
      if (index % 20 === 0) log.truncateBefore(index - 10)
      if (i % 700 === 0) journal.dropLog(1)
      if (i % 900 === 0) log.reset(index + 5, 2)
      if (i % 50 === 0) await journal.durable(lsn)
    }
    expect(statSync(`${path()}-wal`).size).toBeLessThan(1024 ** 2)
    await journal.close()
    expect(statSync(path()).size).toBeLessThan(1.5 * 1024 ** 2)
    const again = await openIn({ verify: 'all' })
    for (const id of again.logIds)
      for await (const batch of again.log(id).read(again.log(id).firstIndex)) for (const entry of batch) expect(entry.data).toEqual(data)
  })

  it('checks its options', async () => {
    await expect(openIn({ bufferBytes: 1000 })).rejects.toThrow('option bufferBytes')
    await expect(openIn({ maxRecordBytes: 2 * 1024 ** 2 })).rejects.toThrow('option maxRecordBytes')
    await expect(openIn({ checkpointBytes: 1 })).rejects.toThrow('option checkpointBytes')
    await expect(openSqliteJournal('')).rejects.toThrow('option dir')
    await expect(openIn({ verify: 'some' as 'all' })).rejects.toThrow('option verify')
  })
})
