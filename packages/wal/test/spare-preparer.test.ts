import { perform, runBlocking } from '@disruptorx/contracts/internal'
import { FakeClock, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { openJournalStep } from '../src/index.ts'
import { SharedSpareSegments } from '../src/segments/shared-spare-segments.ts'
import { SparePreparer } from '../src/segments/spare-preparer.ts'
import { SpareQueue } from '../src/segments/spare-queue.ts'
import { appendText, readAll } from './journals.ts'
import { DIR } from './model.ts'

const segmentBytes = 4 * 1024 ** 2

function setUp(files: SimulatedFiles, count = 1) {
  const queue = SpareQueue.create(DIR, segmentBytes, count)
  const preparer = new SparePreparer(files, queue, new FakeClock())
  return { queue, preparer, spares: new SharedSpareSegments(queue) }
}

function runIdle(preparer: SparePreparer): number {
  let steps = 0
  while (preparer.step() < 1000) steps++
  return steps
}

function names(files: SimulatedFiles): string[] {
  const found = runBlocking(perform(files, { operation: 'list', path: DIR })).names
  return found.filter(name => name.endsWith('.spare')).map(name => name.slice(0, -6))
}

describe('the preparer of spare segments', () => {
  it('touches nothing before the journal holds the directory, and nothing after it was stopped', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const { preparer, spares } = setUp(files)
    expect(preparer.step()).toBe(Number.POSITIVE_INFINITY)
    expect(files.operations).toBe(0)
    spares.stop()
    spares.start()
    expect(preparer.step()).toBe(Number.POSITIVE_INFINITY)
    expect(files.operations).toBe(0)
  })

  it('prepares as many files as asked for, of zeros, and one more for each that is taken', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const { preparer, spares } = setUp(files, 2)
    spares.start()
    expect(runIdle(preparer)).toBeGreaterThanOrEqual(8)
    expect(names(files)).toEqual(['000001', '000002'])
    expect(files.content(`${DIR}/000002.spare`)).toEqual(new Uint8Array(segmentBytes))
    expect([spares.ready, spares.take(), spares.ready]).toEqual([2, 1, 1])
    runIdle(preparer)
    expect(spares.ready).toBe(2)
    expect([spares.take(), spares.take(), spares.take()].filter(spare => spare !== undefined).sort()).toEqual([2, 3])
  })

  it('takes over what an earlier run left, if it has the right size', () => {
    const files = new SimulatedFiles({ seed: 1 })
    files.replace(`${DIR}/000002.spare`, new Uint8Array(segmentBytes))
    files.replace(`${DIR}/000003.spare`, new Uint8Array(5))
    const { preparer, spares } = setUp(files)
    spares.start()
    runIdle(preparer)
    expect(names(files)).toEqual(['000002'])
    expect(spares.take()).toBe(2)
  })

  it('leaves nothing half made when it is stopped or the disk is full, and tries again later', () => {
    let full = true
    const files = new SimulatedFiles({
      seed: 1,
      fault: ({ operation, position }) => (full && operation === 'write' && position > 0 ? 'ENOSPC' : undefined),
    })
    const { preparer, spares, queue } = setUp(files)
    spares.start()
    expect(runIdle(preparer)).toBe(1)
    expect(preparer.faults).toBe(1)
    expect(files.content(`${DIR}/spare.tmp`)).toBeUndefined()
    full = false
    preparer.step()
    preparer.step()
    expect(files.content(`${DIR}/spare.tmp`)?.length).toBe(2 * 1024 ** 2)
    queue.stop(0)
    expect(preparer.step()).toBe(Number.POSITIVE_INFINITY)
    expect(files.content(`${DIR}/spare.tmp`)).toBeUndefined()
    expect(names(files)).toEqual([])
  })

  it('makes released segments into spares, and removes what is too many', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const { preparer, spares } = setUp(files)
    const journal = runBlocking(openJournalStep(files, { dir: DIR, segmentBytes, spares }))
    for (let i = 1; i <= 90; i++) {
      appendText(journal, `${i}/`.padEnd(200_000, 'x'))
      while (journal.step() === 0);
      runIdle(preparer)
    }
    expect(journal.segmentsMadeInline).toBe(0)
    const taken = spares.take()
    journal.log(0).truncateBefore(61)
    while (journal.step() === 0);
    runIdle(preparer)
    // The one that was taken, and one made of a segment; the other segments are gone.
    expect(names(files)).toHaveLength(2)
    expect(names(files)).toContain(String(taken).padStart(6, '0'))
    expect(files.content(`${DIR}/000001.seg`)).toBeUndefined()
    expect(files.content(`${DIR}/000002.seg`)).toBeUndefined()
    expect(readAll(journal)[0]).toMatch(new RegExp(`^${journal.log(0).firstIndex}/`))
  })
})
