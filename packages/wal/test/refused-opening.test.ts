import { crc32, runBlocking } from '@disruptorx/contracts/internal'
import { SeededRandom } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { type JournalStep, type JournalStepOptions, openJournalStep, type RepairSource } from '../src/index.ts'
import { SharedSpareSegments } from '../src/segments/shared-spare-segments.ts'
import { SpareQueue } from '../src/segments/spare-queue.ts'
import { FastFiles } from './fast-files.ts'
import { appendText, codeOf, KIB, readAll } from './journals.ts'

const SECTOR = 4 * KIB
const options = { dir: 'd', segmentBytes: 16 * KIB, maxBatchBytes: 4 * KIB, maxRecordBytes: 2 * KIB, rewrite: false } as const
const encryption = { write: 'k1', keys: { k1: new Uint8Array(32).fill(1) } }
const path = (segment: number) => `d/00000${segment}.seg`

/** What lies beside a journal's segments: of that, an opening that is not refused changes some. */
const beside = new Map([
  ['d/000001.spare', new Uint8Array(16 * KIB).fill(1)],
  ['d/000002.spare', new Uint8Array(32 * KIB).fill(2)],
  ['d/000009.tmp', new Uint8Array(100).fill(3)],
  ['d/notes.txt', new Uint8Array(10).fill(4)],
])

/** A directory, and what its journal holds. */
interface Built {
  readonly contents: ReadonlyMap<string, Uint8Array>
  readonly entries: readonly string[]
}

/** What the process does last: it closes the journal, or dies, and leaves batches that nothing proves durable, or none of entries. */
type End = 'closed' | 'killed' | 'killed after opening'

/** A journal of one entry to a batch, and two or three batches to a segment. */
function build(end: End, batches: number, more: Partial<JournalStepOptions> = {}, seed = 1): Built {
  const files = new FastFiles(beside)
  const journal = open(files, { ...more, random: new SeededRandom(seed) })
  const entries: string[] = []
  for (let i = 1; i <= batches; i++) {
    entries.push(`${i}/`.padEnd(200, 'x'))
    appendText(journal, entries.at(-1) as string)
    journal.step()
  }
  if (end === 'closed') runBlocking(journal.close())
  if (end === 'killed after opening') open(files, more)
  return { contents: new Map([...files.contents, ...beside]), entries }
}

function open(files: FastFiles, more: Partial<JournalStepOptions> = {}): JournalStep {
  return runBlocking(openJournalStep(files, { ...options, ...more }))
}

const ends: readonly End[] = ['closed', 'killed', 'killed after opening']
/** One after the other fill the newest segment a little more. */
const sizes = [8, 9, 10, 11]

/** Numbers of the segments, ascending. */
function segmentsOf(contents: ReadonlyMap<string, Uint8Array>): number[] {
  return [...contents.keys()].flatMap(name => /(\d+)\.seg$/.exec(name)?.[1] ?? []).map(Number)
}

function without(contents: ReadonlyMap<string, Uint8Array>, ...segments: readonly number[]): Map<string, Uint8Array> {
  const left = new Map(contents)
  for (const segment of segments) left.delete(path(segment))
  return left
}

function changed(contents: ReadonlyMap<string, Uint8Array>, segment: number, change: (content: Uint8Array) => Uint8Array) {
  const content = (contents.get(path(segment)) as Uint8Array).slice()
  return new Map(contents).set(path(segment), change(content))
}

/** Turns a bit of a byte over. */
function flip(byte: number) {
  return (content: Uint8Array) => content.map((value, at) => (at === byte ? value ^ 1 : value))
}

/** Sets a byte. */
function set(byte: number, value: number) {
  return (content: Uint8Array) => content.map((before, at) => (at === byte ? value : before))
}

/** Opens a directory, again and again: it is refused with this code each time, and stays as it is to the last byte. */
function expectRefused(contents: ReadonlyMap<string, Uint8Array>, code: string, more: Partial<JournalStepOptions> = {}): void {
  const files = new FastFiles(contents)
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(codeOf(() => open(files, more))).toBe(code)
    expect([...files.contents.keys()].sort()).toEqual([...contents.keys()].sort())
    for (const [name, bytes] of files.contents) expect(Buffer.compare(bytes, contents.get(name) as Uint8Array), name).toBe(0)
  }
}

function expectWhole({ contents, entries }: Built, more: Partial<JournalStepOptions> = {}): void {
  expect(readAll(open(new FastFiles(contents), { verify: 'all', ...more }))).toEqual(entries)
}

