import { isDisruptorError } from '@disruptorx/contracts'
import { crc32 } from '@disruptorx/contracts/internal'
import { SeededRandom, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { JournalStep } from '../src/index.ts'
import { appendText, KIB } from './journals.ts'
import { DIR, entriesOf, openOn, run } from './model.ts'

const SECTOR = 4 * KIB
const path = (segment: number) => `${DIR}/00000${segment}.seg`
const textOf = (i: number) => `${i}`.repeat(5 + (i % 40))

/** A journal of 38 entries in three segments, one batch each, 14 a segment. Batch `i` of the third starts at sector `i`. */
function build(closed: boolean): { files: SimulatedFiles; journal: JournalStep } {
  const files = new SimulatedFiles({ seed: 1 })
  const journal = openOn(files, { random: new SeededRandom(1) }) as JournalStep
  for (let i = 1; i <= 38; i++) {
    appendText(journal, textOf(i))
    journal.step()
  }
  if (closed) run(journal.close())
  return { files: closed ? files : files.restart(), journal }
}

/** What opening and reading a damaged copy gives: how many entries, all of them right; or the code of the refusal. */
function outcome(files: SimulatedFiles, verify: 'all' | 'unsealed' = 'all'): number | string {
  try {
    const journal = openOn(files, { verify }) as JournalStep
    const entries = entriesOf(journal)
    for (const [index, text] of entries) expect(text).toBe(textOf(index))
    expect([...entries.keys()]).toEqual(Array.from({ length: entries.size }, (_, i) => i + 1))
    return entries.size
  } catch (error) {
    if (isDisruptorError(error)) return error.code
    throw error
  }
}

/** A copy of the disk in which one segment was changed. */
function damaged(files: SimulatedFiles, segment: number, change: (content: Uint8Array) => Uint8Array): SimulatedFiles {
  const copy = new SimulatedFiles({ seed: 1 })
  for (const id of [1, 2, 3]) {
    const content = files.content(path(id)) as Uint8Array
    copy.replace(path(id), id === segment ? change(content) : content)
  }
  return copy
}

function flipped(content: Uint8Array, bit: number): Uint8Array {
  content[bit >> 3] = (content[bit >> 3] as number) ^ (1 << (bit & 7))
  return content
}

describe('a journal with a damaged file', () => {
  it('fills three segments in these tests', () => {
    const { files } = build(true)
    expect(files.content(path(3))).toHaveLength(64 * KIB)
    expect(files.content(path(4))).toBeUndefined()
    expect(outcome(files)).toBe(38)
  })

  it('of whose end nothing was written from any byte on, opens with every whole batch before that', () => {
    const original = build(true).files
    const end = SECTOR * 12
    // The last entry's batch and the mark of the close; every byte of header and records, some of the padding.
    for (let size = end - 2 * SECTOR; size <= end; size += size % SECTOR < 300 ? 1 : 97) {
      const found = outcome(damaged(original, 3, content => content.fill(0, size)))
      const whole = 28 + Math.floor(size / SECTOR) - 1
      // Where only padding is missing, one more is whole.
      expect([Math.min(38, whole), Math.min(38, whole + 1)]).toContain(found)
    }
  }, 120_000)

  it('without what was written from any byte before on, keeps all whole batches or is refused', () => {
    const original = build(false).files
    for (let size = 0; size < SECTOR * 11; size += 509) {
      const found = outcome(damaged(original, 3, content => content.fill(0, size)))
      if (size < 128) expect(found).toBe('DX_JOURNAL_CORRUPT')
      else expect(found).toBeGreaterThanOrEqual(28 + Math.max(0, Math.floor(size / SECTOR) - 1))
    }
  })

  it('shorter than it was made is refused: no write that never finished does that', () => {
    const original = build(false).files
    for (const size of [0, 100, SECTOR, 11 * SECTOR, 11 * SECTOR + 1, 15 * SECTOR, 16 * SECTOR - 1])
      expect(outcome(damaged(original, 3, content => content.slice(0, size)))).toBe('DX_JOURNAL_CORRUPT')
    expect(() => openOn(damaged(original, 3, content => content.slice(0, 11 * SECTOR + 1)))).toThrow(
      'segment 000003 at 45,057: the file ends here instead of at 65,536',
    )
    for (const segment of [1, 2])
      for (let size = 0; size < SECTOR * 14; size += 4093)
        expect(outcome(damaged(original, segment, content => content.slice(0, size)))).toBe('DX_JOURNAL_CORRUPT')
  })

  it('in a segment that opening does not read, shows only entries that are right, then refuses', () => {
    const { files } = build(true)
    const copy = damaged(files, 2, content => flipped(content, (SECTOR * 3 + 140) * 8))
    const journal = openOn(copy) as JournalStep
    const reader = journal.reader(0, 1)
    let last = 0
    let refusal: unknown
    try {
      while (reader.poll() === 'entry') last = reader.index
    } catch (error) {
      refusal = error
    }
    expect(last).toBe(16)
    expect(isDisruptorError(refusal, 'DX_JOURNAL_CORRUPT') && refusal.details).toMatchObject({ segment: 2, offset: 3 * SECTOR, index: 17 })
  })

  it('names segment, offset, log, index and term, and what to do', () => {
    const { files } = build(true)
    const copy = damaged(files, 3, content => flipped(content, (SECTOR * 5 + 165) * 8))
    expect(() => openOn(copy)).toThrow(
      'segment 000003 at 20,480: entry 33 (term 1) of log 0 was durable and is damaged; nothing was changed; repair it from a peer or an archive (option repair), or restore a backup of this directory',
    )
  })

  it('reports a torn batch that it cut, once', () => {
    const { files } = build(false)
    const copy = damaged(files, 3, content => flipped(content, (SECTOR * 10 + 165) * 8))
    const journal = openOn(copy) as JournalStep
    expect(journal.recovery).toEqual({
      durableLsn: 37,
      records: 37,
      cut: { segment: 3, offset: 10 * SECTOR, bytes: SECTOR, reason: 'the records of the batch are damaged' },
      reindexed: [],
      repaired: [],
    })
    expect((openOn(copy.restart()) as JournalStep).recovery.cut).toBeUndefined()
  })

  it('refuses a segment that is missing between others', () => {
    const { files } = build(true)
    const copy = new SimulatedFiles({ seed: 1 })
    for (const id of [1, 3]) copy.replace(path(id), files.content(path(id)) as Uint8Array)
    expect(outcome(copy)).toBe('DX_SEGMENT_MISSING')
  })

  it('refuses the segment of another journal', () => {
    const { files } = build(true)
    const copy = damaged(files, 3, content => content)
    const other = new SimulatedFiles({ seed: 2 })
    const stranger = openOn(other, { random: new SeededRandom(2) }) as JournalStep
    for (let i = 1; i <= 20; i++) {
      appendText(stranger, textOf(i))
      stranger.step()
    }
    copy.replace(path(2), other.content(path(2)) as Uint8Array)
    expect(outcome(copy)).toBe('DX_FOREIGN_SEGMENT')
  })

  it('refuses a newer format, with both versions', () => {
    const { files } = build(true)
    const copy = damaged(files, 3, content => {
      content[8] = 3
      return content
    })
    expect(() => openOn(copy)).toThrow('segment 000003 has format version 3 and this program reads up to 2')
  })

  it('refuses an older format, with both versions', () => {
    const { files } = build(true)
    const copy = damaged(files, 3, content => {
      content[8] = 1
      return content
    })
    expect(() => openOn(copy)).toThrow('segment 000003 has format version 1 and this program reads version 2')
  })

  it('refuses a batch of a newer format, though all around it is of this one', () => {
    const { files } = build(true)
    const copy = damaged(files, 3, content => {
      const batch = content.subarray(5 * SECTOR, 5 * SECTOR + 128)
      batch[4] = 3
      new DataView(batch.buffer, batch.byteOffset).setUint32(124, crc32(batch, 0, 124), true)
      return content
    })
    expect(() => openOn(copy)).toThrow('a batch in segment 000003 has format version 3 and this program reads up to 2')
  })

  it('changes nothing when it refuses, however often it is asked', () => {
    const { files } = build(true)
    const changes: ((content: Uint8Array) => Uint8Array)[] = [
      content => flipped(content, 8 * 8),
      content => flipped(content, 17 * 8),
      content => flipped(content, (5 * SECTOR + 165) * 8),
      content => content.slice(0, 9 * SECTOR),
    ]
    for (const change of changes) {
      const copy = damaged(files, 3, change)
      const before = [1, 2, 3].map(id => copy.content(path(id)))
      for (let attempt = 0; attempt < 3; attempt++) expect(outcome(copy)).toMatch(/^DX_/)
      expect([1, 2, 3].map(id => copy.content(path(id)))).toEqual(before)
      expect(copy.content(path(4))).toBeUndefined()
    }
  })
})
