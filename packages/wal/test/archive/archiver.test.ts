import { describe, expect, it } from 'vitest'
import { ArchivedJournal } from './archived-journal.ts'
import { MemoryArchive } from './memory-archive.ts'

describe('a journal with an archive', () => {
  it('copies full segments, byte by byte, and says so only when they were read back', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    archived.append(10)
    expect(archived.segments).toEqual([1, 2, 3])
    await archived.archive()
    expect(archive.log).toEqual([
      'list ',
      'put journal.json',
      'get journal.json',
      'list ',
      'put 000001.seg',
      'get 000001.seg',
      'put 000001.json',
      'get 000001.json',
      'put 000002.seg',
      'get 000002.seg',
      'put 000002.json',
      'get 000002.json',
    ])
    for (const name of ['000001.seg', '000002.seg']) expect(archive.objects.get(name)).toEqual(archived.files.contents.get(`d/${name}`))
    expect(archived.archiver.report).toMatchObject({ state: 'idle', archived: 2, segments: 2, bytes: 32 * 1024, held: 0, failures: 0 })
  })

  it('is not looked at while it tells of nothing new', async () => {
    const archived = new ArchivedJournal({ to: new MemoryArchive() })
    archived.append(10)
    await archived.archive()
    const { attempts } = archived.archiver
    for (let turn = 0; turn < 10; turn++) {
      expect(archived.archiver.step()).toBe(Number.POSITIVE_INFINITY)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(archived.archiver.attempts).toBe(attempts)
  })

  it('frees a segment only when that is archived, and no log needs it', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    archived.append(14)
    archived.journal.log(0).truncateBefore(9)
    archived.step()
    expect(archived.segments).toEqual([1, 2, 3, 4])
    await archived.archive()
    expect(archive.segments).toEqual([1, 2, 3])
    expect(archived.segments).toEqual([3, 4])
    archived.journal.log(0).truncateBefore(13)
    archived.step()
    expect(archived.segments).toEqual([4, 5])
    expect(archived.journal.bytesOnDisk).toBe([...archived.files.contents].filter(([path]) => /seg|spare/.test(path)).length * 16 * 1024)
  })

  it('goes on where it was when it is opened again, and does not copy twice', async () => {
    const archive = new MemoryArchive()
    const first = new ArchivedJournal({ to: archive })
    first.append(10)
    await first.archive()
    first.append(4)
    first.close()
    archive.log.length = 0
    const second = new ArchivedJournal({ to: archive }, {}, first.files)
    await second.archive()
    expect(second.archiver.report).toMatchObject({ archived: 3, segments: 1 })
    // The mark of the opening found no room in the fourth: that is the newest until the first change.
    second.append(1)
    await second.archive()
    expect(archive.log.filter(line => line.startsWith('put'))).toEqual([
      'put 000003.seg',
      'put 000003.json',
      'put 000004.seg',
      'put 000004.json',
    ])
    expect(second.archiver.report).toMatchObject({ archived: 4, segments: 2 })
  })

  it('is told nothing after its journal was closed', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    archived.append(10)
    archived.close()
    await archived.archive()
    expect([archive.log, archived.archiver.report.state]).toEqual([[], 'ended'])
  })
})

