import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it, vi } from 'vitest'
import { type Entry, entriesSize, entrySize, sliceWithin } from '../src/log/entry.ts'
import { MemoryLog } from '../src/log/memory-log.ts'
import { RaftLog } from '../src/log/raft-log.ts'
import { confState, startOf } from './support/cluster.ts'

const all = Number.POSITIVE_INFINITY
const entry = (index: number, term: number, bytes = 1): Entry => ({ index, term, type: 'normal', data: new Uint8Array(bytes) })
const entries = (from: number, ...terms: number[]) => terms.map((term, i) => entry(from + i, term))

/** How many entries a read copies from one list to another, on its way to what it gives. */
function copiedBy(read: () => unknown): number {
  const { slice } = Array.prototype
  let copied = 0
  const counting = vi.spyOn(Array.prototype, 'slice').mockImplementation(function (this: unknown[], from, to) {
    const copy = slice.call(this, from, to)
    copied += copy.length
    return copy
  })
  try {
    read()
  } finally {
    counting.mockRestore()
  }
  return copied
}

/** A log of which entries of these terms from index 2 on are saved, and behind them others are not. */
function logOf(saved: readonly number[], unsaved: readonly number[] = []) {
  const state = new MemoryLog(startOf(confState([1])))
  state.append(entries(2, ...saved))
  const log = new RaftLog(state, all)
  log.append(entries(saved.length + 2, ...unsaved))
  return { state, log }
}

describe('a log that is partly saved', () => {
  it('reads the same wherever the border between saved and unsaved lies', () =>
    withSeed(
      'border',
      random => {
        const whole = Array.from({ length: random.between(1, 12) }, (_, i) => entry(i + 2, 1 + (i >> 2), random.below(50)))
        const border = random.below(whole.length + 1)
        const state = new MemoryLog(startOf(confState([1])))
        state.append(whole.slice(0, border))
        const log = new RaftLog(state, all)
        log.append(whole.slice(border))
        const from = random.between(2, whole.length + 1)
        const to = random.between(from, whole.length + 2)
        const maxBytes = random.pick([0, 30, 90, 200, all])
        const wanted = whole.slice(from - 2, to - 2)
        const slice = log.slice(from, to, maxBytes)
        expect(slice).toEqual(sliceWithin(wanted, 0, wanted.length, maxBytes))
        expect([log.firstIndex, log.lastIndex, log.lastTerm]).toEqual([2, whole.length + 1, whole.at(-1)?.term])
        for (const { index, term } of whole) expect(log.term(index)).toBe(term)
        expect([log.term(0), log.term(1), log.term(whole.length + 2)]).toEqual([undefined, 1, undefined])
      },
      { count: 500 },
    ))

  it('takes entries over a network that doubles and delays them as a list that is cut and extended would', () =>
    withSeed(
      'appends',
      random => {
        const { state, log } = logOf([])
        // A leader's log grows; now and then another leader of a later term takes over, and replaces what is not committed.
        let leader = entries(2, 1)
        let term = 1
        for (let i = 0; i < 40; i++) {
          if (random.chance(0.2)) {
            term++
            leader = [...leader.slice(0, random.between(log.committed - 1, leader.length))]
          }
          leader = [...leader, entry(leader.length + 2, term)]
          const from = random.between(1, leader.length + 1)
          const count = random.below(4)
          const logTerm = from === 1 ? 1 : (leader[from - 2]?.term ?? 0)
          const before = log.lastIndex
          const last = log.maybeAppend(from, logTerm, leader.slice(from - 1, from - 1 + count), 0)
          if (last === undefined) {
            expect(log.term(from)).not.toBe(logTerm)
            expect(log.lastIndex).toBe(before)
            continue
          }
          for (let index = 2; index <= last; index++) expect(log.term(index)).toBe(leader[index - 2]?.term)
          if (random.chance(0.3)) {
            state.append(log.unstable.nextEntries())
            log.unstable.acceptInProgress()
            log.unstable.stableTo({ index: log.lastIndex, term: log.lastTerm })
            expect(log.unstable.hasEntries).toBe(false)
          }
          if (random.chance(0.2)) log.commitTo(last)
        }
      },
      { count: 200 },
    ))

  it.each([
    ['the logs agree', [1, 1, 2], 4, 2, 4],
    ['this one is shorter', [1, 1], 9, 2, 3],
    ['its terms are later', [1, 1, 3, 3, 3], 6, 2, 3],
    ['its terms are all later', [5, 5, 5], 4, 1, 1],
    ['nothing is known of the other', [1, 1], 3, 0, 0],
  ])('guesses where two logs part when %s', (_what, terms, index, term, guess) => {
    expect(logOf(terms).log.findConflictByTerm(Math.min(index, terms.length + 1), term).index).toBe(guess)
  })

  it('guesses what a walk along the log would find', () =>
    withSeed(
      'guesses',
      random => {
        const terms = Array.from({ length: random.below(12) }, () => 1 + random.below(6)).sort((a, b) => a - b)
        const cut = random.below(terms.length + 1)
        const { state, log } = logOf(terms.slice(0, cut), terms.slice(cut))
        const freed = 1 + random.below(cut + 1)
        if (freed > 1) state.createSnapshot(freed, confState([1]), new Uint8Array(0))
        state.compact(freed)
        for (let index = 0; index <= terms.length + 2; index++)
          for (let term = 0; term < 8; term++) {
            let guess = index
            while (guess > 0 && (log.term(guess) ?? 0) > term) guess--
            expect(log.findConflictByTerm(index, term)).toEqual({ index: guess, term: log.term(guess) ?? 0 })
          }
      },
      { count: 300 },
    ))

  it('guesses without a walk along the log, which every message of a peer could ask for', () => {
    let asked = 0
    const state = {
      initialState: () => ({ hardState: undefined, applied: 0, confState: confState([1]) }),
      firstIndex: 1,
      lastIndex: 10 ** 6,
      term: (index: number) => {
        asked++
        return index === 0 ? 0 : 5
      },
      entries: () => undefined,
      snapshot: () => undefined,
    }
    expect(new RaftLog(state, all).findConflictByTerm(10 ** 6, 4)).toEqual({ index: 0, term: 0 })
    expect(asked).toBeLessThan(50)
  })

  it('guesses nothing of what is compacted', () => {
    const { state, log } = logOf([5, 5, 5])
    state.createSnapshot(3, confState([1]), new Uint8Array(0))
    state.compact(3)
    expect(log.findConflictByTerm(4, 2)).toEqual({ index: 2, term: 0 })
  })

  it('is up to date by its last term first, and its length then', () => {
    const { log } = logOf([1, 2, 2])
    expect([log.isUpToDate(4, 2), log.isUpToDate(5, 2), log.isUpToDate(3, 2), log.isUpToDate(2, 3), log.isUpToDate(9, 1)]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ])
  })

  it('commits by count only an entry of the term that is asked for', () => {
    const { log } = logOf([1, 2, 3])
    expect(log.maybeCommit(3, 3)).toBe(false)
    expect(log.maybeCommit(4, 3)).toBe(true)
    expect(log.maybeCommit(4, 3)).toBe(false)
    expect(log.committed).toBe(4)
  })

  it('never replaces what is committed, commits what it does not have, or has a gap', () => {
    const { log } = logOf([1, 1, 1])
    log.commitTo(3)
    log.commitTo(2)
    expect(log.committed).toBe(3)
    for (const attempt of [
      () => log.append(entries(3, 2)),
      () => log.commitTo(5),
      () => log.append(entries(6, 2)),
      () => log.appliedTo(4, 0),
    ])
      expect(attempt).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
    log.append(entries(4, 2))
    expect(log.lastTerm).toBe(2)
  })
})

