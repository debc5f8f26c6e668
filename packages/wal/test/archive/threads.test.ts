import { readdirSync } from 'node:fs'
import type { Archive } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import {
  directoryArchive,
  type Journal,
  type JournalOptions,
  nodeFiles,
  openArchive,
  openJournal,
  openJournalStep,
  openLog,
  startArchiving,
} from '@disruptorx/wal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KIB } from '../journals.ts'

let dir: TemporaryDirectory
const small = { segmentBytes: 64 * KIB, maxBatchBytes: 16 * KIB }

beforeEach(() => {
  dir = temporaryDirectory()
})

afterEach(() => dir.dispose())

const textOf = (index: number) => `${index}/`.padEnd(1000, 'x')
const encode = (text: string) => new TextEncoder().encode(text)

function open(options: JournalOptions = {}): Promise<Journal> {
  return openJournal(dir.join('journal'), { ...small, archive: { to: directoryArchive(dir.join('archive')) }, ...options })
}

/** Appends entries and removes all but the last few. */
async function use(journal: Journal, count: number): Promise<void> {
  const log = journal.log(1)
  for (let i = 0; i < count; i++) {
    log.append(encode(textOf(log.lastIndex + 1)), 1)
    if (i % 50 === 49) await journal.durable(log.truncateBefore(log.lastIndex - 10))
  }
  await journal.durable(journal.lastLsn)
}

const segments = () => readdirSync(dir.join('journal')).filter(name => name.endsWith('.seg'))

async function texts(batches: AsyncIterable<readonly { readonly index: number; readonly data: Uint8Array }[]>): Promise<string[]> {
  const found: string[] = []
  for await (const batch of batches)
    for (const { index, data } of batch) {
      expect(index).toBe(found.length + 1)
      found.push(new TextDecoder().decode(data))
    }
  return found
}

const all = (count: number) => Array.from({ length: count }, (_, i) => textOf(i + 1))

describe('a journal on a thread of its own, with an archive in a directory', () => {
  it('frees segments when they are archived, and is read from its first entry on, also by a follower', async () => {
    const journal = await open()
    await use(journal, 1000)
    await journal.archiving?.settled()
    expect(journal.archiving?.report).toMatchObject({ held: 0, failures: 0 })
    // Two other threads have a part in it, each in its own time.
    while (segments().length > 4) {
      await use(journal, 1)
      await journal.durable(journal.log(1).truncateBefore(journal.log(1).lastIndex - 10))
    }
    const count = journal.log(1).lastIndex as number
    const archive = await openArchive(dir.join('archive'), { live: { dir: dir.join('journal'), journal } })
    expect(await texts(archive.read(1, 1))).toEqual(all(count))
    const found: number[] = []
    for await (const batch of archive.read(1, 1, { follow: true })) {
      found.push(...batch.map(({ index }) => index as number))
      if (found.length >= 1500) break
      if (found.length >= count && (journal.log(1).lastIndex as number) < 1600) await use(journal, 50)
    }
    expect(found).toEqual(found.map((_, i) => i + 1))
    await journal.close()
  })

  it('goes on where it was when it is opened again', async () => {
    for (let life = 1; life <= 3; life++) {
      const journal = await open()
      await use(journal, 300)
      if (life === 2) await journal.archiving?.settled()
      await journal.close()
      await expect(journal.archiving?.settled()).rejects.toMatchObject({ code: 'DX_CLOSED' })
    }
    const journal = await open()
    await journal.archiving?.settled()
    const archive = await openArchive(dir.join('archive'), { live: { dir: dir.join('journal'), journal } })
    expect(await texts(archive.read(1, 1))).toEqual(all(900))
    await journal.close()
  })

  it('is opened with its own archive only', async () => {
    const journal = await open()
    await use(journal, 200)
    await journal.archiving?.settled()
    await journal.close()
    const archive = { to: directoryArchive(dir.join('archive')) }
    await expect(openJournal(dir.join('other'), { ...small, archive })).rejects.toMatchObject({ code: 'DX_FOREIGN_ARCHIVE' })
    await (await openJournal(dir.join('other'), small)).close()
    await expect(openJournal(dir.join('other'), { ...small, archive })).rejects.toMatchObject({
      code: 'DX_FOREIGN_ARCHIVE',
      message: expect.stringContaining('give each journal an archive of its own'),
    })
    const again = await open()
    await again.close()
  })

  it('is not held up by an archive that fails, and tells of it', async () => {
    const failures: Error[] = []
    const real = directoryArchive(dir.join('archive'))
    let isAway = true
    const to: Archive = {
      ...real,
      put: (name, content, signal) => (isAway ? Promise.reject(new Error('the store is away')) : real.put(name, content, signal)),
      get: (name, signal) => real.get(name, signal),
      list: (prefix, signal) => (isAway ? Promise.reject(new Error('the store is away')) : real.list(prefix, signal)),
      remove: (name, signal) => real.remove(name, signal),
    }
    const journal = await open({ archive: { to, retryMs: 10, maxRetryMs: 20, onFailure: error => failures.push(error) } })
    await use(journal, 500)
    while (failures.length < 3) await new Promise(resolve => setTimeout(resolve, 5))
    expect(segments().length).toBeGreaterThan(6)
    expect(journal.archiving?.report).toMatchObject({ archived: 0, lastFailure: { message: 'the store is away' } })
    isAway = false
    await journal.archiving?.settled()
    const archive = await openArchive(dir.join('archive'), { live: { dir: dir.join('journal'), journal } })
    expect(await texts(archive.read(1, 1))).toEqual(all(500))
    await journal.close()
  })

  it('is opened though its archive never answers', async () => {
    const never = () => new Promise<never>(() => {})
    const to: Archive = { put: never, list: never, remove: never, get: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }) }
    const journal = await open({ archive: { to, timeoutMs: 1000, onFailure: () => {} } })
    await use(journal, 100)
    expect(journal.log(1).durableIndex).toBe(100)
    await journal.close()
  })

  it('checks its options', async () => {
    const to = directoryArchive(dir.join('archive'))
    for (const wrong of [{ keepSegments: 0 }, { retryMs: 9 }, { maxRetryMs: 10 }, { timeoutMs: 1 }, { maxHeldBytes: 0 }])
      await expect(open({ archive: { to, ...wrong } })).rejects.toMatchObject({ code: 'DX_OPTION' })
    await expect(openArchive(to)).rejects.toMatchObject({ code: 'DX_NO_ARCHIVE' })
  })
})

