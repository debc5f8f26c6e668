import { isDisruptorError } from '@disruptorx/contracts'
import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { cipherKeys } from '../../src/platform/cipher.ts'
import { AnsweringFiles, ArchivedJournal } from './archived-journal.ts'
import { MemoryArchive } from './memory-archive.ts'
import { compareWithModel } from './model.ts'
import { entries, read } from './reading.ts'

const encryption = { write: 'k1', keys: { k1: new Uint8Array(32).fill(5) } }

const textAt = (index: number, logId = 0) => `${logId}/${index}/`.padEnd(1300, 'x')
const range = (from: number, to: number) => new Map(Array.from({ length: to - from + 1 }, (_, i) => [from + i, textAt(from + i)]))

describe('reading a journal from its archive', () => {
  it('shows all that was archived, though the journal itself holds it no more', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    archived.append(22)
    archived.journal.log(0).truncateBefore(21)
    archived.step()
    await archived.archive()
    const alone = await read(archive)
    expect([alone.segments, alone.logIds, alone.firstIndex(0), alone.lastIndex(0)]).toEqual([[1, 2, 3, 4, 5], [0], 1, 20])
    expect(await entries(alone, 0, 1)).toEqual(range(1, 20))
    expect(await entries(alone, 0, 7, { to: 9 })).toEqual(range(7, 9))
    expect(await entries(alone, 0, 21)).toEqual(new Map())
    await expect(entries(alone, 0, 22)).rejects.toMatchObject({ code: 'DX_INDEX_PAST_END' })
    await expect(entries(alone, 0, 0)).rejects.toMatchObject({ code: 'DX_INDEX_TRUNCATED', details: { firstIndex: 1 } })
    await expect(entries(alone, 0, 1, { follow: true })).rejects.toMatchObject({ code: 'DX_OPTION' })
    const batches: number[] = []
    for await (const batch of alone.read(0, 1, { maxBatchEntries: 8 })) batches.push(batch.length)
    expect(batches).toEqual([8, 8, 4])
  })

  it('goes on in the journal, without a gap and without showing anything twice', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    archived.append(22)
    await archived.archive()
    // Trimmed entries lie in the archive, in a full segment that is not archived yet, and in the one that is being written.
    archived.append(8)
    archived.journal.log(0).truncateBefore(30)
    archived.step()
    const both = await read(archive, archived)
    expect(await entries(both, 0, 1)).toEqual(range(1, 30))
    for (const from of [1, 20, 21, 28, 29, 30]) expect(await entries(both, 0, from)).toEqual(range(from, 30))
    expect(await entries(both, 0, 31)).toEqual(new Map())
  })

  it('goes on though what it reads is removed from the journal, and freed', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    archived.append(20)
    await archived.archive()
    const both = await read(archive, archived)
    const found: number[] = []
    for await (const batch of both.read(0, 1, { maxBatchEntries: 3 })) {
      found.push(...batch.map(({ index }) => index))
      if (found.length > 40) break
      archived.append(2)
      archived.journal.log(0).truncateBefore(archived.journal.log(0).lastIndex)
      archived.step()
      await archived.archive()
    }
    expect(found).toEqual(found.map((_, i) => i + 1))
    expect(found.length).toBeGreaterThan(40)
    expect(archived.segments[0]).toBeGreaterThan(5)
  })

  it('shows what conflicts have left, also those that came after the segment was archived', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    const log = archived.journal.log(0)
    archived.append(10)
    await archived.archive()
    log.truncateAfter(3)
    archived.append(5, 0, index => `other ${index}`)
    const expected = new Map([...range(1, 3), ...Array.from({ length: 5 }, (_, i) => [i + 4, `other ${i + 4}`] as const)])
    expect(await entries(await read(archive, archived), 0, 1)).toEqual(expected)
    log.truncateBefore(9)
    archived.step()
    expect(await entries(await read(archive, archived), 0, 1)).toEqual(expected)
    // The archive alone ends before the conflict.
    expect(await entries(await read(archive), 0, 1)).toEqual(range(1, 8))
    archived.append(8, 7)
    await archived.archive()
    expect(await entries(await read(archive), 0, 1)).toEqual(expected)
  })

  it('begins behind what the archive has let go of, and behind a segment that was given up', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive, keepSegments: 3 })
    archived.append(22)
    await archived.archive()
    const alone = await read(archive)
    expect([alone.segments, alone.firstIndex(0)]).toEqual([[3, 4, 5], 9])
    await expect(entries(alone, 0, 8)).rejects.toMatchObject({ code: 'DX_INDEX_TRUNCATED', details: { firstIndex: 9 } })
    archive.objects.delete('000004.json')
    const rest = await read(archive)
    expect([rest.segments, rest.firstIndex(0), await entries(rest, 0, 17)]).toEqual([[5], 17, range(17, 20)])
  })

  it('keeps encryption and compression, and refuses without the key', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive }, { encryption, compression: 'zstd' })
    archived.append(40)
    await archived.archive()
    const content = archive.objects.get('000001.seg') as Uint8Array
    expect(content).toEqual(archived.files.contents.get('d/000001.seg'))
    expect(Buffer.from(content).includes('xxxxxxxx')).toBe(false)
    const opened = await read(archive, undefined, cipherKeys(encryption))
    expect(await entries(opened, 0, 1)).toEqual(range(1, opened.lastIndex(0)))
    expect(opened.lastIndex(0)).toBeGreaterThan(8)
    await expect(entries(await read(archive), 0, 1)).rejects.toMatchObject({ code: 'DX_KEY' })
  })

  it('shows what a model says, whatever is done', () => withSeed('archive', compareWithModel, { count: 20 }), 60_000)
})

