import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import type { DisruptorError } from '@disruptorx/contracts'
import { type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import { JournalCorruptError, type JournalOptions, openJournal } from '@disruptorx/wal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encode, KIB } from './journals.ts'

const DAMAGED = 2 * 4096 + 200

describe('a journal on a thread, with a full segment that is damaged', () => {
  let dir: TemporaryDirectory
  let options: JournalOptions
  let segment: string

  beforeEach(async () => {
    dir = temporaryDirectory()
    segment = dir.join('journal/000001.seg')
    options = { segmentBytes: 32 * KIB, spareSegments: 0 }
    const journal = await openJournal(dir.join('journal'), options)
    // One batch for each, so that its sector can be had from the copy.
    for (let i = 1; i <= 30; i++) await journal.durable(journal.log(1).append(encode(`${i}`.padEnd(500, '.'))).lsn)
    await journal.close()
    cpSync(dir.join('journal'), dir.join('copy'), { recursive: true })
    const bytes = readFileSync(segment)
    bytes[DAMAGED] = (bytes[DAMAGED] as number) ^ 1
    writeFileSync(segment, bytes)
  })

  afterEach(() => dir.dispose())

  const repairUrl = () => new URL(`./repair-module.ts?copy=${dir.join('copy')}`, import.meta.url)
  const isWhole = () => readFileSync(segment).equals(readFileSync(dir.join('copy/000001.seg')))

  it('tells of it when it is scrubbed, and works on', async () => {
    const found = Promise.withResolvers<DisruptorError>()
    const journal = await openJournal(dir.join('journal'), { ...options, scrubBytesPerSecond: 1024 ** 3, onDamage: found.resolve })
    const damage = await found.promise
    expect(damage).toBeInstanceOf(JournalCorruptError)
    expect(damage.details).toMatchObject({ segment: 1, offset: 8192 })
    await journal.durable(journal.log(1).append(encode('more')).lsn)
    await expect(journal.log(1).entry(2)).rejects.toMatchObject({ code: 'DX_JOURNAL_CORRUPT', details: { logId: 1, index: 2 } })
    expect((await journal.log(1).entry(31)).data).toEqual(encode('more'))
    await journal.close()
  })

  it('mends it from elsewhere when it is scrubbed, by a source that takes its time', async () => {
    const damages: DisruptorError[] = []
    const scrubbing = { scrubBytesPerSecond: 1024 ** 3, onDamage: (damage: DisruptorError) => damages.push(damage) }
    const journal = await openJournal(dir.join('journal'), { ...options, ...scrubbing, repairUrl: repairUrl() })
    while (!isWhole()) await journal.durable(journal.log(2).append(encode('more')).lsn)
    expect((await journal.log(1).entry(2)).data.length).toBe(500)
    await journal.close()
    expect(damages).toEqual([])
  })

  it('mends it when it is opened, where opening looks at everything', async () => {
    await expect(openJournal(dir.join('journal'), { ...options, verify: 'all' })).rejects.toMatchObject({ code: 'DX_JOURNAL_CORRUPT' })
    const journal = await openJournal(dir.join('journal'), { ...options, verify: 'all', repairUrl: repairUrl() })
    expect(journal.recovery.repaired).toEqual([{ segment: 1, offset: 8192 }])
    expect(isWhole()).toBe(true)
    await journal.close()
  })
})