describe('what is not saved yet', () => {
  it('is handed out once, and stays readable until it is known to be saved', () => {
    const { log } = logOf([1], [1, 1])
    expect(log.unstable.nextEntries().map(({ index }) => index)).toEqual([3, 4])
    log.unstable.acceptInProgress()
    expect(log.unstable.hasNextEntries).toBe(false)
    log.append(entries(5, 1))
    expect(log.unstable.nextEntries().map(({ index }) => index)).toEqual([5])
    log.unstable.stableTo({ index: 3, term: 1 })
    expect(log.unstable.offset).toBe(4)
    expect(log.lastIndex).toBe(5)
  })

  it('is handed out anew from where it was replaced', () => {
    const { log } = logOf([1], [1, 1, 1])
    log.unstable.acceptInProgress()
    log.append(entries(4, 2))
    expect(log.unstable.nextEntries()).toMatchObject([{ index: 4, term: 2 }])
    log.append(entries(2, 3))
    expect(log.unstable.nextEntries()).toMatchObject([{ index: 2, term: 3 }])
    expect(log.lastIndex).toBe(2)
  })

  it('takes no notice of news of what is not there', () => {
    const { log } = logOf([1], [2])
    log.unstable.acceptInProgress()
    for (const news of [
      { index: 3, term: 1 },
      { index: 2, term: 1 },
      { index: 9, term: 2 },
    ])
      log.unstable.stableTo(news)
    expect(log.unstable.offset).toBe(3)
    log.unstable.stableTo({ index: 3, term: 2 })
    expect(log.unstable.offset).toBe(4)
  })

  it('is copied only as far as it is given, however much of it there is', () => {
    const { log } = logOf([], new Array(1_000).fill(1))
    expect(copiedBy(() => log.slice(2, 1_002, 50))).toBe(2)
  })

  it('is copied only as far as it fits behind what is saved', () => {
    const { log } = logOf([1, 1], new Array(1_000).fill(1))
    expect(copiedBy(() => log.slice(2, 1_004, 75))).toBeLessThan(10)
    expect(log.slice(2, 1_004, 75)).toHaveLength(3)
  })

  it('hides the saved log behind a snapshot', () => {
    const { log } = logOf([1, 1, 1], [1])
    log.restore({ ...startOf(confState([1])), index: 9, term: 3 })
    expect([log.firstIndex, log.lastIndex, log.lastTerm, log.committed]).toEqual([10, 9, 3, 9])
    expect([log.term(8), log.term(9), log.term(4)]).toEqual([undefined, 3, undefined])
    log.unstable.stableSnapshotTo(8)
    expect(log.unstable.snapshot?.index).toBe(9)
    log.unstable.stableSnapshotTo(9)
    expect(log.unstable.snapshot).toBeUndefined()
  })
})

