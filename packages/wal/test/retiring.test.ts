import { perform, runBlocking } from '@disruptorx/contracts/internal'
import { FakeClock, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { type JournalStep, openJournalStep } from '../src/index.ts'
import { SharedSpareSegments } from '../src/segments/shared-spare-segments.ts'
import { SparePreparer } from '../src/segments/spare-preparer.ts'
import { SpareQueue } from '../src/segments/spare-queue.ts'
import { appendText, codeOf, KIB } from './journals.ts'
import { DIR, openOn, run } from './model.ts'

const segmentBytes = 64 * KIB

class Fixture {
  /** The next sync of the directory fails. */
  armed = false
  readonly files = new SimulatedFiles({
    seed: 1,
    fault: ({ operation }) => {
      if (!this.armed || operation !== 'sync-directory') return undefined
      this.armed = false
      return 'EIO'
    },
  })
  readonly queue = SpareQueue.create(DIR, segmentBytes, 1)
  readonly preparer = new SparePreparer(this.files, this.queue, new FakeClock())
  readonly journal: JournalStep

  constructor() {
    const spares = new SharedSpareSegments(this.queue)
    this.journal = runBlocking(openJournalStep(this.files, { dir: DIR, segmentBytes, spares }))
  }

  /** Fills so many segments, and releases all entries. */
  releaseSegments(count: number): void {
    this.fillSegments(count)
    const log = this.journal.log(0)
    log.truncateBefore(log.durableIndex + 1)
    while (this.journal.step() === 0);
  }

  fillSegments(count: number): void {
    const before = this.ids.at(-1) as number
    while ((this.ids.at(-1) as number) < before + count) {
      appendText(this.journal, 'x'.repeat(20_000))
      this.journal.step()
    }
  }

  prepare(): void {
    while (this.preparer.step() < 1000);
  }

  get names(): readonly string[] {
    return runBlocking(perform(this.files, { operation: 'list', path: DIR })).names
  }

  get ids(): number[] {
    return this.names.filter(name => name.endsWith('.seg')).map(name => Number(name.slice(0, -4)))
  }

  get bytes(): number {
    return this.names
      .filter(name => name.endsWith('.seg') || name.endsWith('.spare'))
      .reduce((sum, name) => sum + (this.files.content(`${DIR}/${name}`)?.length ?? 0), 0)
  }

  /** The segments that are there follow one another, and the journal knows of all of them. */
  check(): void {
    const { ids } = this
    expect(ids).toEqual(ids.map((_, i) => (ids[0] as number) + i))
    expect(this.journal.bytesOnDisk).toBe(this.bytes)
    expect(this.journal.failure).toBeUndefined()
  }
}

describe('released segments', () => {
  it('count as long as they are there, and leave only a few to a preparer that never begins', () => {
    const fixture = new Fixture()
    fixture.releaseSegments(4)
    expect(fixture.ids).toHaveLength(5)
    fixture.check()
    fixture.releaseSegments(1)
    expect(fixture.ids).toEqual([2, 3, 4, 5, 6])
    fixture.check()
    fixture.releaseSegments(30)
    expect(fixture.ids).toHaveLength(5)
    fixture.check()
    // It was only late: it takes the rest away.
    fixture.prepare()
    expect(fixture.ids).toHaveLength(1)
    fixture.check()
  })

  it('leave no more than 64 to a preparer that died after it began, and nobody saw', () => {
    const fixture = new Fixture()
    fixture.prepare()
    fixture.releaseSegments(64)
    expect(fixture.ids).toHaveLength(65)
    fixture.check()
    fixture.releaseSegments(10)
    expect(fixture.ids).toHaveLength(65)
    fixture.check()
  })

  it('that wait for a preparer go first, in order, once it has ended', () => {
    const fixture = new Fixture()
    fixture.prepare()
    fixture.releaseSegments(10)
    fixture.queue.stopped()
    expect(fixture.journal.step()).toBe(0)
    expect(fixture.ids[0]).toBe(2)
    fixture.check()
    fixture.releaseSegments(1)
    expect(fixture.ids).toHaveLength(1)
    fixture.check()
    const { lastIndex } = fixture.journal.log(0)
    runBlocking(fixture.journal.close())
    expect((openOn(fixture.files) as JournalStep).log(0).lastIndex).toBe(lastIndex)
  })

  it('go on being taken away after the directory failed to sync once, and what became a spare is one', () => {
    const fixture = new Fixture()
    fixture.prepare()
    fixture.queue.take()
    fixture.releaseSegments(3)
    fixture.armed = true
    expect(fixture.preparer.step()).toBe(1000)
    expect([fixture.preparer.faults, fixture.queue.ready]).toEqual([1, 0])
    fixture.preparer.step()
    expect(fixture.queue.ready).toBe(1)
    fixture.prepare()
    expect(fixture.preparer.faults).toBe(1)
    expect(fixture.ids).toHaveLength(1)
  })

  it('may be taken away by journal and preparer at once, each to any point, and none is skipped or brought back', () => {
    // The preparer opens the segment, asks for its size, closes it, renames it, syncs the directory.
    for (let before = 1; before <= 5; before++) {
      const fixture = new Fixture()
      fixture.prepare()
      fixture.queue.take()
      fixture.releaseSegments(6)
      const submit = fixture.files.submit.bind(fixture.files)
      let requests = 0
      let idsBetween: number[] = []
      fixture.files.submit = request => {
        if (++requests === before) {
          fixture.files.submit = submit
          fixture.queue.stopped()
          fixture.journal.step()
          idsBetween = fixture.ids
        }
        submit(request)
      }
      fixture.preparer.step()
      expect(requests).toBe(before)
      expect(idsBetween).toEqual([2, 3, 4, 5, 6, 7])
      expect([fixture.ids, fixture.queue.nextRetired, fixture.queue.ready]).toEqual([[2, 3, 4, 5, 6, 7], 2, before === 5 ? 1 : 0])
      while (fixture.journal.step() === 0);
      expect([fixture.ids, fixture.queue.nextRetired, fixture.preparer.faults]).toEqual([[7], 0, 0])
      expect(fixture.journal.failure).toBeUndefined()
    }
  })

  it('that an archive had held when the journal was closed go at its next opening, without a change', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const nothing = () => {}
    const archive = { checkFor: nothing, start: nothing, sealed: nothing, stop: nothing, archived: 0 }
    const journal = openOn(files, { archive, segmentBytes: 16 * KIB, maxBatchBytes: 8 * KIB }) as JournalStep
    for (let i = 0; i < 10; i++) {
      appendText(journal, 'x'.repeat(4 * KIB), 1)
      while (journal.step() === 0);
    }
    journal.log(1).truncateBefore(11)
    run(journal.close())
    expect(files.content('d/000001.seg')).toBeDefined()
    const again = openOn(files, { segmentBytes: 16 * KIB, maxBatchBytes: 8 * KIB }) as JournalStep
    while (again.step() === 0);
    const { names } = runBlocking(perform(files, { operation: 'list', path: DIR }))
    expect(names.filter(name => name.endsWith('.seg'))).toHaveLength(1)
    expect(again.log(1).firstIndex).toBe(11)
  })

  it('that lie behind a gap are removed at opening, when the newest segment says that no log reaches back to them', () => {
    const { fixture, leftBehind } = withGap()
    // The next segment is the first whose header knows of the release.
    fixture.fillSegments(2)
    const { firstIndex, lastIndex } = fixture.journal.log(0)
    runBlocking(fixture.journal.close())
    fixture.files.replace(`${DIR}/000001.seg`, leftBehind)
    expect(fixture.ids).toEqual([1, 4, 5, 6])
    const again = openOn(fixture.files, { verify: 'all' }) as JournalStep
    expect(again.log(0)).toMatchObject({ firstIndex, lastIndex })
    expect(fixture.ids).toEqual([4, 5, 6])
    expect(again.bytesOnDisk).toBe(fixture.bytes)
  })

  it('that lie behind a gap are no reason to open, when a log still needs what is missing', () => {
    const fixture = new Fixture()
    fixture.fillSegments(3)
    const kept = [1, 4].map(id => fixture.files.content(`${DIR}/00000${id}.seg`) as Uint8Array)
    runBlocking(fixture.journal.close())
    const copy = new SimulatedFiles({ seed: 2 })
    for (const [i, id] of [1, 4].entries()) copy.replace(`${DIR}/00000${id}.seg`, kept[i] as Uint8Array)
    expect(codeOf(() => openOn(copy))).toBe('DX_SEGMENT_MISSING')
    expect(copy.content(`${DIR}/000001.seg`)).toBeDefined()
  })
})

/** A journal that released all but its fourth segment, and what the first one held. */
function withGap(): { fixture: Fixture; leftBehind: Uint8Array } {
  const fixture = new Fixture()
  const leftBehind = fixture.files.content(`${DIR}/000001.seg`) as Uint8Array
  fixture.queue.stopped()
  fixture.releaseSegments(3)
  return { fixture, leftBehind }
}
