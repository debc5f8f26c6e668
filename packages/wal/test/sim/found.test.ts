import type { FileRequest, Files } from '@disruptorx/contracts'
import { FakeClock, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { type JournalStep, openJournalStep } from '../../src/index.ts'
import { appendText, KIB } from '../journals.ts'
import { DIR, entriesOf, openOn, run } from '../model.ts'

const small = { segmentBytes: 16 * KIB, maxBatchBytes: 8 * KIB }

/** Files that answer when they are told to. */
class HeldFiles implements Files {
  isHeld = false
  readonly #files = new SimulatedFiles({ seed: 1 })
  readonly #waiting: FileRequest[] = []

  submit(request: FileRequest): void {
    if (!this.isHeld) this.#files.submit(request)
    else {
      request.state = 'pending'
      this.#waiting.push(request)
    }
  }

  poll(): void {
    if (!this.isHeld) for (const request of this.#waiting.splice(0)) this.#files.submit(request)
  }
}

/** A journal of which most is of no use any more, but for an entry in its first segment. */
function withLaggingLog(files: Files, clock = new FakeClock()): JournalStep {
  const journal = run(openJournalStep(files, { dir: DIR, ...small, clock }))
  appendText(journal, 'kept', 7)
  for (let i = 1; i <= 40; i++) {
    appendText(journal, `${i}/`.padEnd(1000, 'x'), 8)
    journal.step()
  }
  return journal
}

describe('faults of the journal that the simulation has found', () => {
  it('a step, or a flush, that waited for a segment to be read span round until somebody else let the disk answer', () => {
    const files = new HeldFiles()
    const journal = withLaggingLog(files)
    journal.log(8).truncateBefore(40)
    journal.step()
    files.isHeld = true
    for (let i = 0; i < 10; i++) journal.step()
    expect(journal.step()).toBeGreaterThan(0)
    appendText(journal, 'one more', 8)
    const flush = journal.flush()
    expect(flush.next().done).toBe(false)
    files.isHeld = false
    expect(run(flush)).toBeUndefined()
    expect(journal.syncedLsn).toBe(journal.lastLsn)
  })

  it('a scrubber asked to be called at once, again and again, while the disk did not answer', () => {
    const files = new HeldFiles()
    const clock = new FakeClock()
    const scrubber = withLaggingLog(files, clock).scrubber()
    files.isHeld = true
    scrubber.step()
    expect(scrubber.step()).toBeGreaterThan(0)
    files.isHeld = false
    while (scrubber.report.passes === 0) clock.advance(Math.max(1, scrubber.step()))
    expect(scrubber.report.damages).toEqual([])
  })

  it('what was copied out of a tail could not be read any more when the key had changed', () => {
    const keys = { k1: new Uint8Array(32).fill(1), k2: new Uint8Array(32).fill(2) }
    let files = new SimulatedFiles({ seed: 1 })
    for (const [i, write] of ['k1', 'k2', 'k2', 'k1'].entries()) {
      const journal = openOn(files, { ...small, encryption: { write, keys } }) as JournalStep
      appendText(journal, `entry ${i}`)
      journal.step()
      files = files.restart()
    }
    const journal = openOn(files, { ...small, encryption: { write: 'k2', keys } }) as JournalStep
    expect([...entriesOf(journal).values()]).toEqual([0, 1, 2, 3].map(i => `entry ${i}`))
  })

  it('a batch with more changes than a segment has room for in its footer made new segments for ever, on files that answer later', () => {
    const files = new SimulatedFiles({ seed: 1, completion: 'poll' })
    const journal = openOn(files, small) as JournalStep
    const log = journal.log(1)
    for (let term = 1; term <= 60; term++) log.append(new Uint8Array(60), term)
    for (let steps = 0; journal.durableLsn < journal.lastLsn && steps < 500; steps++) journal.step()
    expect(journal.durableLsn).toBe(journal.lastLsn)
    expect(files.content(`${DIR}/000003.seg`)).toBeUndefined()
    run(journal.close())
    expect(entriesOf(openOn(files, small) as JournalStep, 1).size).toBe(60)
  })
})
