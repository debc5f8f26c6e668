import type { FileRequest, Files } from '@disruptorx/contracts'
import { temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { type JournalStep, nodeFiles, openJournalStep } from '../src/index.ts'
import { appendText, KIB, readAll } from './journals.ts'
import { run } from './model.ts'
import { makeSparseJournal } from './sparse-journal.ts'

/** Counts the bytes that are read, and from which files. */
class CountingFiles implements Files {
  readonly #files = nodeFiles()
  readonly #paths = new Map<number, string>()
  readonly read = new Map<string, number>()

  submit(request: FileRequest): void {
    this.#files.submit(request)
    const { operation, path, handle, result, state } = request
    if (state !== 'done') return
    if (operation === 'open') this.#paths.set(result, path.slice(path.lastIndexOf('/') + 1))
    if (operation !== 'read') return
    const name = this.#paths.get(handle) ?? ''
    this.read.set(name, (this.read.get(name) ?? 0) + result)
  }

  poll(): void {
    this.#files.poll()
  }
}

const segmentBytes = 1024 * KIB

function fill(dir: string, files: Files, segments: number): JournalStep {
  const journal = run(openJournalStep(files, { dir, segmentBytes }))
  for (let i = 1; journal.bytesWritten < (segments - 0.5) * segmentBytes; i++) {
    appendText(journal, `${i}/`.padEnd(60_000, 'x'), i % 3)
    journal.step()
  }
  return journal
}

describe('opening a journal of many segments', () => {
  it('reads headers, footers and the segment written last, and no more', () => {
    using dir = temporaryDirectory()
    run(fill(dir.path, nodeFiles(), 20).close())
    const files = new CountingFiles()
    const journal = run(openJournalStep(files, { dir: dir.path, segmentBytes }))
    expect(journal.recovery.reindexed).toEqual([])
    const sealed = [...files.read].filter(([name]) => /^0000(0[1-9]|1[0-9])\.seg$/.test(name))
    expect(sealed).toHaveLength(19)
    for (const [, bytes] of sealed) expect(bytes).toBe(2 * 4 * KIB)
    for (const log of [0, 1, 2]) {
      const texts = readAll(journal, log)
      expect(texts).toEqual(texts.map((_, i) => `${i * 3 + (log === 0 ? 3 : log)}/`.padEnd(60_000, 'x')))
    }
    run(journal.close())
  })

  it('finds an entry in the middle by reading about a mebibyte, not the segments before it', () => {
    using dir = temporaryDirectory()
    run(fill(dir.path, nodeFiles(), 8).close())
    const files = new CountingFiles()
    const journal = run(openJournalStep(files, { dir: dir.path, segmentBytes }))
    files.read.clear()
    const reader = journal.reader(1, 20)
    expect(reader.poll()).toBe('entry')
    expect(reader.index).toBe(20)
    reader.close()
    expect([...files.read.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(1.5 * 1024 * KIB)
    run(journal.close())
  })

  it('of 10 GiB reads 8 KiB of each segment and the one written last', () => {
    using dir = temporaryDirectory()
    makeSparseJournal(dir.path, 160, 64 * 1024 ** 2)
    const files = new CountingFiles()
    const journal = run(openJournalStep(files, { dir: dir.path, segmentBytes }))
    expect(journal.log(1)).toMatchObject({ firstIndex: 1, lastIndex: 160 })
    const last = files.read.get('000160.seg') ?? 0
    expect([...files.read.values()].reduce((sum, bytes) => sum + bytes, 0) - last).toBe(159 * 2 * 4 * KIB)
    expect(last).toBeLessThan(64 * 1024 ** 2 + 1024 * KIB)
    expect(readAll(journal, 1)).toEqual(Array.from({ length: 160 }, (_, i) => `entry ${i + 1}`))
    run(journal.close())
  })
})
