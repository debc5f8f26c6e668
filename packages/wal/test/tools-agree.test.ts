import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { type SeededRandom, temporaryDirectory, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { openJournalStep } from '../src/journal/open-journal-step.ts'
import { inspectJournal, verificationText, verifyJournal } from '../src/tools.ts'
import { type JournalKind, journalKinds, makeSound } from './damage/sound-journals.ts'
import { FastFiles } from './fast-files.ts'

type Contents = Map<string, Uint8Array>

/** Damages a journal in one place, in a way that happens to files. */
function damage(contents: Contents, random: SeededRandom): string {
  const [path, content] = random.pick([...contents].filter(([name]) => name.endsWith('.seg')))
  const at = random.chance(0.5) ? random.below(content.length) : random.below(4) * 4096 + random.below(300)
  const kind = random.pick(['flip', 'cut', 'zeros', 'remove'] as const)
  if (kind === 'flip') content[at] = (content[at] as number) ^ (1 << random.below(8))
  else if (kind === 'cut') contents.set(path, content.slice(0, at))
  else if (kind === 'zeros') content.fill(0, at, at + random.between(1, 5000))
  else contents.delete(path)
  return `${kind} at ${at} of ${path}`
}

/** Whether a journal can be opened, every byte of it checked; what it is refused with, if not. */
function opening(kind: JournalKind, contents: Contents): { readonly opens: boolean; readonly lastLsn: number; readonly why: string } {
  try {
    const { options } = makeSound(kind)
    const journal = runBlocking(openJournalStep(new FastFiles(contents), { ...options, verify: 'all' }))
    return { opens: true, lastLsn: journal.recovery.durableLsn, why: '' }
  } catch (error) {
    if (!isDisruptorError(error)) throw error
    return { opens: false, lastLsn: 0, why: error.message }
  }
}

describe('what the tools say of a damaged journal', () => {
  it.each(journalKinds)('is what its opening comes to: %s', kind =>
    withSeed(
      'damage',
      async random => {
        using dir = temporaryDirectory()
        const { contents, options } = makeSound(kind)
        const what = damage(contents, random)
        if (![...contents.keys()].some(path => path.endsWith('.seg'))) return
        for (const [path, content] of contents) writeFileSync(dir.join(basename(path)), content)
        const { opens, lastLsn, why } = opening(kind, contents)
        const keys = options.encryption === undefined ? {} : { encryption: options.encryption }
        let verified: { readonly text: string; readonly sound: boolean; readonly lastLsn: number }
        try {
          const found = await verifyJournal(dir.path, keys)
          verified = { text: verificationText(found), sound: found.problemCount === 0, lastLsn: found.lastLsn }
        } catch (error) {
          if (!isDisruptorError(error)) throw error
          verified = { text: error.message, sound: false, lastLsn: 0 }
        }
        expect(verified.sound, `${what}\n${verified.text}\n${why}`).toBe(opens)
        if (!opens) return
        expect(verified.lastLsn, what).toBe(lastLsn)
        expect((await inspectJournal(dir.path, keys)).lastLsn, what).toBe(lastLsn)
      },
      { count: 60 },
    ),
  )
})
