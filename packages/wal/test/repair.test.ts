import { crc32 } from '@disruptorx/contracts/internal'
import { FakeClock, SeededRandom, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { JournalStep, JournalStepOptions, RepairRequest, RepairSource } from '../src/index.ts'
import { appendText, codeOf, KIB } from './journals.ts'
import { entriesOf, openOn, run } from './model.ts'

const SECTOR = 4 * KIB
const path = (segment: number) => `d/00000${segment}.seg`
const textOf = (index: number) => `${index}/`.padEnd(100 + (index % 50), 'x')
const all = new Map(Array.from({ length: 120 }, (_, i) => [i + 1, textOf(i + 1)]))

/** A journal of 120 entries, three to a batch, in three segments. */
function build(): SimulatedFiles {
  const files = new SimulatedFiles({ seed: 1 })
  const journal = openOn(files, { random: new SeededRandom(1) }) as JournalStep
  for (let i = 1; i <= 120; i++) {
    appendText(journal, textOf(i))
    if (i % 3 === 0) journal.step()
  }
  run(journal.close())
  return files
}

const pristine = build()

function damaged(segment: number, sector: number, bytes: readonly number[]): SimulatedFiles {
  const copy = new SimulatedFiles({ seed: 1 })
  for (const id of [1, 2, 3]) {
    const content = pristine.content(path(id)) as Uint8Array
    if (id === segment) for (const byte of bytes) content[sector * SECTOR + byte] = (content[sector * SECTOR + byte] as number) ^ 0x40
    copy.replace(path(id), content)
  }
  return copy
}

const fromBackup: RepairSource = ({ segment, offset }) => ({
  batch: (pristine.content(path(segment)) as Uint8Array).slice(offset, offset + SECTOR),
})
const fromPeer: RepairSource = ({ entries }) => ({ entries: entries.map(({ index }) => new TextEncoder().encode(textOf(index))) })
const verify = { verify: 'all' } as const

function opened(files: SimulatedFiles, options: Partial<JournalStepOptions>): JournalStep {
  return openOn(files, options) as JournalStep
}

describe('a journal with a batch that is damaged', () => {
  it('gets it back from a backup, whatever part of it is damaged, and writes it before it opens', () => {
    for (const segment of [1, 2, 3])
      for (const bytes of [[3], [40], [124], [130], [200, 300], [0, 60, 400]]) {
        const files = damaged(segment, 4, bytes)
        expect(codeOf(() => openOn(files, verify))).toBe('DX_JOURNAL_CORRUPT')
        const journal = opened(files.restart(), { ...verify, repair: fromBackup })
        expect(journal.recovery.repaired).toEqual([{ segment, offset: 4 * SECTOR }])
        expect(journal.recovery.cut).toBeUndefined()
        expect(entriesOf(journal)).toEqual(all)
        const again = opened(files.crash(), verify)
        expect(again.recovery.repaired).toEqual([])
        expect(entriesOf(again)).toEqual(all)
      }
  })

  it('gets the data of its entries back from a peer, of which those that are good are not needed', () => {
    for (const segment of [1, 2, 3])
      for (const repair of [fromPeer, (request: RepairRequest) => keepOnly(request, 1)]) {
        const files = damaged(segment, 5, [128 + 168 + 32 + 20])
        const journal = opened(files, { ...verify, repair })
        expect(journal.recovery.repaired).toEqual([{ segment, offset: 5 * SECTOR }])
        expect(entriesOf(journal)).toEqual(all)
      }
  })

  it('waits for an answer that is pending', () => {
    let asked = 0
    const repair: RepairSource = request => (++asked < 4 ? 'pending' : fromBackup(request))
    expect(entriesOf(opened(damaged(3, 2, [140]), { repair }))).toEqual(all)
    expect(asked).toBe(4)
  })

  it('is refused, unchanged, when nobody has its bytes or what comes does not fit its check sums', () => {
    const answers: RepairSource[] = [
      () => undefined,
      () => ({ entries: [] }),
      () => ({ batch: new Uint8Array(SECTOR) }),
      () => ({ batch: new Uint8Array(3) }),
      ({ segment }) => ({ batch: (pristine.content(path(segment)) as Uint8Array).slice(2 * SECTOR, 3 * SECTOR) }),
      ({ entries }) => ({ entries: entries.map(({ length }) => new Uint8Array(length)) }),
    ]
    for (const repair of answers) {
      const files = damaged(2, 5, [200])
      const before = files.content(path(2))
      expect(codeOf(() => openOn(files, { ...verify, repair }))).toBe('DX_JOURNAL_CORRUPT')
      expect(files.content(path(2))).toEqual(before)
    }
  })

  it('is refused, unchanged, when what comes is another batch that was at that place once: the header that is there, or the next one, names the right one', () => {
    const content = pristine.content(path(2)) as Uint8Array
    const other = content.slice(5 * SECTOR, 6 * SECTOR)
    const view = new DataView(other.buffer)
    other[128 + 40] = 0x7a
    view.setUint32(120, crc32(other, 128, view.getUint32(52, true)), true)
    view.setUint32(124, crc32(other, 0, 124), true)
    // Of the body; of the header; and with that the batch behind it.
    for (const [bytes, sectors] of [
      [[200], [5]],
      [[40], [5]],
      [[40], [5, 6]],
    ] as const) {
      const files = damaged(2, 5, bytes)
      const copy = files.content(path(2)) as Uint8Array
      if (sectors.length > 1) copy[6 * SECTOR + 200] = (copy[6 * SECTOR + 200] as number) ^ 1
      files.replace(path(2), copy)
      expect(codeOf(() => openOn(files, { ...verify, repair: () => ({ batch: other.slice() }) }))).toBe('DX_JOURNAL_CORRUPT')
      expect(files.content(path(2))).toEqual(copy)
    }
  })

  it('is asked about by segment, place, LSN and the entries that can still be read', () => {
    const asked: RepairRequest[] = []
    const files = damaged(2, 3, [200])
    codeOf(() => openOn(files, { ...verify, repair: request => void asked.push(request) }))
    const first = asked[0] as RepairRequest
    expect(asked).toHaveLength(1)
    expect(first).toMatchObject({ segment: 2, offset: 3 * SECTOR, bytes: SECTOR, reason: 'the records of the batch are damaged' })
    expect(first.entries.map(({ logId, index, term }) => [logId, index, term])).toEqual([0, 1, 2].map(i => [0, first.firstLsn + i, 1]))
  })
})

function keepOnly(request: RepairRequest, wanted: number): ReturnType<RepairSource> {
  const answer = fromPeer(request)
  return typeof answer === 'object' && 'entries' in answer
    ? { entries: answer.entries.map((data, i) => (i === wanted ? data : undefined)) }
    : answer
}

describe('a scrubber', () => {
  it('finds damage in full segments, names it, and goes on with the next segment', () => {
    const files = damaged(1, 5, [200])
    const found: unknown[] = []
    const clock = new FakeClock()
    const scrubber = opened(files, { clock }).scrubber({ onDamage: damage => found.push(damage.details) })
    while (scrubber.report.passes === 0) clock.advance(Math.max(1, scrubber.step()))
    expect(scrubber.report).toMatchObject({ passes: 1, repaired: 0 })
    expect(found).toMatchObject([{ segment: 1, offset: 5 * SECTOR }])
    expect(scrubber.report.batches).toBeGreaterThan(14)
    expect(scrubber.report.damages).toHaveLength(1)
    scrubber.close()
  })

  it('repairs it, where that can be had, before a reader meets it', () => {
    const files = damaged(2, 7, [200])
    const clock = new FakeClock()
    const journal = opened(files, { clock, repair: fromPeer })
    const scrubber = journal.scrubber()
    while (scrubber.report.passes === 0) clock.advance(Math.max(1, scrubber.step()))
    expect(scrubber.report).toMatchObject({ repaired: 1, damages: [] })
    expect(entriesOf(journal)).toEqual(all)
    expect(files.content(path(2))).toEqual(pristine.content(path(2)))
  })

  it('reads no faster than it was told, and what it may not read yet costs nothing', () => {
    const clock = new FakeClock()
    const scrubber = opened(damaged(1, 5, []), { clock }).scrubber({ bytesPerSecond: 40 * KIB })
    scrubber.step()
    const { bytes } = scrubber.report
    expect(bytes).toBe(SECTOR)
    expect(scrubber.step()).toBeCloseTo(100)
    clock.advance(99)
    scrubber.step()
    expect(scrubber.report.bytes).toBe(bytes)
    clock.advance(2)
    scrubber.step()
    expect(scrubber.report.bytes).toBe(2 * bytes)
  })
})
