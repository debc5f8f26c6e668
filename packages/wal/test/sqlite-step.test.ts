import { temporaryDirectory } from '@disruptorx/testkit'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { databaseError } from '../src/sqlite/errors.ts'
import { LogDatabase } from '../src/sqlite/log-database.ts'
import { resolveSqliteOptions } from '../src/sqlite/options.ts'
import { prepareDatabase } from '../src/sqlite/schema.ts'
import { SqliteStep } from '../src/sqlite/sqlite-step.ts'
import { JournalChannel } from '../src/thread/channel.ts'
import { ThreadBackend } from '../src/thread/thread-backend.ts'

/** Counts commits. */
class CountingDatabase extends LogDatabase {
  commits = 0
  override commit(lsn: number): void {
    super.commit(lsn)
    this.commits++
  }
}

/** Both sides of a SQLite journal on this thread. */
function bothSides(dir: string, bufferBytes = 1024 ** 2) {
  const options = resolveSqliteOptions(dir, { bufferBytes })
  const database = new Database(options.path)
  prepareDatabase(database, options.path)
  const logs = new CountingDatabase(database, options.path)
  const channel = JournalChannel.create(options.bufferBytes)
  const step = new SqliteStep(logs, channel, options, () => {})
  const thread = { hold: () => {}, onRead: () => {}, ended: Promise.resolve() }
  const opened = { lastLsn: logs.lastLsn, logs: logs.images() }
  const backend = new ThreadBackend({ channel, thread, opened, maxRecordBytes: options.maxRecordBytes })
  return { database, logs, step, backend }
}

describe("a SQLite journal's step", () => {
  it('syncs each commit, by itself', () => {
    using dir = temporaryDirectory()
    const { database, logs } = bothSides(dir.path)
    const pragma = (name: string) => database.pragma(name, { simple: true })
    expect(['journal_mode', 'synchronous', 'locking_mode', 'fullfsync', 'wal_autocheckpoint'].map(pragma)).toEqual([
      'wal',
      2,
      'exclusive',
      1,
      0,
    ])
    logs.close(true)
  })

  it('takes everything that waits into one transaction, and says that it is durable after its commit', () => {
    using dir = temporaryDirectory()
    const { logs, step, backend } = bothSides(dir.path)
    for (let index = 1; index <= 500; index++) backend.append(index % 5, Math.ceil(index / 5), 1, new Uint8Array(10))
    expect(backend.durableLsn).toBe(0)
    expect(step.step()).toBe(0)
    expect([backend.durableLsn, backend.lastLsn, logs.commits]).toEqual([500, 500, 1])
    expect(step.step()).toBe(Number.POSITIVE_INFINITY)
    expect(logs.commits).toBe(1)
    logs.close(true)
  })

  it('takes nothing of a batch for which there is no room', () => {
    using dir = temporaryDirectory()
    const { logs, step, backend } = bothSides(dir.path, 64 * 1024)
    const entry = new Uint8Array(10_000)
    for (const index of [1, 3]) backend.appendBatch(1, index, 1, [entry, entry])
    expect(() => backend.appendBatch(1, 5, 1, [entry, entry, entry])).toThrow("the log's buffer is full (bufferBytes 65,536)")
    expect(backend.lastLsn).toBe(4)
    step.step()
    backend.appendBatch(1, 5, 1, [entry])
    step.step()
    expect([backend.durableLsn, logs.images()[0]?.summary.lastIndex]).toEqual([5, 5])
    logs.close(true)
  })

  it('throws when the database is full, with nothing of the transaction taken', () => {
    using dir = temporaryDirectory()
    const { database, logs, step, backend } = bothSides(dir.path)
    backend.append(1, 1, 1, new Uint8Array(10))
    step.step()
    database.pragma(`max_page_count = ${Number(database.pragma('page_count', { simple: true })) + 2}`)
    backend.append(1, 2, 1, new Uint8Array(10))
    backend.append(1, 3, 1, new Uint8Array(100_000))
    let thrown: unknown
    try {
      step.step()
    } catch (error) {
      thrown = databaseError('x', error)
    }
    expect(thrown).toMatchObject({ code: 'DX_DATABASE_FULL' })
    expect(backend.durableLsn).toBe(1)
    logs.close(false)
    const again = bothSides(dir.path)
    expect(again.logs.images()).toMatchObject([{ summary: { logId: 1, firstIndex: 1, lastIndex: 1 } }])
    again.logs.close(true)
  })

  it('removes what no log needs when there is nothing else to do, also after it was opened again', () => {
    using dir = temporaryDirectory()
    const first = bothSides(dir.path)
    for (let index = 1; index <= 2000; index++) first.backend.append(1, index, 1, new Uint8Array(10))
    for (let index = 1; index <= 700; index++) first.backend.append(2, index, 1, new Uint8Array(10))
    first.step.step()
    first.backend.change('truncate-before', 1, 1990, 0)
    first.backend.change('drop', 2, 0, 0)
    first.step.step()
    first.logs.close(true)
    const { database, logs, step } = bothSides(dir.path)
    const rows = () => database.prepare('SELECT count(*) FROM entries_1').pluck().get()
    expect(rows()).toBe(2000)
    expect(logs.hasGarbage).toBe(true)
    while (step.step() === 0);
    expect(rows()).toBe(11)
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'entries%'").pluck().all()).toEqual(['entries_1'])
    expect(logs.hasGarbage).toBe(false)
    logs.close(true)
  })
})
