import type { FileRequest, Files } from '@disruptorx/contracts'
import { FakeClock, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { JournalStep, JournalStepOptions, RepairSource } from '../../src/index.ts'
import { openJournalStep } from '../../src/journal/open-journal-step.ts'
import { appendText, KIB } from '../journals.ts'
import { DIR, entriesOf, run } from '../model.ts'

const SECTOR = 4 * KIB
const small = { segmentBytes: 16 * KIB, maxBatchBytes: 8 * KIB }
const pathOf = (segment: number) => `${DIR}/00000${segment}.seg`

/** Files on a disk that cannot read one place, until that is written again. */
class SpoiltFiles implements Files {
  isSpoilt = true
  /** It can be read so often before it is spoilt. */
  after = 0
  /** It can be read again after so many attempts. */
  reads = Number.POSITIVE_INFINITY
  readonly #files: Files
  readonly #path: string
  readonly #position: number
  readonly #handles = new Set<number>()

  constructor(files: Files, segment: number, position: number) {
    this.#files = files
    this.#path = pathOf(segment)
    this.#position = position
  }

  submit(request: FileRequest): void {
    const { operation, path, handle } = request
    const meets = this.isSpoilt && this.#handles.has(handle) && this.#isWithin(request)
    if (meets && operation === 'write') this.isSpoilt = false
    if (meets && operation === 'read' && this.after-- <= 0 && this.reads > 0) {
      this.reads--
      request.state = 'failed'
      request.error = Object.assign(new Error('EIO: read'), { code: 'EIO' })
      return
    }
    this.#files.submit(request)
    if (operation === 'close') this.#handles.delete(handle)
    if (operation === 'open' && path === this.#path) this.#handles.add(request.result)
  }

  poll(): void {}

  #isWithin({ position, length }: FileRequest): boolean {
    return position <= this.#position && this.#position < position + length
  }
}

/** A journal of seven entries, one batch each, two to a segment; its process has ended. */
function build(): SimulatedFiles {
  const files = new SimulatedFiles({ seed: 1 })
  const journal = open(files)
  for (let i = 1; i <= 7; i++) {
    appendText(journal, `entry ${i}`)
    journal.step()
  }
  return files.restart()
}

function open(files: Files, options: Partial<JournalStepOptions> = {}): JournalStep {
  return run(openJournalStep(files, { dir: DIR, ...small, ...options }))
}

const all = new Map(Array.from({ length: 7 }, (_, i) => [i + 1, `entry ${i + 1}`]))
/** Where the records of the second batch of a segment are. */
const SECOND = 2 * SECTOR + 140

describe('a sector that the disk cannot read', () => {
  it('among what was durable is told with its place, and repaired as damage is', () => {
    for (const position of [SECOND, 2 * SECTOR + 10]) {
      const pristine = build()
      const files = new SpoiltFiles(pristine, 2, position)
      expect(() => open(files, { verify: 'all' })).toThrow('EIO: segment 000002 at 8,192: a batch that was durable cannot be read')
      const content = pristine.content(pathOf(2)) as Uint8Array
      const repair: RepairSource = ({ offset }) => ({ batch: content.slice(offset, offset + SECTOR) })
      const journal = open(files, { verify: 'all', repair })
      expect(journal.recovery.repaired).toEqual([{ segment: 2, offset: 2 * SECTOR }])
      expect([files.isSpoilt, entriesOf(journal)]).toEqual([false, all])
    }
  })

  it('in the segment written last is never taken for a torn write', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const journal = open(files, { segmentBytes: 64 * KIB })
    for (let i = 1; i <= 7; i++) {
      appendText(journal, `entry ${i}`)
      journal.step()
    }
    const ended = files.restart()
    for (const position of [SECOND, 7 * SECTOR + 140, 7 * SECTOR, 9 * SECTOR]) {
      const before = ended.content(pathOf(1))
      expect(() => open(new SpoiltFiles(ended, 1, position))).toThrow(/^EIO: segment 000001 at .* cannot be read$/)
      expect(ended.content(pathOf(1))).toEqual(before)
    }
    expect(entriesOf(open(ended))).toEqual(all)
  })

  it('in a header, or at the end of the segment written last, is told with its place', () => {
    expect(() => open(new SpoiltFiles(build(), 2, 10))).toThrow('EIO: segment 000002 at 0: the header of the segment cannot be read')
    const header = new SpoiltFiles(build(), 4, 10)
    header.after = 1
    expect(() => open(header)).toThrow('EIO: segment 000004 at 0: the header of the segment cannot be read')
    expect(() => open(new SpoiltFiles(build(), 4, 3 * SECTOR))).toThrow(
      'EIO: segment 000004 at 12,288: the end of the segment cannot be read',
    )
  })

  it('for a moment only, in the last batch, is no torn write either', () => {
    const ended = build()
    const files = new SpoiltFiles(ended, 4, SECTOR + 140)
    files.reads = 2
    expect(() => open(files)).toThrow('EIO: segment 000004 at 4,096: ')
    expect([files.reads, entriesOf(open(files))]).toEqual([0, all])
  })

  it('in the footer of a full segment costs time, not data', () => {
    const journal = open(new SpoiltFiles(build(), 2, 3 * SECTOR))
    expect(journal.recovery.reindexed).toEqual([2])
    expect(entriesOf(journal)).toEqual(all)
  })

  it('is told to readers by its entry, and to nobody who reads others', () => {
    const journal = open(new SpoiltFiles(build(), 2, SECOND))
    expect([...entriesOf(journal, 0, 5).values()]).toEqual(['entry 5', 'entry 6', 'entry 7'])
    expect(() => entriesOf(journal)).toThrow('EIO: segment 000002 at 8,192: entry 4 of log 0 cannot be read')
  })

  it('stops a reader only for as long as it lasts', () => {
    const files = new SpoiltFiles(build(), 2, SECOND)
    const reader = open(files).reader(0, 4)
    expect(() => reader.poll()).toThrow('EIO')
    expect(() => reader.poll()).toThrow('EIO')
    files.isSpoilt = false
    expect([reader.poll(), reader.index]).toEqual(['entry', 4])
  })

  it('is found, and repaired, by a scrubber', () => {
    const pristine = build()
    const content = pristine.content(pathOf(2)) as Uint8Array
    const repair: RepairSource = ({ offset }) => ({ batch: content.slice(offset, offset + SECTOR) })
    const clock = new FakeClock()
    const files = new SpoiltFiles(pristine.restart(), 2, SECOND)
    const scrubber = open(files, { clock, repair }).scrubber()
    while (scrubber.report.passes === 0) clock.advance(Math.max(1, scrubber.step()))
    expect([scrubber.report.damages.length, scrubber.report.repaired, files.isSpoilt]).toEqual([0, 1, false])
  })

  it('is told by a scrubber that cannot repair it, which then goes on with the next segment', () => {
    const clock = new FakeClock()
    const scrubber = open(new SpoiltFiles(build(), 2, SECOND), { clock }).scrubber()
    const told: unknown[] = []
    while (scrubber.report.passes === 0)
      try {
        clock.advance(Math.max(1, scrubber.step()))
      } catch (error) {
        told.push((error as Error).message)
        scrubber.close()
      }
    expect(told).toEqual(['EIO: segment 000002 at 8,192: a batch cannot be read'])
    expect([scrubber.report.batches, scrubber.report.damages]).toEqual([5, []])
  })

  it('in a segment that is to be emptied leaves that segment where it is, and stops nothing', () => {
    const disk = new SimulatedFiles({ seed: 1 })
    const first = open(disk)
    appendText(first, 'kept', 7)
    for (let i = 1; i <= 20; i++) {
      appendText(first, `${i}`)
      first.step()
    }
    const journal = open(new SpoiltFiles(disk.restart(), 1, SECTOR + 140))
    journal.log(0).truncateBefore(20)
    while (journal.step() === 0);
    appendText(journal, 'goes on')
    while (journal.step() === 0);
    expect([journal.failure, journal.durableLsn]).toEqual([undefined, journal.lastLsn])
    expect(disk.content(pathOf(1))).toBeDefined()
  })
})
