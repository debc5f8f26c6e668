import { isDisruptorError } from '@disruptorx/contracts'
import { SeededRandom } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { openJournalStep } from '../src/index.ts'
import { FastFiles } from './fast-files.ts'
import { appendText, KIB } from './journals.ts'
import { DIR, entriesOf, run } from './model.ts'

const SECTOR = 4 * KIB
const options = { dir: DIR, segmentBytes: 16 * KIB, maxBatchBytes: 4 * KIB, maxRecordBytes: 1 * KIB }
const textOf = (index: number) => `${index}/`.padEnd(30 + index * 7, 'x')
const ENTRIES = 8
/** The last batch holds so many: the two of the second segment's last batch. */
const LAST_BATCH = 2

/** A journal of two segments, 32 KiB: eight entries, two to a batch, with a vote beside them. */
function build(closed: boolean): Map<string, Uint8Array> {
  const files = new FastFiles(new Map())
  const journal = run(openJournalStep(files, { ...options, random: new SeededRandom(1) }))
  for (let i = 1; i <= ENTRIES; i++) {
    if (i === 3) journal.log(0).setValue('vote', new Uint8Array([7]))
    appendText(journal, textOf(i))
    if (i % LAST_BATCH === 0) journal.step()
    if (closed && i === 6) run(journal.flush())
  }
  if (closed) run(journal.close())
  return files.contents
}

/** How many entries a journal shows, all of them right; or the code of the refusal. */
function outcome(contents: ReadonlyMap<string, Uint8Array>): number | string {
  const files = new FastFiles(contents)
  try {
    const journal = run(openJournalStep(files, { ...options, verify: 'all', random: new SeededRandom(2) }))
    const found = [...entriesOf(journal)]
    for (const [i, [index, text]] of found.entries())
      if (index !== i + 1 || text !== textOf(index)) throw new Error(`a wrong entry ${index}`)
    if (journal.log(0).value('vote')?.[0] !== 7) throw new Error('a wrong vote')
    return found.length
  } catch (error) {
    if (isDisruptorError(error)) return error.code
    throw error
  }
}

const refusals = ['DX_JOURNAL_CORRUPT', 'DX_FORMAT_TOO_NEW', 'DX_FORMAT_TOO_OLD', 'DX_FOREIGN_SEGMENT', 'DX_SEGMENT_MISSING', 'DX_KEY']

/** Flips every `stride`th bit of every file, from `first` on, and calls back with what came of it. */
function flipAll(
  contents: Map<string, Uint8Array>,
  first: number,
  stride: number,
  seen: (result: number | string, path: string, bit: number) => void,
): void {
  for (const [path, content] of contents) {
    if (!path.endsWith('.seg')) continue
    for (let bit = first; bit < content.length * 8; bit += stride) {
      const mask = 1 << (bit & 7)
      content[bit >> 3] = (content[bit >> 3] as number) ^ mask
      seen(outcome(contents), path, bit)
      content[bit >> 3] = (content[bit >> 3] as number) ^ mask
    }
  }
}

/** Every bit in a soak; otherwise one in 16, others each day. */
const stride = process.env.DISRUPTORX_SOAK_MS === undefined ? 16 : 1
const first = stride === 1 ? 0 : new Date().getUTCDate() % stride

describe('a journal of two segments and 32 KiB with one flipped bit', () => {
  it('is as large as that', () => {
    for (const closed of [false, true]) {
      const contents = build(closed)
      expect([...contents].filter(([path]) => path.endsWith('.seg')).map(([, { length }]) => length)).toEqual([16 * KIB, 16 * KIB])
      expect(outcome(contents)).toBe(ENTRIES)
    }
  })

  it('closed, has every entry or is refused: never a wrong one', () => {
    let all = 0
    flipAll(build(true), first, stride, (result, path, bit) => {
      if (result === ENTRIES) all++
      else expect(refusals, `bit ${bit} of ${path}: ${result}`).toContain(result)
    })
    expect(all).toBeGreaterThan(0)
  }, 600_000)

  it('killed, may lose its last batch besides, which nothing proves to have been durable, and only by damage to that batch', () => {
    const lost: number[] = []
    flipAll(build(false), first, stride, (result, path, bit) => {
      if (result === ENTRIES) return
      if (result === ENTRIES - LAST_BATCH && path.endsWith('2.seg')) lost.push(Math.floor(bit / 8 / SECTOR))
      else expect(refusals, `bit ${bit} of ${path}: ${result}`).toContain(result)
    })
    // The second segment's last batch is in its third sector.
    expect(new Set(lost)).toEqual(new Set([2]))
  }, 600_000)
})

describe('a journal of two segments and 32 KiB that ends early', () => {
  it('at any byte, has every whole batch before that or is refused', () => {
    const contents = build(true)
    const step = stride === 1 ? 1 : 5
    for (const [path, content] of [...contents].filter(([path]) => path.endsWith('.seg')))
      for (let size = 0; size < content.length; size += step) {
        const result = outcome(new Map(contents).set(path, content.slice(0, size)))
        const whole = path.endsWith('1.seg') ? ENTRIES : 4 + LAST_BATCH * Math.max(0, Math.min(2, Math.floor(size / SECTOR) - 1))
        if (typeof result === 'number') expect(result, `${size} bytes of ${path}`).toBeGreaterThanOrEqual(Math.min(whole, ENTRIES))
        else expect(refusals).toContain(result)
      }
  }, 600_000)
})
