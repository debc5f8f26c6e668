import { describe, expect, it } from 'vitest'
import { lookThrough } from '../../src/archive/copy-segment.ts'
import { cardObject, onePiece, segmentObject } from '../../src/archive/objects.ts'
import { decodeCard } from '../../src/archive/segment-card.ts'
import { noKeys } from '../../src/format/keys.ts'
import { AnsweringFiles, ArchivedJournal } from './archived-journal.ts'
import { MemoryArchive } from './memory-archive.ts'

/** Runs a life in which everything stands still before or after the archive's nth operation. Returns whether it came to that. */
async function live(
  archive: MemoryArchive,
  files: AnsweringFiles,
  nth: number,
  when: 'before' | 'after',
  keepSegments: number,
): Promise<boolean> {
  let count = 0
  const stand = () => (++count >= nth ? new Promise<void>(() => {}) : undefined)
  archive.before = when === 'before' ? stand : () => {}
  archive.after = when === 'after' ? stand : () => {}
  const archived = new ArchivedJournal({ to: archive, keepSegments }, {}, files)
  archived.append(14)
  archived.journal.log(0).truncateBefore(archived.journal.log(0).lastIndex - 2)
  archived.step()
  await archived.archive()
  archive.before = archive.after = () => {}
  return count >= nth
}

/** Every segment that there ever was is in the archive, whole, or in the directory; those of the archive follow one another. */
async function check(archive: MemoryArchive, local: readonly number[], keepSegments: number): Promise<void> {
  const { segments } = archive
  expect(segments).toEqual(segments.map((_, i) => (segments[0] as number) + i))
  if (keepSegments > 100) expect(Math.min(segments[0] ?? 1, local[0] ?? 1)).toBe(1)
  expect(local[0]).toBeLessThanOrEqual((segments.at(-1) ?? 0) + 1)
  for (const id of segments) {
    const card = decodeCard(archive.objects.get(cardObject(id)), id)
    const content = archive.objects.get(segmentObject(id)) as Uint8Array
    const { damage, bytes, crc, records } = await lookThrough(onePiece(content), { id, lastLsn: card.lastLsn }, noKeys)
    expect([damage, bytes, crc, records]).toEqual([undefined, card.bytes, card.crc, card.lastLsn - card.firstLsn + 1])
  }
}

describe('archiving that ends at any operation of the archive', () => {
  it.each([
    ['before', 1000],
    ['after', 1000],
    ['before', 2],
    ['after', 2],
  ] as const)(
    '%s it, with room for %i segments, goes on at the next opening: nothing is lost, nothing is half there',
    async (when, keepSegments) => {
      let nth = 1
      for (let ended = false; !ended; nth++) {
        const archive = new MemoryArchive()
        const files = new AnsweringFiles()
        ended = !(await live(archive, files, nth, when, keepSegments))
        // What is there now, cards of segments that are there, is what the next life finds.
        await check(archive, [1], keepSegments)
        const again = new ArchivedJournal({ to: archive, keepSegments }, {}, new AnsweringFiles(files.contents))
        again.append(4)
        // When segments are freed, entries are written again, which fills others.
        for (let turn = 0; turn < 3; turn++) await again.archive()
        expect(again.failures).toEqual([])
        await check(archive, again.segments, keepSegments)
        expect(archive.segments.at(-1)).toBe((again.segments.at(-1) as number) - 1)
        expect(archive.segments.length).toBeLessThanOrEqual(keepSegments)
        const names = [...archive.objects.keys()].filter(name => name.endsWith('.seg'))
        expect(names).toHaveLength(archive.segments.length)
      }
      expect(nth).toBeGreaterThan(10)
    },
  )
})
