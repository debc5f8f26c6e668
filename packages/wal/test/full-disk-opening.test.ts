import { type FileRequest, type Files, isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { SeededRandom, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { openJournalStep } from '../src/index.ts'
import { SharedSpareSegments } from '../src/segments/shared-spare-segments.ts'
import { SpareQueue } from '../src/segments/spare-queue.ts'
import { FastFiles } from './fast-files.ts'
import { LimitedFiles } from './full-disk/limited-files.ts'
import { appendText, codeOf, KIB, readAll } from './journals.ts'
import { openOn } from './model.ts'

const SECTOR = 4 * KIB
const options = { dir: 'd', segmentBytes: 64 * KIB, maxBatchBytes: 16 * KIB }
const entry = (i: number) => `${i}/`.padEnd(5000, 'x')

/** What a process has left of a journal, and what that had acknowledged. */
interface Dead {
  readonly contents: Map<string, Uint8Array>
  readonly acknowledged: readonly string[]
}

/** Appends until so many entries are durable, or the journal stops. */
function fill(files: FastFiles | LimitedFiles, most: number, close = false): Dead {
  const journal = runBlocking(openJournalStep(files, { ...options, random: new SeededRandom(1) }))
  const acknowledged: string[] = []
  while (acknowledged.length < most) {
    appendText(journal, entry(acknowledged.length))
    journal.step()
    if (journal.failure !== undefined) break
    acknowledged.push(entry(acknowledged.length))
  }
  if (close) runBlocking(journal.close())
  return { contents: files.contents, acknowledged }
}

/** Opens a journal with so much room, and reads it; or says how much room it needs, when nothing was changed. */
function openWith({ contents, acknowledged }: Dead, freeBytes: number): { readonly opened: true } | { readonly bytesNeeded: number } {
  const files = new LimitedFiles(contents, freeBytes)
  try {
    const journal = runBlocking(openJournalStep(files, { ...options, verify: 'all' }))
    expect(readAll(journal)).toEqual(acknowledged)
    runBlocking(journal.close())
    expect(readAll(runBlocking(openJournalStep(new FastFiles(files.contents), { ...options, verify: 'all' })))).toEqual(acknowledged)
    return { opened: true }
  } catch (error) {
    if (!isDisruptorError(error, 'DX_DISK_FULL')) throw error
    expect(files.contents).toEqual(contents)
    expect(error.message).toMatch(/^opening d needs [\d,]+ bytes of room on its disk \(ENOSPC: .*\); nothing was changed; make room and /)
    return { bytesNeeded: Number(error.details.bytesNeeded) }
  }
}

/** Files in memory that take room where they are written, and none where they are only long. */
class SparseFiles implements Files {
  readonly #files: FastFiles
  readonly #written = new Set<string>()
  readonly #names = new Map<number, string>()
  #free: number

  /** @param free sectors that can be written beside `contents` */
  constructor(contents: ReadonlyMap<string, Uint8Array>, free: number) {
    this.#files = new FastFiles(contents)
    this.#free = free
    for (const [path, { length }] of contents) for (let at = 0; at < length; at += SECTOR) this.#written.add(`${path} ${at}`)
  }

  get contents(): Map<string, Uint8Array> {
    return this.#files.contents
  }

  submit(request: FileRequest): void {
    const { operation, path, target, handle, position, length } = request
    if (operation === 'write')
      for (let at = position; at < position + length; at += SECTOR) {
        const sector = `${this.#names.get(handle)} ${at}`
        if (!this.#written.has(sector) && this.#free-- <= 0) {
          request.error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
          request.state = 'failed'
          return
        }
        this.#written.add(sector)
      }
    this.#files.submit(request)
    if (operation === 'open') this.#names.set(request.result, path)
    if (operation === 'rename') for (const [held, name] of this.#names) if (name === path) this.#names.set(held, target)
    if (operation === 'rename' || operation === 'remove')
      for (const sector of this.#written) {
        if (!sector.startsWith(`${path} `)) continue
        this.#written.delete(sector)
        if (operation === 'rename') this.#written.add(sector.replace(path, target))
        else this.#free++
      }
  }

  poll(): void {}
}

describe('a journal on a disk that is still full', () => {
  it('that was stopped at the end of a segment, or was closed, opens and is read without any room', () => {
    const stopped = fill(new LimitedFiles(new Map(), 150 * KIB), 1000)
    expect(stopped.acknowledged.length).toBe(14)
    expect(openWith(stopped, 0)).toEqual({ opened: true })
    for (const count of [0, 1, 3, 6, 7, 8]) expect(openWith(fill(new FastFiles(), count, true), 0)).toEqual({ opened: true })
  })

  it('whose last batch nothing proves durable, is refused as it is until there is room to copy that, and says how much that takes', () => {
    for (const count of [1, 3, 6, 7, 8]) {
      const killed = fill(new FastFiles(), count)
      const refused = openWith(killed, 0)
      // Of headers, the batch and what comes behind it; never of a whole segment.
      expect(refused).toEqual({ bytesNeeded: 24 * KIB })
      for (const freeBytes of [4 * KIB, 8 * KIB, 16 * KIB, 19 * KIB]) expect(openWith(killed, freeBytes)).toEqual(refused)
      for (const freeBytes of [24, 40, 63, 64, 65]) expect(openWith(killed, freeBytes * KIB)).toEqual({ opened: true })
    }
  })

  it('is refused as it is also where a large segment takes its room bit by bit, or opens with its mark in it', () => {
    const large = { ...options, segmentBytes: 8 * 1024 * KIB }
    const disk = new FastFiles()
    const journal = runBlocking(openJournalStep(disk, large))
    appendText(journal, 'one')
    journal.step()
    const { contents } = disk
    const opened: number[] = []
    for (let free = 0; free < 8; free++) {
      const files = new SparseFiles(contents, free)
      try {
        expect(readAll(runBlocking(openJournalStep(files, large)))).toEqual(['one'])
        opened.push(free)
      } catch (error) {
        expect(isDisruptorError(error, 'DX_DISK_FULL')).toBe(true)
        expect([...files.contents.keys()]).toEqual([...contents.keys()])
        for (const [path, bytes] of files.contents) expect(Buffer.compare(bytes, contents.get(path) as Uint8Array)).toBe(0)
      }
    }
    // The header of the segment, the copied batch, and the mark.
    expect(opened).toEqual([3, 4, 5, 6, 7])
  })

  it('takes entries again when there is room for the next segment, and stops until then', () => {
    const stopped = fill(new LimitedFiles(new Map(), 150 * KIB), 1000)
    const files = new LimitedFiles(stopped.contents, 40 * KIB)
    const full = runBlocking(openJournalStep(files, options))
    appendText(full, 'no room')
    full.step()
    expect([full.failure?.code, [...files.contents.keys()].filter(path => path.endsWith('.tmp'))]).toEqual(['DX_JOURNAL_STOPPED', []])
    const journal = runBlocking(openJournalStep(new LimitedFiles(files.contents, 64 * KIB), options))
    appendText(journal, 'room')
    while (journal.step() === 0);
    expect(readAll(journal)).toEqual([...stopped.acknowledged, 'room'])
  })

  it('copies its last batch to a file that was kept for use again, which takes no room: its own or one that another thread prepares', () => {
    const killed = fill(new FastFiles(), 3)
    const contents = new Map(killed.contents).set('d/000007.spare', new Uint8Array(64 * KIB))
    expect(openWith({ ...killed, contents }, 0)).toEqual({ opened: true })
    const files = new LimitedFiles(contents, 0)
    const queue = SpareQueue.create('d', 64 * KIB, 1)
    const journal = runBlocking(openJournalStep(files, { ...options, spares: new SharedSpareSegments(queue) }))
    expect([...files.contents.keys()]).toEqual(['d/000001.seg', 'd/000002.seg'])
    expect([readAll(journal), journal.segmentsMadeInline]).toEqual([killed.acknowledged, 0])
  })

  it('that is to be made, says how much room its first segment takes, and leaves none of it', () => {
    expect(openWith({ contents: new Map(), acknowledged: [] }, 63 * KIB)).toEqual({ bytesNeeded: 68 * KIB })
    expect(openWith({ contents: new Map(), acknowledged: [] }, 64 * KIB)).toEqual({ opened: true })
  })

  it.each(['ENOSPC', 'EDQUOT'])('says so with the system error %s as its cause, wherever in the opening that comes', code => {
    for (const operation of ['make-directory', 'lock', 'open', 'write', 'datasync', 'rename', 'sync-directory'] as const) {
      const files = new SimulatedFiles({ seed: 1, fault: request => (request.operation === operation ? (code as 'ENOSPC') : undefined) })
      expect(codeOf(() => openOn(files))).toBe('DX_DISK_FULL')
      expect(() => openOn(files)).toThrow(expect.objectContaining({ cause: expect.objectContaining({ code }) }))
    }
  })
})
