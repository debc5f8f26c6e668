import { isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { openJournalStep } from '../../src/journal/open-journal-step.ts'
import { FastFiles } from '../fast-files.ts'
import { signatureOf } from './signature.ts'
import { type JournalKind, makeSound, type SoundJournal } from './sound-journals.ts'

const SECTOR = 4096

/** What is tried: each `stride`th bit or length from `first` on, of every segment. */
export interface TrialData {
  readonly kind: JournalKind
  readonly damage: 'bits' | 'lengths'
  /** `used`: only what was written, and a few bytes around it. `padding`: only the rest, which is zero. */
  readonly where: 'everywhere' | 'used' | 'padding'
  readonly first: number
  readonly stride: number
}

/** What came of it. */
export interface TrialResult {
  /** How often it was damaged and opened. */
  tried: number
  /** How often the journal had everything. */
  whole: number
  /** How often it had everything but its last batch, which nothing proves to have been durable. */
  withoutLast: number
  /** How often it was refused, by code. */
  readonly refused: Record<string, number>
  /** What must never be: the first few. */
  readonly wrong: string[]
}

/** Damages a journal in one place at a time, and opens it. */
export function tryDamage({ kind, damage, where, first, stride }: TrialData): TrialResult {
  // Most openings are refused, and nobody looks at where in the code that was.
  Error.stackTraceLimit = 0
  const sound = makeSound(kind)
  const result: TrialResult = { tried: 0, whole: 0, withoutLast: 0, refused: {}, wrong: [] }
  const segments = [...sound.contents].filter(([path]) => path.endsWith('.seg'))
  let skip = first
  for (const [path, content] of segments) {
    const end = damage === 'bits' ? content.length * 8 : content.length
    const used = where === 'everywhere' ? undefined : usedBytes(content)
    for (; skip < end; skip += stride) {
      const byte = damage === 'bits' ? skip >> 3 : skip
      if (used !== undefined && (used[byte] === 1) !== (where === 'used')) continue
      if (damage === 'bits') flip(sound, path, content, skip, result)
      else judge(sound, new Map(sound.contents).set(path, content.subarray(0, skip)), path, skip, `length ${skip}`, result)
    }
    skip -= end
  }
  return result
}

function flip(sound: SoundJournal, path: string, content: Uint8Array, bit: number, result: TrialResult): void {
  const mask = 1 << (bit & 7)
  const byte = bit >> 3
  content[byte] = (content[byte] as number) ^ mask
  judge(sound, sound.contents, path, byte, `bit ${bit}`, result)
  content[byte] = (content[byte] as number) ^ mask
}

const refusals = ['DX_JOURNAL_CORRUPT', 'DX_FORMAT_TOO_NEW', 'DX_FORMAT_TOO_OLD', 'DX_FOREIGN_SEGMENT', 'DX_SEGMENT_MISSING', 'DX_KEY']

/** @param byte where the damage is, or begins */
function judge(
  sound: SoundJournal,
  contents: ReadonlyMap<string, Uint8Array>,
  path: string,
  byte: number,
  what: string,
  result: TrialResult,
): void {
  const { whole, withoutLast, last } = sound
  result.tried++
  const found = outcome(sound, contents)
  if (found === whole) result.whole++
  else if (refusals.includes(found)) result.refused[found] = (result.refused[found] ?? 0) + 1
  else if (found === withoutLast && last?.path === path && byte >= last.from && byte < last.to) result.withoutLast++
  else if (result.wrong.length < 5) result.wrong.push(`${what} of ${path}: ${found}`)
}

/** What the journal shows, or the code with which it is refused. */
function outcome({ options }: SoundJournal, contents: ReadonlyMap<string, Uint8Array>): string {
  try {
    return signatureOf(runBlocking(openJournalStep(new FastFiles(contents), options)))
  } catch (error) {
    return isDisruptorError(error) ? error.code : String(error)
  }
}

/** Which bytes are not padding: in each sector those from the first to the last that is not zero, and 32 around them. */
function usedBytes(content: Uint8Array): Uint8Array {
  const used = new Uint8Array(content.length)
  for (let sector = 0; sector < content.length; sector += SECTOR) {
    const bytes = content.subarray(sector, sector + SECTOR)
    const first = bytes.findIndex(byte => byte !== 0)
    if (first < 0) continue
    const last = bytes.findLastIndex(byte => byte !== 0)
    used.fill(1, sector + Math.max(0, first - 32), sector + Math.min(SECTOR, last + 33))
  }
  return used
}
