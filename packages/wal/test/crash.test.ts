import { isDisruptorError } from '@disruptorx/contracts'
import { FakeClock, SeededRandom, SimulatedFiles, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { JournalStep, JournalStepOptions } from '../src/index.ts'
import { codeOf } from './journals.ts'
import { DIR, Model, openOn, run, use } from './model.ts'

/** Opens and uses one directory again and again; each life ends in a crash, a kill or a close. */
function live(random: SeededRandom, lives: number, ends: { crash: boolean; options?: Partial<JournalStepOptions> }): void {
  const model = new Model()
  const completion = random.pick(['submit', 'poll'] as const)
  const shortWrites = random.pick([0, 0.3])
  let files = new SimulatedFiles({ seed: random.u32(), completion, shortWrites, stopAfter: random.between(1, 400) })
  for (let life = 0; life < lives; life++) {
    const journal = openOn(files, { random, ...ends.options })
    if (journal !== undefined && checked(files, journal, model)) {
      use(files, journal, model, random, random.between(1, 150))
      if (ends.crash) model.promise(journal.durableLsn)
    }
    const stopAfter = life % 3 === 2 ? Number.POSITIVE_INFINITY : random.between(1, 400)
    files = ends.crash && random.chance(0.7) ? files.crash({ stopAfter }) : files.restart({ stopAfter })
  }
  const last = openOn(files.restart(), { verify: 'all' })
  if (last === undefined) throw new Error('a machine that runs on opens its journal')
  model.check(last)
}

/** Checks what a journal recovered. False when the machine stood still before that was done. */
function checked(files: SimulatedFiles, journal: JournalStep, model: Model): boolean {
  try {
    model.check(journal)
    return true
  } catch (error) {
    if (files.stopped && (error as { code?: unknown }).code === 'EIO') return false
    throw error
  }
}

describe('a journal whose machine crashes or whose process dies', () => {
  it(
    'keeps every acknowledged entry, and shows nothing else',
    () => withSeed('crashes', random => live(random, 8, { crash: true }), { count: 40 }),
    120_000,
  )

  it('keeps every entry that the operating system took, in the weaker modes, when only the process dies', async () => {
    for (const durability of ['interval', 'none'] as const) {
      const clock = new FakeClock()
      await withSeed('kills', random => live(random, 6, { crash: false, options: { durability, clock } }), { count: 20 })
    }
  }, 120_000)

  it('keeps every synced entry in the weaker modes, and never shows a wrong one', async () => {
    for (const durability of ['interval', 'none'] as const)
      await withSeed('weak crashes', random => weakLives(random, durability), { count: 30 })
  }, 120_000)

  it(
    'recovers from a stop at every single request',
    () =>
      withSeed(
        'every request',
        random => {
          const seed = random.u32()
          for (let stopAfter = 0, ended = false; !ended; stopAfter++) {
            const chance = new SeededRandom(seed)
            const model = new Model()
            const files = new SimulatedFiles({ seed: seed + stopAfter, stopAfter })
            const journal = openOn(files, { random: chance })
            if (journal !== undefined) ended = use(files, journal, model, chance, 60) || !files.stopped
            const recovered = openOn(files.crash(), { random: chance })
            if (recovered === undefined) throw new Error('nothing stops this one')
            model.check(recovered)
          }
        },
        { count: 3 },
      ),
    120_000,
  )
})

function weakLives(random: SeededRandom, durability: 'interval' | 'none'): void {
  const model = new Model()
  const clock = new FakeClock()
  let files = new SimulatedFiles({ seed: random.u32() })
  for (let life = 0; life < 6; life++) {
    const journal = openOn(files, { random, durability, clock, intervalMs: 5 })
    if (journal === undefined) throw new Error('nothing stops this one')
    model.check(journal)
    for (let round = random.below(60); round > 0; round--) {
      for (let i = random.below(4); i > 0; i--) model.act(journal, random)
      journal.step()
      clock.advance(random.below(4))
      model.promise(journal.syncedLsn)
    }
    files = files.crash()
  }
}

describe('a journal whose disk fails', () => {
  it(
    'stops for good at the first failure, acknowledges nothing more, and opens again with what it had acknowledged',
    () =>
      withSeed(
        'faults',
        random => {
          const model = new Model()
          let files = new SimulatedFiles({ seed: random.u32() })
          for (let life = 0; life < 6; life++) {
            const operation = random.pick(['write', 'datasync', 'rename', 'sync-directory'] as const)
            const code = random.pick(['EIO', 'ENOSPC'] as const)
            const at = random.between(12, 60)
            const failing = files.restart({ fault: (request, nth) => (request.operation === operation && nth === at ? code : undefined) })
            const journal = openOn(failing, { random })
            if (journal === undefined) throw new Error('nothing stops this one')
            model.check(journal)
            use(failing, journal, model, random, 80)
            const { failure, durableLsn } = journal
            if (failure !== undefined) {
              expect(isDisruptorError(failure, 'DX_JOURNAL_STOPPED')).toBe(true)
              expect((failure.cause as { code?: string }).code).toBe(code)
              const refused = codeOf(() => journal.append(0, journal.log(0).lastIndex + 1, 1, new Uint8Array(1)))
              expect(['DX_JOURNAL_STOPPED', 'DX_CLOSED']).toContain(refused)
              expect(journal.step()).toBe(Number.POSITIVE_INFINITY)
              expect(journal.durableLsn).toBe(durableLsn)
              run(journal.close())
            }
            files = random.chance(0.5) ? failing.crash() : failing.restart()
          }
        },
        { count: 40 },
      ),
    120_000,
  )

  it('after a failed sync does not believe what the cache shows: the next opening writes it anew', () =>
    withSeed(
      'failed sync',
      random => {
        const files = new SimulatedFiles({
          seed: random.u32(),
          fault: ({ operation }, nth) => (operation === 'datasync' && nth === 3 ? 'EIO' : undefined),
        })
        const model = new Model()
        const first = openOn(files, { random })
        if (first === undefined) throw new Error('nothing stops this one')
        for (let i = 0; i < 2; i++) {
          for (const before = first.lastLsn; first.lastLsn === before; ) model.act(first, random)
          first.step()
        }
        expect(first.failure?.code).toBe('DX_JOURNAL_STOPPED')
        const again = files.restart()
        const second = openOn(again, { random })
        if (second === undefined) throw new Error('nothing stops this one')
        model.check(second)
        const third = openOn(again.crash(), { random })
        if (third === undefined) throw new Error('nothing stops this one')
        model.check(third)
      },
      { count: 100 },
    ))

  it('gives its directory back when opening fails', () => {
    for (let at = 1; at <= 4; at++) {
      const files = new SimulatedFiles({
        seed: at,
        fault: ({ operation }, nth) => (operation === 'write' && nth === at ? 'ENOSPC' : undefined),
      })
      let failed = 0
      for (let attempt = 0; attempt < 2; attempt++) {
        try {
          const journal = openOn(files)
          if (journal !== undefined) run(journal.close())
        } catch (error) {
          expect(String(error)).toContain('ENOSPC')
          failed++
        }
      }
      expect(failed).toBe(1)
      expect(files.content(`${DIR}/000001.seg`)).toBeDefined()
    }
  })
})
