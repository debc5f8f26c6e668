import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type JournalStep, type JournalStepOptions, nodeFiles, openJournalStep } from '../src/index.ts'
import { appendText, codeOf, KIB, readAll } from './journals.ts'

describe('a journal on a real disk', () => {
  let dir: string
  let open: JournalStep[]

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'wal-'))
    open = []
  })

  afterEach(() => {
    for (const journal of open) runBlocking(journal.close())
    rmSync(dir, { recursive: true })
  })

  function openIn(options: Partial<JournalStepOptions> = {}): JournalStep {
    const journal = runBlocking(openJournalStep(nodeFiles(), { dir, segmentBytes: 64 * KIB, ...options }))
    open.push(journal)
    return journal
  }

  it('gives back what was appended, durable after one step, in this run and the next', () => {
    const journal = openIn()
    expect(journal.recovery).toEqual({ durableLsn: 0, records: 0, cut: undefined, reindexed: [], repaired: [] })
    const lsn = appendText(journal, 'one')
    expect(appendText(journal, 'two')).toBe(lsn + 1)
    expect(journal.durableLsn).toBe(0)
    expect(journal.step()).toBe(0)
    expect(journal.durableLsn).toBe(lsn + 1)
    expect(journal.step()).toBe(Number.POSITIVE_INFINITY)
    expect(readAll(journal)).toEqual(['one', 'two'])
    runBlocking(journal.close())
    const again = openIn()
    expect(again.recovery.cut).toBeUndefined()
    expect(again.log(0)).toMatchObject({ firstIndex: 1, lastIndex: 2, lastTerm: 1, durableIndex: 2 })
    expect(readAll(again)).toEqual(['one', 'two'])
  })

  it('goes on over many segments, and frees those that were released for use again', () => {
    const journal = openIn()
    const all = Array.from({ length: 200 }, (_, i) => `${i}:${'x'.repeat(1000 + i)}`)
    for (const text of all) {
      appendText(journal, text)
      journal.step()
    }
    expect(readAll(journal)).toEqual(all)
    const before = journal.bytesOnDisk
    const { segmentsMadeInline } = journal
    journal.log(0).truncateBefore(151)
    while (journal.step() === 0);
    const { firstIndex } = journal.log(0)
    expect(firstIndex).toBeGreaterThan(130)
    expect(firstIndex).toBeLessThanOrEqual(151)
    expect(journal.bytesOnDisk).toBeLessThan(before)
    expect(readdirSync(dir).filter(name => name.endsWith('.spare'))).toHaveLength(2)
    expect(codeOf(() => journal.reader(0, firstIndex - 1))).toBe('DX_INDEX_TRUNCATED')
    expect(readAll(journal)).toEqual(all.slice(firstIndex - 1))
    for (const text of all.slice(0, 25)) {
      appendText(journal, text)
      journal.step()
    }
    expect(journal.segmentsMadeInline).toBe(segmentsMadeInline)
    runBlocking(journal.close())
    expect(readAll(openIn())).toEqual([...all.slice(firstIndex - 1), ...all.slice(0, 25)])
  })

  it('lets an index jump only through a reset, which survives', () => {
    const journal = openIn()
    appendText(journal, 'one')
    expect(codeOf(() => journal.append(0, 3, 1, new Uint8Array(1)))).toBe('DX_ENTRY_ORDER')
    expect(codeOf(() => journal.append(0, 2, 0, new Uint8Array(1)))).toBe('DX_ENTRY_ORDER')
    journal.step()
    const reader = journal.reader(0, 1)
    journal.log(0).reset(41, 3)
    journal.append(0, 42, 3, new TextEncoder().encode('after'))
    journal.step()
    expect(codeOf(() => reader.poll())).toBe('DX_INDEX_TRUNCATED')
    expect(readAll(journal)).toEqual(['after'])
    runBlocking(journal.close())
    const again = openIn()
    expect(again.log(0)).toMatchObject({ firstIndex: 42, lastIndex: 42, lastTerm: 3 })
    expect(codeOf(() => again.log(0).reset(50, 2))).toBe('DX_ENTRY_ORDER')
    expect(readAll(again)).toEqual(['after'])
  })

  it('refuses a batch that no batch on disk could hold, and takes the largest that one can', () => {
    const journal = openIn({ maxBatchBytes: 8 * KIB })
    const log = journal.log(0)
    const batchOf = (count: number) => Array.from({ length: count }, () => new Uint8Array(8))
    let refusal: string | undefined
    let most = 0
    while (refusal === undefined) {
      refusal = codeOf(() => log.appendBatch(batchOf(most + 1)))
      if (refusal === undefined) most++
      journal.step()
    }
    expect([refusal, most]).toEqual(['DX_OPTION', Math.floor((8 * KIB - KIB - 128) / 40)])
    expect(log.durableIndex).toBe((most * (most + 1)) / 2)
    log.append(new Uint8Array(8))
    expect(codeOf(() => log.appendBatch(batchOf(most)))).toBe('DX_JOURNAL_FULL')
    journal.step()
    log.appendBatch(batchOf(most))
  })

  it('refuses what does not fit, with nothing taken', () => {
    const journal = openIn({ maxBatchBytes: 8 * KIB, maxRecordBytes: 4 * KIB })
    expect(codeOf(() => journal.append(0, 1, 1, new Uint8Array(4 * KIB + 1)))).toBe('DX_ENTRY_TOO_LARGE')
    journal.append(0, 1, 1, new Uint8Array(4 * KIB))
    expect(journal.hasRoom(4 * KIB)).toBe(false)
    expect(codeOf(() => journal.append(0, 2, 1, new Uint8Array(4 * KIB)))).toBe('DX_JOURNAL_FULL')
    expect(codeOf(() => journal.append(0, 2, 1, new Uint8Array(4), 2, 3))).toBe('DX_OPTION')
    journal.step()
    journal.append(0, 2, 1, new Uint8Array(4 * KIB))
    expect(journal.step()).toBe(0)
    expect(journal.log(0).durableIndex).toBe(2)
  })

  it('keeps a second journal out while it is open, and names the process that holds it', () => {
    openIn()
    let refusal: unknown
    try {
      openIn()
    } catch (error) {
      refusal = error
    }
    expect(isDisruptorError(refusal, 'DX_DIRECTORY_IN_USE') && refusal.details).toEqual({ dir, pid: process.pid })
  })

  it('keeps the logs in it apart', () => {
    const journal = openIn()
    for (let i = 1; i <= 50; i++) {
      appendText(journal, `a${i}`, 7)
      if (i % 2 === 0) appendText(journal, `b${i}`, 8)
      journal.step()
    }
    runBlocking(journal.close())
    const again = openIn()
    expect(readAll(again, 7)).toEqual(Array.from({ length: 50 }, (_, i) => `a${i + 1}`))
    expect(readAll(again, 8)).toEqual(Array.from({ length: 25 }, (_, i) => `b${2 * i + 2}`))
  })
})
