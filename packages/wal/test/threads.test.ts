import { isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import { type JournalOptions, type Log, nodeFiles, openJournalStep, openLog, startSpareSegments } from '@disruptorx/wal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appendText, encode, KIB, readAll, rejection, textsOf } from './journals.ts'

const sleepCell = new Int32Array(new SharedArrayBuffer(4))

/** Blocks this thread: no event of its loop is seen meanwhile. */
function blockFor(ms: number): void {
  Atomics.wait(sleepCell, 0, 0, ms)
}

describe('a log on a journal thread of its own', () => {
  let dir: TemporaryDirectory
  let open: Log[]

  beforeEach(() => {
    dir = temporaryDirectory()
    open = []
  })

  afterEach(async () => {
    for (const log of open) await rejection(log.close())
    dir.dispose()
  })

  async function openIn(options: JournalOptions = {}): Promise<Log> {
    const log = await openLog(dir.path, { segmentBytes: 64 * KIB, ...options })
    open.push(log)
    return log
  }

  it('gives back what was appended, in this run and the next, and goes on behind it', async () => {
    const log = await openIn()
    expect([log.firstIndex, log.lastIndex, log.durableIndex]).toEqual([1, 0, 0])
    expect(log.append(encode('one'), 1)).toEqual({ index: 1, lsn: 1 })
    const { lsn } = log.append(encode('two'), 3)
    await log.durable(lsn)
    expect(log.durableIndex).toBe(2)
    expect(await textsOf(log, 1)).toEqual(['one', 'two'])
    await log.close()
    const again = await openIn()
    expect([again.firstIndex, again.lastIndex, again.durableIndex]).toEqual([1, 2, 2])
    const appended = again.append(encode('three'))
    expect(appended.index).toBe(3)
    await again.durable(appended.lsn)
    expect(await textsOf(again, 2)).toEqual(['two', 'three'])
    expect(() => again.append(encode('four'), 2)).toThrow('ends at index 3 (term 3)')
  })

  it('makes entries durable while the thread that appended them is blocked', async () => {
    const log = await openIn()
    const { lsn } = log.append(encode('one'))
    while (log.durableLsn < lsn) blockFor(1)
    expect(log.durableIndex).toBe(1)
  })

  it('makes everything durable at close that was appended before', async () => {
    const log = await openIn()
    for (let i = 1; i <= 500; i++) log.append(encode(`${i}`))
    await log.close()
    expect(() => log.append(encode('late'))).toThrow('the journal is closed')
    const again = await openIn()
    expect(again.recovery.cut).toBeUndefined()
    expect(await textsOf(again, 1)).toEqual(Array.from({ length: 500 }, (_, i) => `${i + 1}`))
  })

  it('says that it is full, and when it is no more', async () => {
    const log = await openIn({ bufferBytes: 64 * KIB, maxRecordBytes: 8 * KIB })
    const record = new Uint8Array(8 * KIB)
    let refused = 0
    for (let i = 0; i < 400; ) {
      try {
        log.append(record)
        i++
      } catch (error) {
        if (!isDisruptorError(error, 'DX_LOG_FULL')) throw error
        refused++
        await log.room()
      }
    }
    expect(refused).toBeGreaterThan(0)
    await log.room()
    await log.durable(log.append(record).lsn)
    expect(log.durableIndex).toBe(401)
    expect(() => log.append(new Uint8Array(8 * KIB + 1))).toThrow('maxRecordBytes')
  })

  it('is read while it grows, over many segments, to what is durable by then', async () => {
    const log = await openIn()
    const text = (i: number) => `${i}/`.padEnd(900, 'x')
    const reading: string[] = []
    for (let i = 1; i <= 100; i++) log.append(encode(text(i)))
    await log.durable(100)
    for await (const batch of log.read(1)) {
      reading.push(...batch.map(entry => new TextDecoder().decode(entry.data)))
      if (log.lastIndex < 1000) for (let i = 0; i < 100; i++) log.append(encode(text(log.lastIndex + 1)))
      await log.durable(log.append(encode(text(log.lastIndex + 1))).lsn)
      if (log.lastIndex > 1200) break
    }
    expect(reading).toEqual(reading.map((_, i) => text(i + 1)))
    expect(reading.length).toBeGreaterThan(1000)
  })

  it('frees released entries, and tells a reader that comes too late', async () => {
    const log = await openIn()
    for (let i = 1; i <= 300; i++) await log.durable(log.append(encode(`${i}/`.padEnd(1000, 'x'))).lsn)
    const reader = log.read(1)[Symbol.asyncIterator]()
    await reader.next()
    log.truncateBefore(251)
    while (log.firstIndex < 200) await log.durable(log.append(encode('more')).lsn)
    const late = await rejection(textsOf(log, 1))
    expect(isDisruptorError(late, 'DX_INDEX_TRUNCATED')).toBe(true)
    expect((await textsOf(log, log.firstIndex)).length).toBe(log.durableIndex - log.firstIndex + 1)
    await reader.return?.()
    expect(() => log.truncateBefore(log.lastIndex + 2)).toThrow('past its end')
  })
})

describe('spare segments', () => {
  it('are ready when a journal needs them, and come from what it released', () => {
    using dir = temporaryDirectory()
    const spares = startSpareSegments({ dir: dir.path, segmentBytes: 64 * KIB, count: 2 })
    const journal = runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 64 * KIB, spares }))
    const expected: string[] = []
    for (let i = 1; i <= 100; i++) {
      while (spares.ready === 0) blockFor(1)
      expected.push(`${i}/`.padEnd(5000, 'x'))
      appendText(journal, expected.at(-1) as string)
      journal.step()
      if (i === 50) journal.log(0).truncateBefore(41)
    }
    const { firstIndex } = journal.log(0)
    expect(journal.segmentsMadeInline).toBe(0)
    expect(firstIndex).toBeGreaterThan(20)
    expect(readAll(journal)).toEqual(expected.slice(firstIndex - 1))
    runBlocking(journal.close())
    const again = runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 64 * KIB, verify: 'all' }))
    expect(readAll(again, 0, firstIndex)).toEqual(expected.slice(firstIndex - 1))
    runBlocking(again.close())
  })

  it('for another directory are refused', () => {
    using dir = temporaryDirectory()
    const spares = startSpareSegments({ dir: '/elsewhere', segmentBytes: 64 * KIB })
    expect(() => runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 64 * KIB, spares }))).toThrow('option spares')
    runBlocking(runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 64 * KIB })).close())
  })
})