describe('an archive that fails', () => {
  it('holds up no append, and loses no segment: each is tried again, after waits that grow to a bound', async () => {
    const archive = new MemoryArchive()
    archive.before = operation => {
      if (operation === 'put') throw new Error('the store is away')
    }
    const archived = new ArchivedJournal({ to: archive, retryMs: 100, maxRetryMs: 500 })
    archived.append(40)
    archived.journal.log(0).truncateBefore(41)
    archived.step()
    expect(archived.journal.log(0).durableIndex).toBe(40)
    const waits: number[] = []
    for (let attempt = 0; attempt < 5; attempt++) {
      await archived.archive()
      waits.push(Math.round(archived.archiver.step()))
      archived.clock.advance(waits.at(-1) as number)
    }
    expect(waits).toEqual([100, 200, 400, 500, 500])
    expect(archived.failures.map(({ message }) => message)).toEqual(Array(5).fill('the store is away'))
    expect(archived.archiver.report).toMatchObject({ state: 'waiting', failures: 5, held: 10, archived: 0 })
    expect(archived.segments).toHaveLength(11)
    archive.before = () => {}
    await archived.archive()
    expect(archive.segments).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(archived.segments).toEqual([11])
    expect(archived.archiver.report).toMatchObject({ state: 'idle', failures: 0, held: 0 })
  })

  it('by never answering, is given up for the time being, and what it says later is not listened to', async () => {
    const archive = new MemoryArchive()
    let answer: () => void = () => {}
    archive.before = (operation, name) =>
      operation === 'put' && name.endsWith('.seg') ? new Promise(resolve => (answer = resolve)) : undefined
    const archived = new ArchivedJournal({ to: archive, timeoutMs: 5000, retryMs: 100 })
    archived.append(6)
    archived.archiver.step()
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
    expect(archived.archiver.report.state).toBe('working')
    archived.clock.advance(4999)
    expect(archived.archiver.step()).toBeCloseTo(1)
    archived.clock.advance(1)
    archived.archiver.step()
    expect(archived.failures.map(error => (error as { code?: string }).code)).toEqual(['DX_TIMEOUT'])
    answer()
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
    expect(archived.archiver.report).toMatchObject({ state: 'waiting', archived: 0, failures: 1 })
    archive.before = () => {}
    archived.clock.advance(100)
    await archived.archive()
    expect([archive.segments, archived.archiver.report.archived]).toEqual([[1], 1])
  })

  it('by giving back other bytes than were put, is not believed', async () => {
    const archive = new MemoryArchive()
    let damages = 3
    archive.after = (operation, name) => {
      const content = archive.objects.get(name)
      if (operation === 'put' && content !== undefined && --damages >= 0)
        content[content.length >> 1] = (content[content.length >> 1] as number) ^ 1
    }
    const archived = new ArchivedJournal({ to: archive, retryMs: 100 })
    archived.append(6)
    for (let attempt = 0; attempt < 6; attempt++) {
      await archived.archive()
      archived.clock.advance(10_000)
    }
    expect(archived.failures.map(error => (error as { code?: string }).code)).toEqual(Array(3).fill('DX_ARCHIVE_DAMAGED'))
    expect(archive.segments).toEqual([1])
    expect(archive.objects.get('000001.seg')).toEqual(archived.files.contents.get('d/000001.seg'))
  })

  it('holds no more than it may, if that was asked for: the oldest segments are given up, and counted', async () => {
    const archive = new MemoryArchive()
    archive.before = () => {
      throw new Error('the store is away')
    }
    const archived = new ArchivedJournal({ to: archive, retryMs: 10, maxHeldBytes: 48 * 1024 })
    archived.append(42)
    archived.journal.log(0).truncateBefore(43)
    archived.step()
    expect(archived.segments).toHaveLength(11)
    await archived.archive()
    expect(archived.archiver.report).toMatchObject({ givenUp: 7, held: 3, archived: 7 })
    expect(archived.segments).toEqual([8, 9, 10, 11])
    archive.before = () => {}
    archived.clock.advance(1000)
    await archived.archive()
    expect([archive.segments, archived.segments]).toEqual([[8, 9, 10], [11]])
  })
})

describe('a segment that is damaged', () => {
  it('is not archived, nor freed, until it is good again', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive, retryMs: 10 })
    archived.append(10)
    archived.journal.log(0).truncateBefore(9)
    archived.step()
    const good = archived.files.contents.get('d/000001.seg') as Uint8Array
    const bad = good.slice()
    bad[4096 + 200] = (bad[4096 + 200] as number) ^ 1
    archived.files.replace('d/000001.seg', bad)
    await archived.archive()
    expect(archived.failures).toMatchObject([{ code: 'DX_JOURNAL_CORRUPT', details: { segment: 1, offset: 4096 } }])
    expect([archive.segments, archived.segments]).toEqual([[], [1, 2, 3]])
    archived.files.replace('d/000001.seg', good)
    archived.clock.advance(100)
    await archived.archive()
    expect([archive.segments, archived.segments]).toEqual([[1, 2], [3]])
  })
})

describe('an archive that keeps so many segments', () => {
  it('lets go of the oldest, and never of the newest', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive, keepSegments: 2 })
    archived.append(22)
    await archived.archive()
    expect(archive.segments).toEqual([4, 5])
    expect([...archive.objects.keys()].sort()).toEqual(['000004.json', '000004.seg', '000005.json', '000005.seg', 'journal.json'])
    expect(archived.archiver.report).toMatchObject({ segments: 5, removed: 3 })
  })
})

describe('an archive of another journal', () => {
  it('is left as it is, and told of again and again', async () => {
    const archive = new MemoryArchive()
    const first = new ArchivedJournal({ to: archive })
    first.append(10)
    await first.archive()
    const before = new Map(archive.objects)
    const second = new ArchivedJournal({ to: archive, retryMs: 10 }, {}, undefined, 2)
    second.append(30)
    for (let attempt = 0; attempt < 3; attempt++) {
      await second.archive()
      second.clock.advance(1000)
    }
    expect(second.failures.map(error => (error as { code?: string }).code)).toEqual(Array(3).fill('DX_FOREIGN_ARCHIVE'))
    expect(archive.objects).toEqual(before)
    expect(second.segments[0]).toBe(1)
  })

  it('is also one that an older copy of this journal goes on with', async () => {
    const archive = new MemoryArchive()
    const first = new ArchivedJournal({ to: archive })
    first.append(3)
    const backup = first.files.contents
    first.append(7)
    await first.archive()
    const { AnsweringFiles } = await import('./archived-journal.ts')
    const second = new ArchivedJournal({ to: archive, retryMs: 10 }, {}, new AnsweringFiles(backup))
    second.append(20, 0, index => `other ${index}`.padEnd(1300, 'y'))
    await second.archive()
    expect(second.failures).toMatchObject([{ code: 'DX_ARCHIVE_DIVERGED', details: { segment: 1 } }])
    expect(second.archiver.report.archived).toBe(0)
  })
})
