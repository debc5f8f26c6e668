import { runBlocking } from '@disruptorx/contracts/internal'
import { SeededRandom } from '@disruptorx/testkit'
import type { JournalStep } from '../../src/journal/journal-step.ts'
import { openJournalStep } from '../../src/journal/open-journal-step.ts'
import type { JournalStepOptions } from '../../src/options.ts'
import { FastFiles } from '../fast-files.ts'
import { signatureOf } from './signature.ts'

const KIB = 1024
const SECTOR = 4 * KIB

/** Journals of two segments of 16 KiB, which hold records of every kind. */
export const journalKinds = ['closed', 'sealed', 'killed', 'rewritten', 'packed', 'packed-killed'] as const
export type JournalKind = (typeof journalKinds)[number]

/** A journal that nothing is wrong with, and what it holds. */
export interface SoundJournal {
  readonly options: JournalStepOptions
  /** Files by path. */
  readonly contents: Map<string, Uint8Array>
  /** What the files held after each batch. */
  readonly history: readonly Map<string, Uint8Array>[]
  /** Everything that was acknowledged. */
  readonly whole: string
  /** Everything but what the last batch holds; `undefined` where the files prove that batch. */
  readonly withoutLast: string | undefined
  /** Where that batch lies: its segment's path, and its bytes, padding left out. */
  readonly last: { readonly path: string; readonly from: number; readonly to: number } | undefined
}

/** The options that a kind of journal is made and opened with. */
export function optionsOf(kind: JournalKind): JournalStepOptions {
  const small = { dir: 'd', segmentBytes: 16 * KIB, maxBatchBytes: 4 * KIB, maxRecordBytes: 2 * KIB, rewrite: kind === 'rewritten' }
  if (!kind.startsWith('packed')) return small
  // Only batches of more than a sector can be made smaller.
  return { ...small, maxBatchBytes: 8 * KIB, compression: 'zstd', encryption: { write: 'k1', keys: { k1: new Uint8Array(32).fill(7) } } }
}

/** Makes a journal of a kind: always the same bytes. */
export function makeSound(kind: JournalKind): SoundJournal {
  const options = { ...optionsOf(kind), random: new SeededRandom(1) }
  const files = new FastFiles()
  const journal = runBlocking(openJournalStep(files, options))
  const steps = kind === 'rewritten' ? rewritten : kind.startsWith('packed') ? packedScript : script
  // The journal that gets a mark of its close has room for that mark behind three batches.
  const history = steps.slice(0, kind === 'closed' ? 3 : steps.length).map(step => {
    commit(journal, step)
    return files.contents
  })
  const before = files.contents
  if (!kind.endsWith('killed')) runBlocking(journal.close())
  const contents = files.contents
  const whole = reopened(options, contents)
  if (!kind.endsWith('killed')) return { options, contents, history, whole, withoutLast: undefined, last: undefined }
  const last = lastBatch(before)
  const shorter = new Map(before)
  shorter.set(last.path, (before.get(last.path) as Uint8Array).slice().fill(0, last.from, last.to))
  return { options, contents, history, whole, withoutLast: reopened(options, shorter), last }
}

type Change = (journal: JournalStep) => void

function commit(journal: JournalStep, change: Change): void {
  change(journal)
  while (journal.step() === 0);
}

function reopened(options: JournalStepOptions, contents: ReadonlyMap<string, Uint8Array>): string {
  return signatureOf(runBlocking(openJournalStep(new FastFiles(contents), { ...options, verify: 'all' })))
}

function lastBatch(contents: ReadonlyMap<string, Uint8Array>): NonNullable<SoundJournal['last']> {
  const path = [...contents.keys()]
    .filter(name => name.endsWith('.seg'))
    .sort()
    .at(-1) as string
  const bytes = Buffer.from(contents.get(path) as Uint8Array)
  let from = 0
  for (let at = SECTOR; at < bytes.length; at += SECTOR) if (bytes.toString('latin1', at, at + 4) === 'DXBT') from = at
  return { path, from, to: from + 128 + bytes.readUInt32LE(from + 52) }
}

/** Entries of a log in one term, of lengths that fill a batch. */
function append(journal: JournalStep, logId: number, term: number, count: number, length: number): void {
  const log = journal.log(logId)
  for (let i = 0; i < count; i++) {
    const text = `${logId}/${log.lastIndex + 1}/${term} `
    log.append(new TextEncoder().encode(text.padEnd(length + 3 * i, `${log.lastIndex}abc`)), term)
  }
}

function setValue(journal: JournalStep, logId: number, name: string, length: number): void {
  journal.log(logId).setValue(
    name,
    Uint8Array.from({ length }, (_, i) => 1 + ((i * 7 + journal.lastLsn) % 250)),
  )
}

/** What is done to the logs in four batches. @param scale makes entries longer */
function changes(scale: number): readonly [Change, Change, Change, Change] {
  return [
    journal => {
      for (let term = 1; term <= 6; term++) append(journal, 0, term, 1, 20 * scale)
      append(journal, 7, 1, 2, 100 * scale)
      append(journal, 9, 5, 1, 150 * scale)
      for (const name of ['vote', 'term', 'x-1']) setValue(journal, 7, name, 70)
    },
    journal => {
      for (let term = 2; term <= 8; term++) append(journal, 7, term, 1, 20 * scale)
      journal.log(7).markSnapshot(2, 1)
      append(journal, 0, 10, 2, 200 * scale)
      journal.log(0).truncateBefore(2)
      for (const name of ['term', 'x-2', 'x-3']) setValue(journal, 7, name, 80)
    },
    journal => {
      journal.log(7).truncateAfter(6)
      append(journal, 7, 13, 3, 200 * scale)
      journal.dropLog(9)
      journal.log(9).reset(2 ** 40, 4)
      append(journal, 9, 4, 1, 150 * scale)
      journal.log(7).setValue('term', new Uint8Array(0))
      journal.log(0).markSnapshot(3, 3)
    },
    journal => {
      append(journal, 0, 20, 2, 300 * scale)
      setValue(journal, 7, 'vote', 100)
      journal.log(9).truncateBefore(2 ** 40 + 2)
      append(journal, 9, 6, 1, 300 * scale)
    },
  ]
}

/** Two batches in the first segment, two in the second. */
const script: readonly Change[] = changes(1)

const [first, second, third, fourth] = changes(3)
/** One batch in each of two segments. */
const packedScript: readonly Change[] = [
  journal => {
    first(journal)
    second(journal)
  },
  journal => {
    third(journal)
    fourth(journal)
  },
]

/** Log 7 lags: it has entries in the first segment, which are written again when log 0 has let go of the rest. */
const rewritten: readonly Change[] = [
  journal => {
    append(journal, 7, 1, 3, 350)
    append(journal, 0, 1, 3, 500)
  },
  journal => append(journal, 0, 1, 4, 600),
  journal => {
    append(journal, 0, 1, 3, 600)
    journal.log(0).truncateBefore(9)
  },
  journal => append(journal, 7, 2, 1, 800),
]
