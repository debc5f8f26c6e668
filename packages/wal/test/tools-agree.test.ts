import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { runBlocking } from '@disruptorx/contracts/internal'
import { SeededRandom, temporaryDirectory, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { decodeSegmentHeader, decodeSegmentState, encodeSegmentHeader } from '../src/format/segment-header.ts'
import { openJournalStep } from '../src/index.ts'
import { inspectJournal, verificationText, verifyJournal } from '../src/tools.ts'
import { type Contents, disagreement, opening, verifying } from './damage/agreement.ts'
import { journalKinds, makeSound, type SoundJournal } from './damage/sound-journals.ts'
import { FastFiles } from './fast-files.ts'
import { appendText, KIB } from './journals.ts'

/** Of what takes too long for every day, another part each day. */
const today = new Date().getUTCDate()
const SECTOR = 4 * KIB

const isSegment = (path: string) => path.endsWith('.seg')
const segmentsOf = (contents: Contents) => [...contents].filter(([path]) => isSegment(path))

/** A copy of a journal in which one file is another. */
function withFile(contents: Contents, path: string, content: Uint8Array): Contents {
  return new Map(contents).set(path, content)
}

/** Damages a journal in one place, in a way that happens to files. */
function damage(contents: Map<string, Uint8Array>, random: SeededRandom): string {
  const [path, content] = random.pick(segmentsOf(contents))
  const at = random.chance(0.5) ? random.below(content.length) : random.below(4) * 4096 + random.below(300)
  const kind = random.pick(['flip', 'cut', 'zeros', 'remove'] as const)
  if (kind === 'flip') content[at] = (content[at] as number) ^ (1 << random.below(8))
  else if (kind === 'cut') contents.set(path, content.slice(0, at))
  else if (kind === 'zeros') content.fill(0, at, at + random.between(1, 5000))
  else contents.delete(path)
  return `${kind} at ${at} of ${path}`
}

/** Every copy of a journal in which one bit is turned over, or a file ends early: one out of `stride`. */
function* smallDamages({ contents }: SoundJournal, stride: number): Generator<[what: string, damaged: Contents]> {
  for (const [path, content] of segmentsOf(contents)) {
    for (let bit = today; bit < content.length * 8; bit += stride) {
      const copy = content.slice()
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
      yield [`bit ${bit} of ${path}`, withFile(contents, path, copy)]
    }
    for (let length = 0; length < content.length; length += length % SECTOR < 200 ? 41 : stride)
      yield [`length ${length} of ${path}`, withFile(contents, path, content.slice(0, length))]
  }
}

/** Every copy of a journal in which a file is missing, empty, zero, another file of it, or as it was at another time. */
function* largeDamages({ contents, history }: Pick<SoundJournal, 'contents' | 'history'>): Generator<[what: string, damaged: Contents]> {
  for (const [path, content] of segmentsOf(contents)) {
    yield [`no ${path}`, new Map([...contents].filter(([name]) => name !== path))]
    yield [`nothing in ${path}`, withFile(contents, path, new Uint8Array(0))]
    yield [`zeros in ${path}`, withFile(contents, path, new Uint8Array(content.length))]
    for (let at = 0; at < content.length; at += SECTOR) {
      yield [`zeros in ${path} at ${at}`, withFile(contents, path, content.slice().fill(0, at, at + SECTOR))]
      yield [`zeros in ${path} from ${at}`, withFile(contents, path, content.slice().fill(0, at))]
    }
    for (const [other, instead] of segmentsOf(contents)) yield [`${other} in ${path}`, withFile(contents, path, instead)]
    for (const [i, then] of history.entries()) {
      const old = then.get(path)
      if (old !== undefined) yield [`${path} after batch ${i}`, withFile(contents, path, old)]
    }
  }
}

/** A journal of five segments with two batches in each, none of which any log can do without. */
function makeLong(): Pick<SoundJournal, 'options' | 'contents' | 'history'> {
  const options = { dir: 'd', segmentBytes: 16 * KIB, maxBatchBytes: 8 * KIB }
  const files = new FastFiles()
  const journal = runBlocking(openJournalStep(files, { ...options, random: new SeededRandom(1) }))
  const history = Array.from({ length: 10 }, (_, i) => {
    appendText(journal, `entry ${i}`)
    journal.step()
    return files.contents
  })
  return { options, contents: files.contents, history }
}

/** A journal whose third segment has the header of an earlier attempt to make it, when one batch less was in the second. */
function withStaleHeader({ contents }: Pick<SoundJournal, 'contents'>): Contents {
  const [before, path] = [2, 3].map(id => `d/00000${id}.seg`) as [string, string]
  const content = new Uint8Array(16 * KIB)
  const { firstLsn, ...newer } = decodeSegmentHeader(contents.get(path) as Uint8Array, 3)
  // The second segment has the entries with LSN 3 and 4.
  const logs = decodeSegmentState(contents.get(before) as Uint8Array, 2).map(log => ({ ...log, lastIndex: log.lastIndex + 1 }))
  content.set(encodeSegmentHeader({ ...newer, firstLsn: firstLsn - 1 }, logs).bytes)
  return new Map([...withFile(contents, path, content)].filter(([name]) => name <= path))
}

/** A journal whose last segment has the header of an earlier attempt to make it, which differs in nothing that another segment would show, and one batch. */
function withOlderHeader({ contents }: Pick<SoundJournal, 'contents'>): Contents {
  const path = 'd/000005.seg'
  const content = (contents.get(path) as Uint8Array).slice().fill(0, 8 * KIB)
  const newer = decodeSegmentHeader(content, 5)
  content.set(encodeSegmentHeader({ ...newer, epoch: newer.epoch - 1 }, decodeSegmentState(content, 5)).bytes)
  return withFile(contents, path, content)
}

describe('verifying a journal says what its opening comes to, place and reason alike,', () => {
  it.each(journalKinds)('whichever bit is turned over, and wherever a file ends: %s', async kind => {
    const sound = makeSound(kind)
    for (const [what, damaged] of smallDamages(sound, 509)) expect(await disagreement(sound, damaged), what).toBeUndefined()
  })

  it.each(journalKinds)('whichever file is missing, emptied, swapped or stale: %s', async kind => {
    const sound = makeSound(kind)
    for (const [what, damaged] of largeDamages(sound)) expect(await disagreement(sound, damaged), what).toBeUndefined()
  })

  it('when the journal is long', async () => {
    const long = makeLong()
    expect(segmentsOf(long.contents)).toHaveLength(5)
    for (const [what, damaged] of largeDamages(long)) expect(await disagreement(long, damaged), what).toBeUndefined()
  })

  it('when a header is one of an earlier attempt to make that segment', async () => {
    const long = makeLong()
    const damaged = withStaleHeader(long)
    const faults = ['3 at 0: the header says that LSN 4 is its first, and the segment before holds up to 4']
    expect([opening(long, damaged), await verifying(long, damaged)]).toEqual([{ faults }, { faults }])
  })

  it('when the header of the last segment is one, and no batch proves another to be durable', async () => {
    const long = makeLong()
    const damaged = withOlderHeader(long)
    const faults = ['5 at 4096: the first batch follows a newer header of the segment']
    expect([opening(long, damaged), await verifying(long, damaged)]).toEqual([{ faults }, { faults }])
  })

  it('but for a gap in front of all that any log needs, over which opening has nothing to say', async () => {
    const { options, contents } = makeLong()
    const files = new FastFiles(contents)
    const journal = runBlocking(openJournalStep(files, options))
    journal.log(0).truncateBefore(9)
    runBlocking(journal.close())
    const [path, first] = segmentsOf(contents)[0] as [string, Uint8Array]
    const damaged = withFile(files.contents, path, first)
    expect(damaged.has('d/000002.seg')).toBe(false)
    expect(opening({ options }, damaged)).toEqual({ lastLsn: journal.lastLsn })
    expect(await verifying({ options }, damaged)).toEqual({ faults: [expect.stringMatching(/^2 at undefined: .* missing$/)] })
  })
})

describe('on a disk', () => {
  it.each(journalKinds)('what the tools say of a damaged journal is what its opening comes to: %s', kind =>
    withSeed(
      'damage',
      async random => {
        using dir = temporaryDirectory()
        const sound = makeSound(kind)
        const what = damage(sound.contents, random)
        if (segmentsOf(sound.contents).length === 0) return
        for (const [path, content] of sound.contents) writeFileSync(dir.join(basename(path)), content)
        const opened = opening(sound, sound.contents)
        const { encryption } = sound.options
        const keys = encryption === undefined ? {} : { encryption }
        const found = await verifyJournal(dir.path, keys).catch((error: unknown) => error as Error)
        if (found instanceof Error || found.problemCount > 0) return expect(Object.keys(opened), `${what}\n${found}`).toEqual(['faults'])
        expect(opened, `${what}\n${verificationText(found)}`).toEqual({ lastLsn: found.lastLsn })
        expect(await inspectJournal(dir.path, keys)).toMatchObject(opened)
      },
      { count: 10 },
    ),
  )
})