describe('the segments of an archive, in an empty directory', () => {
  it('open as the journal was, which is archived on from there', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    archived.append(22)
    archived.journal.log(0).setValue('vote', new Uint8Array([1]))
    archived.journal.log(0).truncateBefore(7)
    archived.step()
    await archived.archive()
    const segments = [...archive.objects].filter(([name]) => name.endsWith('.seg'))
    const files = new AnsweringFiles(new Map(segments.map(([name, content]) => [`d/${name}`, content])))
    const restored = new ArchivedJournal({ to: archive }, { verify: 'all' }, files)
    expect(restored.journal.recovery).toMatchObject({ cut: undefined, reindexed: [] })
    expect([restored.journal.log(0).firstIndex, restored.journal.log(0).lastIndex]).toEqual([1, 20])
    restored.append(10)
    await restored.archive()
    expect(restored.failures).toEqual([])
    expect(archive.segments).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await entries(await read(archive), 0, 1)).toEqual(range(1, (await read(archive)).lastIndex(0)))
  })
})

describe('an archive in which bits have flipped', () => {
  it('shows only entries that are right, or refuses', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    archived.append(10)
    await archived.archive()
    const seen = new Map<string, number>()
    for (const [name, content] of archive.objects) {
      const stride = name.endsWith('.seg') ? 1601 : 7
      for (let bit = 3; bit < content.length * 8; bit += stride) {
        content[bit >> 3] = (content[bit >> 3] as number) ^ (1 << (bit & 7))
        const found = await outcome(archive)
        if (typeof found !== 'string') expect(found).toEqual(range(1, 8))
        seen.set(typeof found === 'string' ? found : 'right', (seen.get(typeof found === 'string' ? found : 'right') ?? 0) + 1)
        content[bit >> 3] = (content[bit >> 3] as number) ^ (1 << (bit & 7))
      }
    }
    // What is no part of a batch is not looked at by a reader: `verifyJournal` sees that.
    expect([...seen.keys()].sort()).toEqual(['DX_ARCHIVE_DAMAGED', 'DX_FORMAT_TOO_NEW', 'right'].sort().filter(name => seen.has(name)))
    expect(seen.get('DX_ARCHIVE_DAMAGED')).toBeGreaterThan(300)
  })

  it('shows nothing of a segment that is missing, and says which', async () => {
    const archive = new MemoryArchive()
    const archived = new ArchivedJournal({ to: archive })
    archived.append(10)
    await archived.archive()
    archive.objects.delete('000002.seg')
    const found: number[] = []
    await expect(async () => {
      for await (const batch of (await read(archive)).read(0, 1, { maxBatchEntries: 1 })) found.push(...batch.map(({ index }) => index))
    }).rejects.toThrow('000002.seg')
    expect(found).toEqual([1, 2, 3, 4])
  })
})

async function outcome(archive: MemoryArchive): Promise<Map<number, string> | string> {
  try {
    return await entries(await read(archive), 0, 1)
  } catch (error) {
    if (!isDisruptorError(error)) throw error
    return error.code
  }
}
