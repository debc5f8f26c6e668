import { SeededRandom, SimulatedFiles, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { JournalStep } from '../src/index.ts'
import { appendText, KIB } from './journals.ts'
import { entriesOf, everything, LAGGING, Model, openOn, run, use } from './model.ts'

const small = { segmentBytes: 16 * KIB, maxBatchBytes: 8 * KIB }
const lagging = { ...everything, logs: 2, trim: 40, append: 60, longest: 1500, lag: 0.03 }

describe('a log that lags behind the others of its journal', () => {
  it('holds up no segments: what it needs is written again, and reads as before, also after the next opening', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const journal = openOn(files, small) as JournalStep
    for (let i = 1; i <= 5; i++) appendText(journal, `kept ${i}`, 7)
    let most = 0
    for (let i = 1; i <= 400; i++) {
      appendText(journal, `${i}/`.padEnd(1000, 'x'), 8)
      if (i % 10 === 0) journal.log(8).truncateBefore(i - 5)
      if (i % 100 === 0) appendText(journal, `kept ${5 + i / 100}`, 7)
      while (journal.step() === 0);
      most = Math.max(most, journal.bytesOnDisk)
    }
    expect(most).toBeLessThan(14 * small.segmentBytes)
    const kept = new Map(Array.from({ length: 9 }, (_, i) => [i + 1, `kept ${i + 1}`]))
    expect(entriesOf(journal, 7)).toEqual(kept)
    run(journal.close())
    const again = openOn(files, { ...small, verify: 'all' }) as JournalStep
    expect(entriesOf(again, 7)).toEqual(kept)
    expect(entriesOf(again, 8).size).toBe(6)
  })

  it('is left where it is when asked to, or when most of the journal is still of use', () => {
    for (const rewrite of [false, true]) {
      const files = new SimulatedFiles({ seed: 1 })
      const journal = openOn(files, { ...small, rewrite }) as JournalStep
      appendText(journal, 'kept', 7)
      for (let i = 1; i <= 100; i++) {
        appendText(journal, `${i}/`.padEnd(1000, 'x'), 8)
        while (journal.step() === 0);
      }
      if (!rewrite) journal.log(8).truncateBefore(100)
      const { lastLsn } = journal
      while (journal.step() === 0);
      expect(journal.lastLsn).toBe(lastLsn)
      expect(files.content('d/000001.seg')).toBeDefined()
    }
  })

  it('is left where it is after a crash, when the tail alone was copied', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const journal = openOn(files, { ...small, segmentBytes: 64 * KIB }) as JournalStep
    for (let i = 1; i <= 8; i++) {
      appendText(journal, `${i}/`.padEnd(1000, 'x'), 8)
      while (journal.step() === 0);
    }
    const restarted = files.restart()
    const again = openOn(restarted, { ...small, segmentBytes: 64 * KIB }) as JournalStep
    expect(restarted.content('d/000002.seg')).toBeDefined()
    appendText(again, 'more', 8)
    const { lastLsn } = again
    for (let i = 0; i < 200; i++) again.step()
    expect(again.lastLsn).toBe(lastLsn)
    expect(restarted.content('d/000001.seg')).toBeDefined()
    expect(entriesOf(again, 8).size).toBe(9)
  })

  it('lets a reader of it go on while what it reads is moved', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const journal = openOn(files, small) as JournalStep
    for (let i = 1; i <= 60; i++) {
      appendText(journal, `kept ${i}`, 7)
      journal.step()
    }
    const reader = journal.reader(7, 1)
    const found: string[] = []
    for (let i = 1; found.length < 60; i++) {
      if (reader.poll() === 'entry')
        found.push(new TextDecoder().decode(reader.bytes.subarray(reader.offset, reader.offset + reader.length)))
      appendText(journal, `${i}/`.padEnd(3000, 'x'), 8)
      journal.log(8).truncateBefore(i)
      while (journal.step() === 0);
    }
    expect(found).toEqual(Array.from({ length: 60 }, (_, i) => `kept ${i + 1}`))
    expect(files.content('d/000001.seg')).toBeUndefined()
  })

  it('shows a reader what replaced an entry, also when the entry was being moved as it was cut off', () => {
    let moving = 0
    for (let steps = 0; steps < 500; steps++) {
      const files = new SimulatedFiles({ seed: 1, completion: 'poll' })
      const journal = openOn(files, small) as JournalStep
      for (let i = 1; i <= 5; i++) appendText(journal, `old ${i}`, 7)
      for (let step = 0; step < steps; step++) {
        if (step % 8 === 0) {
          appendText(journal, `${step}/`.padEnd(1000, 'x'), 8)
          journal.log(8).truncateBefore(journal.log(8).lastIndex)
        }
        journal.step()
      }
      if (files.content('d/000001.seg') !== undefined) moving++
      journal.log(7).truncateAfter(2)
      appendText(journal, 'new 3', 7)
      const reader = journal.reader(7, 2)
      const found: string[] = []
      for (let i = 0; i < 200; i++) {
        if (reader.poll() === 'entry')
          found.push(new TextDecoder().decode(reader.bytes.subarray(reader.offset, reader.offset + reader.length)))
        else journal.step()
      }
      expect(found, `after ${steps} steps`).toEqual(['old 2', 'new 3'])
    }
    expect(moving).toBeGreaterThan(0)
    expect(moving).toBeLessThan(500)
  })

  it('keeps its entries through crash after crash', () => withSeed('lagging', random => live(random), { count: 25 }), 60_000)

  it(
    'keeps its entries when the machine stops at any single request',
    () =>
      withSeed(
        'lagging, every request',
        random => {
          const seed = random.u32()
          let moved = false
          for (let stopAfter = 30, ended = false; !ended; stopAfter += random.between(2, 7)) {
            const chance = new SeededRandom(seed)
            const model = new Model(lagging)
            const files = new SimulatedFiles({ seed: seed + stopAfter, stopAfter })
            const journal = openOn(files, { random: chance, ...small })
            if (journal !== undefined) ended = use(files, journal, model, chance, 80) || !files.stopped
            const recovered = openOn(files.crash(), { random: chance, ...small })
            if (recovered === undefined) throw new Error('nothing stops this one')
            model.check(recovered)
            moved ||= files.content('d/000001.seg') === undefined && model.logs.has(LAGGING)
          }
          expect(moved).toBe(true)
        },
        { count: 2 },
      ),
    60_000,
  )
})

function live(random: SeededRandom): void {
  const model = new Model(lagging)
  let files = new SimulatedFiles({
    seed: random.u32(),
    completion: random.pick(['submit', 'poll'] as const),
    stopAfter: random.between(100, 600),
  })
  for (let life = 0; life < 6; life++) {
    const journal = openOn(files, { random, ...small })
    if (journal !== undefined && !files.stopped) {
      try {
        model.check(journal)
      } catch (error) {
        if (!files.stopped) throw error
      }
      if (!files.stopped) use(files, journal, model, random, 200)
    }
    files = files.crash({ stopAfter: random.between(100, 600) })
  }
  model.check(openOn(files.restart(), { ...small, verify: 'all' }) as JournalStep)
}
