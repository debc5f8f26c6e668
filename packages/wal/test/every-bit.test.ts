import { describe, expect, it } from 'vitest'
import { RecordCursor } from '../src/segments/record.ts'
import { type JournalKind, makeSound } from './damage/sound-journals.ts'
import { tryAll } from './damage/trials.ts'

/** Of what takes too long for every day, another part each day. `npm run soak -- journal` tries all of it. */
const today = new Date().getUTCDate()
const KIB = 1024

/** The files of a kind of journal that hold records. */
function segmentsOf(kind: JournalKind): [path: string, content: Uint8Array][] {
  return [...makeSound(kind).contents].filter(([path]) => path.endsWith('.seg'))
}

/** The kinds of the records in a file whose batches can be read as they are. */
function recordKinds(content: Uint8Array): number[] {
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  const record = new RecordCursor()
  const kinds: number[] = []
  for (let at = 4 * KIB; at < content.length; at += 4 * KIB) {
    if (view.getUint32(at, true) !== 0x5442_5844) continue
    record.start(view, at + 128, view.getUint32(at + 52, true), 0)
    while (record.next()) kinds.push(record.kind)
  }
  return kinds
}

describe('the journals of these tests', () => {
  it.each(['closed', 'sealed', 'killed', 'rewritten', 'packed', 'packed-killed'] as const)('have two segments: %s', kind => {
    expect(segmentsOf(kind).map(([, { length }]) => length)).toEqual([16 * KIB, 16 * KIB])
    expect(makeSound(kind).whole).toMatch(/^log 0: .*\nlog 7: /)
    expect(makeSound(kind).withoutLast).not.toBe(makeSound(kind).whole)
  })

  it('are compressed and encrypted where they are to be', () => {
    for (const kind of ['packed', 'packed-killed'] as const)
      for (const [, content] of segmentsOf(kind))
        expect(new DataView(content.buffer, content.byteOffset).getUint32(4 * KIB + 64, true)).toBe(3)
  })

  it('hold records of every kind', () => {
    const kinds = (['closed', 'rewritten', 'killed'] as const).flatMap(segmentsOf).flatMap(([, content]) => recordKinds(content))
    // All but the mark of an opening: these were opened once.
    expect([...new Set(kinds)].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10])
  })
})

describe('a journal of 32 KiB with one flipped bit', () => {
  it('killed, has everything or is refused; by damage to its last batch, which nothing proves to have been durable, it may lose that', async () => {
    const everyBit = await tryAll({ kind: 'killed', damage: 'bits', where: 'used', stride: 1 })
    expect(everyBit.wrong).toEqual([])
    // Each bit of that batch's header and records, and no other.
    const { from = 0, to = 0 } = makeSound('killed').last ?? {}
    expect(everyBit.withoutLast).toBe((to - from) * 8)
    const padding = await tryAll({ kind: 'killed', damage: 'bits', where: 'padding', first: today, stride: 127 })
    expect([padding.wrong, padding.whole]).toEqual([[], padding.tried])
  }, 300_000)

  it.each(['closed', 'sealed', 'rewritten', 'packed'] as const)(
    '%s, has everything or is refused: a part of the bits',
    async kind => {
      const found = await tryAll({ kind, damage: 'bits', where: 'used', first: today, stride: 71 })
      expect([found.wrong, found.withoutLast]).toEqual([[], 0])
      expect(found.refused.DX_JOURNAL_CORRUPT).toBeGreaterThan(found.tried / 4)
    },
    300_000,
  )

  it('packed and killed, may lose no more than its last batch: a part of the bits', async () => {
    const found = await tryAll({ kind: 'packed-killed', damage: 'bits', where: 'used', first: today, stride: 71 })
    expect(found.wrong).toEqual([])
    expect(found.withoutLast).toBeGreaterThan(0)
  }, 300_000)
})

describe('a journal of 32 KiB of which a file ends early', () => {
  it('at any byte, has everything or is refused', async () => {
    const found = await tryAll({ kind: 'killed', damage: 'lengths', where: 'everywhere', stride: 1 })
    expect([found.wrong, found.tried, found.withoutLast]).toEqual([[], 32 * KIB, 0])
    for (const kind of ['closed', 'sealed', 'rewritten', 'packed'] as const)
      expect((await tryAll({ kind, damage: 'lengths', where: 'everywhere', first: today, stride: 61 })).wrong).toEqual([])
  }, 300_000)
})