describe('sizes', () => {
  it('count data and 24 bytes for each entry', () => {
    expect(entrySize(entry(1, 1, 100))).toBe(124)
    expect(entriesSize([entry(1, 1, 100), entry(2, 1, 0)])).toBe(148)
  })

  it.each([
    [0, 1],
    [123, 1],
    [247, 1],
    [248, 2],
    [371, 2],
    [372, 3],
    [Number.POSITIVE_INFINITY, 3],
  ])('of %d bytes hold %i entries of 124', (maxBytes, count) => {
    const three = [1, 2, 3].map(index => entry(index, 1, 100))
    expect(sliceWithin(three, 0, 3, maxBytes)).toEqual(three.slice(0, count))
    expect(sliceWithin([entry(0, 1, 9), ...three], 1, 9, maxBytes)).toEqual(three.slice(0, count))
    expect(sliceWithin(three, 1, 2, maxBytes)).toEqual([three[1]])
    expect(sliceWithin(three, 3, 3, maxBytes)).toEqual([])
  })
})

describe('a log in memory', () => {
  it('copies of what it holds only what it gives, however far behind a follower is', () => {
    const log = new MemoryLog(startOf(confState([1])))
    log.append(entries(2, ...new Array(1_000).fill(1)))
    expect(copiedBy(() => log.entries(2, 1_002, 50))).toBe(2)
    expect(log.entries(1, 9, 50).at(0)?.index).not.toBe(1)
  })

  it('takes entries in place of those behind, and never with a gap', () => {
    const log = new MemoryLog(startOf(confState([1])))
    log.append(entries(2, 1, 1, 1))
    log.append(entries(3, 2))
    expect([log.lastIndex, log.term(3)]).toEqual([3, 2])
    expect(() => log.append(entries(5, 2))).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    log.append([])
    log.append(entries(1, 1, 1))
    expect([log.lastIndex, log.term(2)]).toEqual([2, 1])
  })

  it('keeps the term before its first entry when it is compacted, above what the snapshot covers not at all', () => {
    const log = new MemoryLog(startOf(confState([1])))
    log.append(entries(2, 1, 2, 3, 4))
    expect(() => log.compact(2)).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    log.createSnapshot(4, confState([1, 2]), new Uint8Array([7]))
    log.compact(3)
    expect([log.firstIndex, log.term(3), log.term(2), log.lastIndex]).toEqual([4, 2, undefined, 5])
    expect(() => log.compact(5)).toThrow('entries up to 5 are still needed')
    log.compact(2)
    expect(log.firstIndex).toBe(4)
    expect(log.snapshot()).toMatchObject({ index: 4, term: 3, data: new Uint8Array([7]) })
    expect(() => log.createSnapshot(9, confState([1]), new Uint8Array(0))).toThrow('no snapshot can be made at 9')
  })

  it('takes no snapshot that is not newer', () => {
    const log = new MemoryLog(startOf(confState([1])))
    log.append(entries(2, 1))
    log.applySnapshot(startOf(confState([1, 2])))
    expect(log.lastIndex).toBe(2)
    expect(new MemoryLog().snapshot()).toBeUndefined()
    expect([new MemoryLog().firstIndex, new MemoryLog().lastIndex, new MemoryLog().term(0)]).toEqual([1, 0, 0])
  })
})
