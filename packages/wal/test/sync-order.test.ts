import { runBlocking } from '@disruptorx/contracts/internal'
import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { JournalStep } from '../src/index.ts'
import { openJournalStep } from '../src/journal/open-journal-step.ts'
import { FastFiles } from './fast-files.ts'
import { appendText, KIB } from './journals.ts'
import { everything, Model } from './model.ts'
import { type Recorded, RecordingFiles } from './recording-files.ts'

const small = { dir: 'a/b/d', segmentBytes: 16 * KIB, maxBatchBytes: 4 * KIB, maxRecordBytes: 2 * KIB }

function open(files: RecordingFiles): JournalStep {
  return runBlocking(openJournalStep(files, small))
}

/** Fills the first segment: two batches. */
function fill(journal: JournalStep, batches: number): void {
  for (let i = 0; i < batches; i++) {
    appendText(journal, 'x'.repeat(1500))
    journal.step()
  }
}

describe('the order in which a journal changes its disk', () => {
  it('makes a journal: locks, then names a segment whose header is on stable storage, with the directories above it', () => {
    const files = new RecordingFiles(new FastFiles())
    open(files)
    expect(files.linesFrom(0)).toEqual([
      'make-directory a/b/d',
      'lock lock',
      'sync-directory a/b',
      'sync-directory a',
      'sync-directory .',
      'open 000001.tmp',
      'truncate 000001.tmp',
      'write 000001.tmp',
      'datasync 000001.tmp',
      'rename 000001.tmp to 000001.seg',
      'sync-directory a/b/d',
    ])
  })

  it('ends a segment: its footer first, then the header of the next, then its name, then the first batch in it', () => {
    const files = new RecordingFiles(new FastFiles())
    const journal = open(files)
    fill(journal, 2)
    const start = files.all.length
    fill(journal, 1)
    expect(files.linesFrom(start)).toEqual([
      'write 000001.seg',
      'datasync 000001.seg',
      'open 000002.tmp',
      'truncate 000002.tmp',
      'write 000002.tmp',
      'datasync 000002.tmp',
      'rename 000002.tmp to 000002.seg',
      'sync-directory a/b/d',
      'write 000002.seg',
      'datasync 000002.seg',
    ])
  })

  it('removes segments one after the other, each for good before the next, when the record that lets go of them is on stable storage', () => {
    const files = new RecordingFiles(new FastFiles())
    const journal = open(files)
    fill(journal, 9)
    const start = files.all.length
    journal.log(0).truncateBefore(9)
    while (journal.step() === 0);
    expect(files.linesFrom(start)).toEqual([
      'write 000005.seg',
      'datasync 000005.seg',
      'rename 000001.seg to 000001.spare',
      'sync-directory a/b/d',
      'rename 000002.seg to 000002.spare',
      'sync-directory a/b/d',
      'remove 000003.seg',
      'sync-directory a/b/d',
      'remove 000004.seg',
      'sync-directory a/b/d',
    ])
  })

  it('opens: writes what nothing proves durable to a new segment, and names that, before it touches the old one', () => {
    const disk = new FastFiles()
    fill(open(new RecordingFiles(disk)), 2)
    const files = new RecordingFiles(disk)
    open(files)
    expect(files.linesFrom(0)).toEqual([
      'make-directory a/b/d',
      'lock lock',
      // What was named before.
      'sync-directory a/b/d',
      'open 000002.tmp',
      'truncate 000002.tmp',
      'write 000002.tmp',
      'datasync 000002.tmp',
      'rename 000002.tmp to 000002.seg',
      'sync-directory a/b/d',
      'write 000001.seg',
      'datasync 000001.seg',
      // The mark of the opening.
      'write 000002.seg',
      'datasync 000002.seg',
    ])
  })

  it('keeps these rules whatever is done', () =>
    withSeed(
      'order',
      random => {
        const disk = new FastFiles()
        for (let life = 0; life < 3; life++) {
          const files = new RecordingFiles(disk)
          const model = new Model({ ...everything, logs: 2, trim: 25, longest: 1800, lag: 0.05 })
          const journal = open(files)
          for (const id of journal.logIds) journal.dropLog(id)
          const order = new Order()
          for (let round = 0; round < 150; round++) {
            for (let i = random.below(4); i > 0; i--) if (!model.act(journal, random)) break
            journal.step()
            order.follow(files.all)
            if (journal.durableLsn === journal.lastLsn) expect([...order.unsynced], 'durable, and not synced').toEqual([])
          }
          if (random.chance(0.5)) runBlocking(journal.close())
          order.follow(files.all)
          expect(order.removed).toBeGreaterThan(3)
        }
      },
      { count: 20 },
    ))
})

/** Checks what was recorded, one request after the other. */
class Order {
  /** Files with writes that no sync has followed. */
  readonly unsynced = new Set<string>()
  /** Segments taken away. */
  removed = 0
  #next = 0
  /** A name was given or taken away, and the directory was not synced since. */
  #naming = ''
  #last = 0

  follow(all: readonly Recorded[]): void {
    for (; this.#next < all.length; this.#next++) this.#take(all[this.#next] as Recorded)
  }

  #take({ operation, name, target }: Recorded): void {
    if (operation === 'write' || operation === 'truncate') {
      expect(this.#naming, `a write to ${name}`).toBe('')
      this.unsynced.add(name)
    } else if (operation === 'datasync') this.unsynced.delete(name)
    else if (operation === 'sync-directory') this.#naming = ''
    else if (operation === 'rename' && target.endsWith('.seg')) this.#named(name, target)
    else if ((operation === 'rename' || operation === 'remove') && name.endsWith('.seg')) this.#taken(Number(name.slice(0, -4)))
  }

  #named(name: string, target: string): void {
    expect(this.#naming).toBe('')
    expect(this.unsynced, `${target} gets its name`).not.toContain(name)
    this.#naming = target
  }

  #taken(segment: number): void {
    expect(this.#naming, `segment ${segment} goes`).toBe('')
    expect([...this.unsynced], `segment ${segment} goes`).toEqual([])
    expect(segment).toBeGreaterThan(this.#last)
    this.#last = segment
    this.#naming = `${segment}`
    this.removed++
  }
}
