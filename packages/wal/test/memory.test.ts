import { isDisruptorError } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { MemoryDisk, openMemoryJournal } from '../src/memory.ts'
import { encode } from './journals.ts'

describe('a memory journal', () => {
  it('makes nothing durable before its step, and loses that in a crash', async () => {
    const disk = new MemoryDisk()
    const journal = openMemoryJournal({ disk, commit: 'step' })
    const log = journal.log(1)
    log.append(encode('kept'), 1)
    journal.step()
    const { lsn } = log.append(encode('lost'), 1)
    log.setValue('vote', encode('lost'))
    await new Promise(resolve => setImmediate(resolve))
    expect([log.lastIndex, log.durableIndex, journal.durableLsn, journal.lastLsn]).toEqual([2, 1, 1, 3])
    const wait = journal.durable(lsn).catch((error: unknown) => error)
    journal.crash()
    expect(isDisruptorError(await wait, 'DX_CLOSED')).toBe(true)
    const again = openMemoryJournal({ disk })
    expect([again.log(1).lastIndex, again.log(1).value('vote'), again.lastLsn]).toEqual([1, undefined, 1])
  })

  it('stops for good when it is told to fail, and tells everybody who waits', async () => {
    const disk = new MemoryDisk()
    const journal = openMemoryJournal({ disk, commit: 'step' })
    const log = journal.log(1)
    const { lsn } = log.append(encode('lost'), 1)
    const reader = log.read(1, { follow: true })[Symbol.asyncIterator]()
    const waits = [log.durable(lsn), log.entry(1), reader.next()].map(wait => wait.catch((error: unknown) => error))
    await new Promise(resolve => setImmediate(resolve))
    journal.fail(new Error('EIO: i/o error'))
    for (const error of await Promise.all(waits)) expect(error).toMatchObject({ code: 'DX_JOURNAL_STOPPED', details: { durableLsn: 0 } })
    expect(() => log.append(encode('late'), 1)).toThrow('EIO')
    expect(journal.step()).toBe(Number.POSITIVE_INFINITY)
    expect(journal.failure?.code).toBe('DX_JOURNAL_STOPPED')
    await journal.close()
    expect(openMemoryJournal({ disk }).log(1).lastIndex).toBe(0)
  })

  it('refuses options that cannot be', () => {
    expect(() => openMemoryJournal({ maxRecordBytes: 0 })).toThrow('option maxRecordBytes')
    expect(() => openMemoryJournal({ commit: 'never' as 'step' })).toThrow('option commit')
  })
})