describe('one log with an archive', () => {
  it('is archived like a journal', async () => {
    const log = await openLog(dir.join('journal'), { ...small, archive: { to: directoryArchive(dir.join('archive')) } })
    for (let i = 1; i <= 300; i++) log.append(encode(textOf(i)), 1)
    await log.durable(log.truncateBefore(290))
    await log.archiving?.settled()
    const archive = await openArchive(dir.join('archive'))
    expect((await texts(archive.read(0, 1))).length).toBe(archive.lastIndex(0))
    expect(archive.lastIndex(0)).toBeGreaterThan(200)
    await log.close()
  })
})

describe('a journal that is stepped, with an archive', () => {
  it('is archived from the same event loop, however its directory is spelled at the end', async () => {
    let archivedTimes = 0
    const options = { dir: `${dir.join('journal')}/`, to: directoryArchive(dir.join('archive')), onArchived: () => void archivedTimes++ }
    await using archiving = startArchiving(options)
    const journal = runBlocking(openJournalStep(nodeFiles(), { ...small, dir: dir.join('journal'), archive: archiving }))
    for (let i = 1; i <= 200; i++) {
      journal.log(1).append(encode(textOf(i)), 1)
      journal.step()
    }
    journal.log(1).truncateBefore(200)
    while (journal.step() === 0);
    await archiving.settled()
    while (journal.step() === 0);
    expect(segments()).toHaveLength(1)
    expect([archivedTimes > 0, archiving.report.held]).toEqual([true, 0])
    runBlocking(journal.close())
  })

  it('is refused when the archive was set up for another directory, and left as it was', () => {
    const archiving = startArchiving({ dir: dir.join('elsewhere'), to: directoryArchive(dir.join('archive')) })
    const open = () => runBlocking(openJournalStep(nodeFiles(), { ...small, dir: dir.join('journal'), archive: archiving }))
    expect(open).toThrow('option archive')
    runBlocking(runBlocking(openJournalStep(nodeFiles(), { ...small, dir: dir.join('journal') })).close())
  })
})
