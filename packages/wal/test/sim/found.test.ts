import type { FileRequest, Files } from '@disruptorx/contracts'
import { FakeClock, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { decodeSegmentHeader, decodeSegmentState, encodeSegmentHeader } from '../../src/format/segment-header.ts'
import { type JournalStep, openJournalStep } from '../../src/index.ts'
import { appendText, codeOf, KIB } from '../journals.ts'
import { DIR, entriesOf, openOn, run } from '../model.ts'

const small = { segmentBytes: 16 * KIB, maxBatchBytes: 8 * KIB }

/** Files that answer some requests when they are told to. */
class HeldFiles implements Files {
  /** Which requests wait. */
  holds: (request: FileRequest) => boolean = () => false
  readonly #files = new SimulatedFiles({ seed: 1 })
  readonly #waiting: FileRequest[] = []

  submit(request: FileRequest): void {
    if (!this.holds(request)) this.#files.submit(request)
    else {
      request.state = 'pending'
      this.#waiting.push(request)
    }
  }

  poll(): void {
    for (const request of this.#waiting.splice(0)) this.submit(request)
  }
}

/** Files that show something else once, the nth time that somebody reads from some place on. */
class ShiftyFiles implements Files {
  reads = 0
  readonly #files: Files
  readonly #path: string
  readonly #position: number
  readonly #nth: number
  readonly #shift: (bytes: Uint8Array) => void
  readonly #handles = new Set<number>()

  constructor(files: Files, path: string, position: number, nth: number, shift: (bytes: Uint8Array) => void) {
    this.#files = files
    this.#path = path
    this.#position = position
    this.#nth = nth
    this.#shift = shift
  }

  submit(request: FileRequest): void {
    this.#files.submit(request)
    const { operation, handle, path, buffer, offset, position, result } = request
    if (operation === 'open' && path === this.#path) this.#handles.add(result)
    if (operation !== 'read' || !this.#handles.has(handle)) return
    if (position === this.#position && ++this.reads === this.#nth) this.#shift(buffer.subarray(offset, offset + result))
  }

  poll(): void {}
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
    files.holds = () => true
    for (let i = 0; i < 10; i++) journal.step()
    expect(journal.step()).toBeGreaterThan(0)
    appendText(journal, 'one more', 8)
    const flush = journal.flush()
    expect(flush.next().done).toBe(false)
    files.holds = () => false
    expect(run(flush)).toBeUndefined()
    expect(journal.syncedLsn).toBe(journal.lastLsn)
  })

  it('a scrubber asked to be called at once, again and again, while the disk did not answer', () => {
    const files = new HeldFiles()
    const clock = new FakeClock()
    const scrubber = withLaggingLog(files, clock).scrubber()
    files.holds = () => true
    scrubber.step()
    expect(scrubber.step()).toBeGreaterThan(0)
    files.holds = () => false
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

  it('a segment that was sealed empty, under a key that was not to write, took a batch later: its epoch was lost with it, and one nonce served twice', () => {
    const keys = { k1: new Uint8Array(32).fill(1), k2: new Uint8Array(32).fill(2) }
    let files = new SimulatedFiles({ seed: 1 })
    openOn(files, { ...small, encryption: { write: 'k1', keys } })
    files = files.restart()
    run((openOn(files, { ...small, encryption: { write: 'k2', keys } }) as JournalStep).close())
    const sealed = files.content(`${DIR}/000001.seg`)?.slice()
    files = files.restart()
    const journal = openOn(files, { ...small, encryption: { write: 'k1', keys } }) as JournalStep
    appendText(journal, 'one')
    journal.step()
    expect(files.content(`${DIR}/000001.seg`)).toEqual(sealed)
    const next = files.content(`${DIR}/000002.seg`) as Uint8Array
    // The header is durable before any batch. Another opening may have written a mark of epoch 2, and lost it: its nonce must not serve for this batch.
    expect(decodeSegmentHeader(next, 2).epoch).toBe(3)
    expect([...entriesOf(journal).values()]).toEqual(['one'])
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

  it('all logs were gone when the header of the last segment, read a second time, showed zeros', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const journal = openOn(files, small) as JournalStep
    for (let i = 0; i < 10; i++) {
      appendText(journal, `entry ${i}`)
      journal.step()
    }
    const last = `${DIR}/000005.seg`
    expect(files.content(last)).toBeDefined()
    const shifty = new ShiftyFiles(files.restart(), last, 0, 2, bytes => bytes.fill(0))
    expect(() => run(openJournalStep(shifty, { dir: DIR, ...small }))).toThrow('segment 000005 at 0: ')
    expect(shifty.reads).toBe(2)
    expect(entriesOf(run(openJournalStep(shifty, { dir: DIR, ...small }))).size).toBe(10)
  })

  it.each([
    ['an entry', 100, 1],
    ['marks of the journal itself', 0, 2],
  ])('a tail of %s that read otherwise when it was copied was given a check sum of its own', (_what, appended, nth) => {
    const options = { segmentBytes: 1024 * KIB, maxBatchBytes: 8 * KIB }
    const files = new SimulatedFiles({ seed: 1 })
    const journal = run(openJournalStep(files, { dir: DIR, ...options }))
    for (let i = 0; i < appended; i++) {
      appendText(journal, `${i}`.repeat(8))
      journal.step()
    }
    run(journal.flush())
    const last = 4 * KIB * Math.max(1, appended)
    const again = appended > 0 ? files.restart() : close(journal, files)
    const shifty = new ShiftyFiles(again, `${DIR}/000001.seg`, last, nth, bytes => {
      // In its first record.
      bytes[140] = (bytes[140] as number) ^ 1
    })
    expect(() => run(openJournalStep(shifty, { dir: DIR, ...options }))).toThrow('reads otherwise than a moment ago')
    const opened = run(openJournalStep(shifty, { dir: DIR, ...options, verify: 'all' }))
    expect([...entriesOf(opened).values()]).toEqual(Array.from({ length: appended }, (_, i) => `${i}`.repeat(8)))
  })

  it('a header of an earlier attempt to make a segment, kept where the disk had lost the newer one, hid what was written in between', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const journal = openOn(files, small) as JournalStep
    for (let i = 0; i < 5; i++) {
      appendText(journal, `entry ${i}`)
      journal.step()
    }
    const [path, before] = [`${DIR}/000003.seg`, `${DIR}/000002.seg`]
    const content = files.content(path) as Uint8Array
    const newer = decodeSegmentHeader(content, 3)
    // As if the segment had been made when one batch less was in the one before.
    const { bytes } = encodeSegmentHeader(
      { ...newer, firstLsn: newer.firstLsn - 1 },
      decodeSegmentState(files.content(before) as Uint8Array, 2),
    )
    content.fill(0)
    content.set(bytes)
    const stale = files.restart()
    stale.replace(path, content)
    expect(codeOf(() => openOn(stale, small))).toBe('DX_JOURNAL_CORRUPT')
    expect(() => openOn(stale, small)).toThrow(
      'segment 000003 at 0: the header says that LSN 4 is its first, and the segment before holds up to 4',
    )
  })

  it('a header of an earlier attempt to make the last segment passed for the newest, and what was synced behind it for a torn write', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const journal = openOn(files, { ...small, durability: 'none' }) as JournalStep
    for (let i = 0; i < 5; i++) {
      appendText(journal, `entry ${i}`)
      journal.step()
    }
    run(journal.flush())
    const path = `${DIR}/000003.seg`
    const content = (files.content(path) as Uint8Array).slice()
    const newer = decodeSegmentHeader(content, 3)
    const state = decodeSegmentState(content, 3)
    const stale = files.restart()
    content.set(encodeSegmentHeader({ ...newer, epoch: newer.epoch - 1 }, state).bytes)
    stale.replace(path, content)
    const before = stale.content(path)
    expect(() => openOn(stale, small)).toThrow('segment 000003 at 4,096: ')
    expect(codeOf(() => openOn(stale, small))).toBe('DX_JOURNAL_CORRUPT')
    expect(stale.content(path)).toEqual(before)
    // The file may hold what an earlier attempt has copied, in an epoch that nobody knows to be taken: that is no proof.
    const more = state.map(log => ({ ...log, logId: 99, firstIndex: log.lastIndex + 1 }))
    content.set(encodeSegmentHeader(newer, [...state, ...more]).bytes)
    stale.replace(path, content)
    expect(entriesOf(openOn(stale.restart(), small) as JournalStep).size).toBe(4)
  })

  it('a spare that had been a segment was written to while a crash could still make it that segment again', () => {
    const options = { segmentBytes: 32 * KIB, maxBatchBytes: 8 * KIB }
    for (let seed = 1; seed <= 60; seed++) {
      let isArmed = false
      const fault = ({ operation }: FileRequest) => (isArmed && operation === 'sync-directory' ? 'EIO' : undefined)
      const files = new SimulatedFiles({ seed, fault })
      const journal = openOn(files, options) as JournalStep
      for (let i = 0; i < 14; i++) {
        appendText(journal, `entry ${i}`)
        journal.step()
      }
      journal.log(0).truncateBefore(13)
      journal.step()
      // The oldest segment has become a spare, which nothing has made durable when the process ends.
      isArmed = true
      while (journal.step() === 0);
      expect(journal.failure?.code).toBe('DX_JOURNAL_STOPPED')
      isArmed = false
      const again = files.restart({ stopAfter: 20 + (seed % 20) })
      const second = openOn(again, options)
      for (let i = 14; second !== undefined && !again.stopped; i++) {
        appendText(second, `entry ${i}`)
        second.step()
        if (second.failure !== undefined) break
      }
      const kept = entriesOf(openOn(again.crash(), options) as JournalStep)
      expect([...kept.values()].slice(0, 2)).toEqual(['entry 12', 'entry 13'])
    }
  })

  it.each([
    ['DX_INDEX_TRUNCATED', (journal: JournalStep) => journal.log(8).truncateBefore(41)],
    ['DX_LOG_DROPPED', (journal: JournalStep) => journal.dropLog(8)],
  ])('a reader met ENOENT where a segment was freed while the disk opened it: it has %s', (code, take) => {
    const files = new HeldFiles()
    const journal = withLaggingLog(files)
    const reader = journal.reader(8, 1)
    files.holds = ({ operation, mode }) => operation === 'open' && mode === 'read'
    expect(reader.poll()).toBe('pending')
    take(journal)
    journal.log(7).truncateBefore(2)
    while (journal.step() === 0);
    files.holds = () => false
    expect(codeOf(() => reader.poll())).toBe(code)
  })
})

/** Closes a journal and starts its process anew. */
function close(journal: JournalStep, files: SimulatedFiles): SimulatedFiles {
  run(journal.close())
  return files.restart()
}