/** Where the last batch of a segment starts. */
function lastBatch(content: Uint8Array): number {
  let at = SECTOR
  while (at + SECTOR < content.length && content[at + SECTOR] === 0x44 && content[at + SECTOR + 3] === 0x54) at += SECTOR
  return at
}

describe('an opening that is refused changes nothing on disk', () => {
  it.each(ends)(
    'when a segment is missing, at the front or in the middle, of a journal that was %s, which is whole when it is put back',
    end => {
      for (const size of sizes) {
        const built = build(end, size)
        const segments = segmentsOf(built.contents)
        expect(segments.length).toBeGreaterThan(3)
        for (const missing of [[1], [2], [1, 2], [segments.length - 1], [1, segments.length - 1]])
          expectRefused(without(built.contents, ...missing), 'DX_SEGMENT_MISSING')
        expectWhole(built)
      }
    },
  )

  it.each(ends)('when a header, a state or a batch of a journal that was %s is damaged, or a file cut short', end => {
    for (const size of sizes) {
      const built = build(end, size)
      const last = segmentsOf(built.contents).length
      for (const segment of [1, 2, last - 1, last]) {
        expectRefused(changed(built.contents, segment, flip(3)), 'DX_JOURNAL_CORRUPT')
        expectRefused(changed(built.contents, segment, flip(33)), 'DX_JOURNAL_CORRUPT')
        expectRefused(
          changed(built.contents, segment, content => content.slice(0, 100)),
          'DX_JOURNAL_CORRUPT',
        )
      }
      expectRefused(changed(built.contents, last, flip(130)), 'DX_JOURNAL_CORRUPT')
      expectRefused(
        changed(built.contents, last, content => content.slice(0, 3 * SECTOR)),
        'DX_JOURNAL_CORRUPT',
      )
      for (const byte of [0, 130]) expectRefused(changed(built.contents, 2, flip(SECTOR + byte)), 'DX_JOURNAL_CORRUPT', { verify: 'all' })
    }
  })

  it('when the records of a batch contradict those before, proven to have been durable or not', () => {
    for (const size of sizes) {
      const built = build('killed', size)
      const last = segmentsOf(built.contents).length
      const skipping = changed(built.contents, last, content => {
        const at = lastBatch(content)
        const view = new DataView(content.buffer, at, SECTOR)
        view.setUint32(128 + 16, 1000, true)
        view.setUint32(120, crc32(content, at + 128, view.getUint32(52, true)), true)
        view.setUint32(124, crc32(content, at, 124), true)
        return content
      })
      expectRefused(skipping, 'DX_JOURNAL_CORRUPT')
    }
  })

  it.each([
    ['DX_FORMAT_TOO_NEW', 3],
    ['DX_FORMAT_TOO_OLD', 1],
  ])('when a segment or a batch is of another format: %s', (code, version) => {
    for (const end of ends) {
      const { contents } = build(end, 9)
      const last = segmentsOf(contents).length
      for (const segment of [1, 2, last]) expectRefused(changed(contents, segment, set(8, version)), code)
      if (version < 2) continue
      const newer = changed(contents, last, content => {
        const at = lastBatch(content)
        content[at + 4] = version
        new DataView(content.buffer, at).setUint32(124, crc32(content, at, 124), true)
        return content
      })
      expectRefused(newer, code)
    }
  })

  it.each(ends)('when a segment of a journal that was %s is of another one', end => {
    const built = build(end, 9)
    const stranger = build(end, 9, {}, 2).contents
    for (const segment of [1, 2, segmentsOf(built.contents).length])
      expectRefused(new Map(built.contents).set(path(segment), stranger.get(path(segment)) as Uint8Array), 'DX_FOREIGN_SEGMENT')
    expectWhole(built)
  })

  it.each(ends)('when the key of a journal that was %s is missing, or another one', end => {
    for (const size of sizes) {
      const built = build(end, size, { encryption })
      expectRefused(built.contents, 'DX_KEY')
      expectRefused(built.contents, 'DX_KEY', { encryption: { write: 'k1', keys: { k1: new Uint8Array(32).fill(2) } } })
      expectRefused(built.contents, 'DX_KEY', { encryption: { write: 'k2', keys: { k2: new Uint8Array(32).fill(1) } } })
      expectWhole(built, { encryption })
    }
  })

  it('but for a batch that was repaired, when another one could not be', () => {
    const { contents } = build('killed', 9)
    const flipped = flip(SECTOR + 140)
    const damaged = changed(changed(contents, 2, flipped), 3, flipped)
    const repair: RepairSource = ({ segment, offset }) =>
      segment === 2 ? { batch: (contents.get(path(2)) as Uint8Array).slice(offset, offset + SECTOR) } : undefined
    const files = new FastFiles(damaged)
    expect(codeOf(() => open(files, { verify: 'all', repair }))).toBe('DX_JOURNAL_CORRUPT')
    expect(files.contents).toEqual(changed(contents, 3, flipped))
  })

  it('when what prepares its segments, or keeps them, is for another directory', () => {
    const archive = (dir: string) => ({
      checkFor: (where: string) => {
        if (where !== dir) throw Object.assign(new Error('elsewhere'), { code: 'elsewhere' })
      },
      start: () => {},
      sealed: () => {},
      stop: () => {},
      archived: 0,
    })
    const { contents, entries } = build('killed', 9)
    for (const spares of [SpareQueue.create('e', 16 * KIB, 1), SpareQueue.create('d', 32 * KIB, 1)])
      expectRefused(contents, 'DX_OPTION', { spares: new SharedSpareSegments(spares) })
    expectRefused(new Map(), 'DX_OPTION', { spares: new SharedSpareSegments(SpareQueue.create('e', 16 * KIB, 1)) })
    const files = new FastFiles(contents)
    expect(() => open(files, { archive: archive('e') })).toThrow('elsewhere')
    expect(files.contents).toEqual(contents)
    expect(readAll(open(files, { archive: archive('d') }))).toEqual(entries)
  })
})

