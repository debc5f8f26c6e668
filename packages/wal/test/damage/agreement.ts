import { isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { openJournalStep } from '../../src/journal/open-journal-step.ts'
import { JournalFiles } from '../../src/tools/journal-files.ts'
import { verifyFiles } from '../../src/tools/verify.ts'
import { FastFiles } from '../fast-files.ts'
import type { SoundJournal } from './sound-journals.ts'

/** Files by path. */
export type Contents = ReadonlyMap<string, Uint8Array>

/** What opening a journal, or verifying it, comes to: nothing wrong up to an LSN, or what is wrong and where. */
type Verdict = { readonly lastLsn: number } | { readonly faults: readonly string[] }

/** {@link FastFiles} are never slow to answer. */
class AnsweredFiles extends FastFiles {
  async answered(): Promise<void> {}
}

/** Opens a journal, looking at every byte. Its files stay as they are. */
export function opening({ options }: Pick<SoundJournal, 'options'>, contents: Contents): Verdict {
  try {
    const journal = runBlocking(openJournalStep(new FastFiles(contents), { ...options, verify: 'all' }))
    return { lastLsn: journal.recovery.durableLsn }
  } catch (error) {
    if (!isDisruptorError(error)) throw error
    const { segment, offset, reason } = error.details
    // What is not damage of one place has an error of its own, with words of its own.
    return { faults: [error.code === 'DX_JOURNAL_CORRUPT' ? `${segment} at ${offset}: ${reason}` : error.code] }
  }
}

/** Verifies a journal. */
export async function verifying({ options: { encryption } }: Pick<SoundJournal, 'options'>, contents: Contents): Promise<Verdict> {
  const look = encryption === undefined ? {} : { encryption }
  const listed = [...contents].map(([path, { length: bytes }]) => ({ name: path.slice(path.lastIndexOf('/') + 1), bytes }))
  try {
    const found = await verifyFiles(new JournalFiles('d', look, new AnsweredFiles(contents), async () => listed), look)
    if (found.problemCount === 0) return { lastLsn: found.lastLsn }
    return { faults: found.problems.map(({ segment, offset, what }) => `${segment} at ${offset}: ${what}`) }
  } catch (error) {
    if (!isDisruptorError(error)) throw error
    return { faults: [error.code] }
  }
}

/** What is not as it should be between an opening and a verification of the same files; `undefined` when they agree. */
export async function disagreement(sound: Pick<SoundJournal, 'options'>, contents: Contents): Promise<string | undefined> {
  const opened = opening(sound, contents)
  const verified = await verifying(sound, contents)
  if ('lastLsn' in opened && 'lastLsn' in verified && opened.lastLsn === verified.lastLsn) return undefined
  if ('faults' in opened && 'faults' in verified) {
    const missing = opened.faults.filter(fault => !fault.startsWith('DX_') && !verified.faults.includes(fault))
    if (missing.length === 0) return undefined
  }
  return `opening: ${JSON.stringify(opened)}, verifying: ${JSON.stringify(verified)}`
}
