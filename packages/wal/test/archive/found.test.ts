import type { FileRequest } from '@disruptorx/contracts'
import { SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { FileArchive } from '../../src/archive/file-archive.ts'
import { onePiece } from '../../src/archive/objects.ts'
import { answeredFiles } from '../sim/awaited-files.ts'
import { AnsweringFiles, ArchivedJournal } from './archived-journal.ts'
import { MemoryArchive } from './memory-archive.ts'

const codesOf = ({ failures }: ArchivedJournal) => failures.map(error => (error as { code?: unknown }).code)

describe('faults of archiving that the simulation has found', () => {
  it('an archive whose first object was damaged before anybody read it back was refused for ever', async () => {
    const archive = new MemoryArchive()
    archive.objects.set('journal.json', new TextEncoder().encode('{"format":1,"jour'))
    const archived = new ArchivedJournal({ to: archive })
    archived.append(6)
    await archived.archive()
    expect([codesOf(archived), archive.segments]).toEqual([[], [1]])
    const content = archive.objects.get('journal.json')?.fill(0)
    expect(content).toBeDefined()
    const again = new ArchivedJournal({ to: archive }, {}, new AnsweringFiles(archived.files.contents))
    await again.archive()
    expect(codesOf(again)).toEqual(['DX_ARCHIVE_DAMAGED'])
  })

  it('a crash took the name back of what a process before this one had archived: it was believed before its directory was synced', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const dying = new SimulatedFiles({
        seed,
        fault: ({ operation, path }) => (operation === 'sync-directory' && path === 'a' ? 'EIO' : undefined),
      })
      const put = new FileArchive('a', answeredFiles(dying)).put('x', onePiece(new Uint8Array(100).fill(7)))
      await expect(put).rejects.toMatchObject({ code: 'EIO' })
      const files = dying.restart()
      expect(await new FileArchive('a', answeredFiles(files)).list('')).toEqual(['x'])
      expect(files.crash().content('a/x')).toEqual(new Uint8Array(100).fill(7))
    }
  })

  it('a crash took the name back of what an attempt had left half done, and the next attempt had believed', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      let fails = true
      const files = new SimulatedFiles({
        seed,
        fault: ({ operation, path }) => (fails && operation === 'sync-directory' && path === 'a' ? 'EIO' : undefined),
      })
      const archive = new FileArchive('a', answeredFiles(files))
      await archive.list('').catch(() => {})
      await expect(archive.put('x', onePiece(new Uint8Array(100).fill(7)))).rejects.toMatchObject({ code: 'EIO' })
      fails = false
      expect(await archive.list('')).toEqual(['x'])
      expect(files.crash().content('a/x')).toEqual(new Uint8Array(100).fill(7))
    }
  })

  it('a segment that showed other bytes behind its last record than when it was archived was taken for one of an older copy', async () => {
    const archive = new MemoryArchive()
    const first = new ArchivedJournal({ to: archive })
    first.append(10)
    await first.archive()
    const contents = first.files.contents
    const segment = contents.get('d/000001.seg') as Uint8Array
    // Its two batches end here.
    segment.fill(0, 12_288)
    expect(segment).not.toEqual(archive.objects.get('000001.seg'))
    const second = new ArchivedJournal({ to: archive }, {}, new AnsweringFiles(contents))
    expect(second.journal.recovery.reindexed).toEqual([1])
    await second.archive()
    expect(codesOf(second)).toEqual([])
    // Only the third, which the opening has ended, was still to be copied.
    expect(second.archiver.report).toMatchObject({ archived: 3, segments: 1 })
    // The copy itself is held to its card, to the last byte.
    archive.objects.get('000001.seg')?.fill(1, 12_300, 12_301)
    const third = new ArchivedJournal({ to: archive }, {}, new AnsweringFiles(contents))
    await third.archive()
    expect([codesOf(third), third.archiver.report.archived]).toEqual([['DX_ARCHIVE_DAMAGED'], 0])
  })
  it('a card that was read wrong once stayed for a copy that took the place of a good one, and was bad', async () => {
    const archive = new MemoryArchive()
    const first = new ArchivedJournal({ to: archive })
    first.append(6)
    await first.archive()
    const flip = (name: string) => {
      const content = archive.objects.get(name)
      if (content !== undefined) content[50] = (content[50] as number) ^ 1
    }
    let misreads = 0
    let lies = 0
    archive.before = (operation, name) => {
      if (operation === 'get' && name === '000001.json' && misreads++ === 0) flip(name)
    }
    archive.after = (operation, name) => {
      if (operation === 'get' && name === '000001.json' && misreads === 1) flip(name)
      if (operation === 'put' && name === '000001.seg' && lies++ === 0) flip(name)
    }
    const second = new ArchivedJournal({ to: archive, retryMs: 10 }, {}, new AnsweringFiles(first.files.contents))
    for (let attempt = 0; attempt < 3; attempt++) {
      await second.archive()
      second.clock.advance(1000)
    }
    expect([codesOf(second), lies, second.archiver.report.archived]).toEqual([['DX_ARCHIVE_DAMAGED'], 2, 2])
    expect(archive.objects.get('000001.seg')).toEqual(second.files.contents.get('d/000001.seg'))
  })

  it('a directory that was just made was lost with the archive in it, when those above it were not synced', async () => {
    const files = new SimulatedFiles({ seed: 1 })
    const synced: string[] = []
    const watched = {
      submit: (request: FileRequest) => {
        if (request.operation === 'sync-directory') synced.push(request.path)
        files.submit(request)
      },
      poll: () => files.poll(),
    }
    const archive = new FileArchive('mnt/archive/a', answeredFiles(watched))
    await archive.put('x', onePiece(new Uint8Array(1)))
    await archive.put('y', onePiece(new Uint8Array(1)))
    expect(synced).toEqual(['mnt/archive', 'mnt', '.', 'mnt/archive/a', 'mnt/archive/a'])
  })
})