describe('an opening does not take for a reason to refuse', () => {
  it.each([
    ['trims', (journal: JournalStep) => journal.log(0).truncateBefore(10)],
    ['cuts', (journal: JournalStep) => journal.log(0).truncateAfter(0)],
    ['resets', (journal: JournalStep) => journal.log(0).reset(20, 3)],
    ['drops', (journal: JournalStep) => journal.dropLog(0)],
  ])('a segment that is gone because the last batch, which nothing proves durable, %s what was in it', (_, act) => {
    const { contents } = build('killed', 9)
    const files = new FastFiles(contents)
    const journal = open(files)
    act(journal)
    while (journal.step() === 0);
    appendText(journal, 'another', 1)
    const [first] = segmentsOf(files.contents)
    expect(first).toBeGreaterThan(4)
    const again = open(new FastFiles(files.contents))
    const log = journal.log(0)
    expect([again.log(0).firstIndex, again.log(0).lastIndex, again.log(0).lastTerm]).toEqual([log.firstIndex, log.lastIndex, log.lastTerm])
  })

  it('a segment that is gone because the last batch, which nothing proves durable, holds its entries once more', () => {
    const files = new FastFiles()
    const journal = open(files, { rewrite: true })
    appendText(journal, 'kept', 7)
    for (let i = 1; i <= 9; i++) {
      appendText(journal, `${i}`)
      journal.step()
    }
    journal.log(0).truncateBefore(9)
    while (journal.step() === 0);
    expect(segmentsOf(files.contents)[0]).toBeGreaterThan(3)
    const again = open(new FastFiles(files.contents))
    expect([readAll(again), readAll(again, 7)]).toEqual([['9'], ['kept']])
  })

  it('that the state of the logs takes more than this size of segments allows, whether a header or a batch made them: no more are taken', () => {
    const large = { segmentBytes: 64 * KIB, maxBatchBytes: 32 * KIB }
    for (const end of ['closed', 'killed'] as const)
      for (const rolls of [false, true]) {
        const files = new FastFiles()
        const journal = open(files, large)
        for (let id = 1; id <= 200; id++) appendText(journal, `${id}`, id)
        while (journal.step() === 0);
        if (rolls)
          for (let i = 0; i < 16; i++) {
            appendText(journal, 'x', 1)
            journal.step()
          }
        if (end === 'closed') runBlocking(journal.close())
        const again = open(new FastFiles(files.contents))
        expect(again.logIds).toHaveLength(200)
        for (let id = 1; id <= 200; id++) expect(readAll(again, id)[0]).toBe(`${id}`)
        expect(codeOf(() => appendText(again, 'one more', 201))).toBe('DX_TOO_MANY_LOGS')
        appendText(again, 'of one that there is', 200)
        for (let id = 1; id <= 100; id++) {
          again.dropLog(id)
          again.step()
        }
        appendText(again, 'room', 201)
        while (again.step() === 0);
        expect(readAll(again, 201)).toEqual(['room'])
      }
  })
})
