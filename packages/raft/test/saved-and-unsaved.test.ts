import { MemoryLog, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../src/log/entry.ts'
import { RaftLog } from '../src/log/raft-log.ts'
import { confState, startOf } from './support/cluster.ts'

const all = Number.POSITIVE_INFINITY
const start = startOf(confState([1]))
const entry = (index: number, term: number, bytes = 1): Entry => ({ index, term, type: 'normal', data: new Uint8Array(bytes) })
const entries = (from: number, ...terms: number[]) => terms.map((term, i) => entry(from + i, term))
const indexes = (found: readonly Entry[] | undefined) => found?.map(({ index }) => index)

/** A log of which these entries from index 2 on are saved, and behind them others are not. */
function logOf(saved: readonly Entry[], unsaved: readonly Entry[] = []) {
  const state = new MemoryLog(start)
  state.append(saved)
  const log = new RaftLog(state, all)
  log.append(unsaved)
  return { state, log }
}

describe('a read over the border between saved and unsaved entries', () => {
  const saved = [2, 3, 4, 5].map(index => entry(index, 1, 100))

  it.each([
    [248, [2, 3]],
    [300, [2, 3]],
    [496, [2, 3, 4, 5]],
    [619, [2, 3, 4, 5]],
    [620, [2, 3, 4, 5, 6]],
    [744, [2, 3, 4, 5, 6, 7]],
    [all, [2, 3, 4, 5, 6, 7]],
  ])('gives of entries of 124 bytes with a limit of %d those at %j', (maxBytes, expected) => {
    const { log } = logOf(
      saved,
      [6, 7].map(index => entry(index, 1, 100)),
    )
    expect(indexes(log.slice(2, 8, maxBytes))).toEqual(expected)
  })

  it('ends where it was asked to', () => {
    const { log } = logOf(saved, entries(6, 1, 1, 1))
    expect(indexes(log.slice(4, 7, all))).toEqual([4, 5, 6])
    expect(indexes(log.slice(6, 8, all))).toEqual([6, 7])
  })

  it('gives nothing while the saved ones are being fetched', () => {
    const { state, log } = logOf(saved, entries(6, 1))
    const fetched = state.entries.bind(state)
    Object.assign(state, { entries: () => undefined })
    expect([log.slice(4, 7, all), log.slice(4, 6, all), indexes(log.slice(6, 7, all))]).toEqual([undefined, undefined, [6]])
    state.entries = fetched
    expect(indexes(log.slice(4, 7, all))).toEqual([4, 5, 6])
  })

  it('of nothing gives nothing', () => {
    const { log } = logOf(saved, entries(6, 1))
    for (const index of [2, 3, 5, 6, 7]) expect(log.slice(index, index, all)).toEqual([])
  })

  it('leaves no gap, also where a small unsaved entry would have room', () => {
    const { log } = logOf(saved, entries(6, 1, 1))
    expect(indexes(log.slice(2, 8, 300))).toEqual([2, 3])
  })
})

describe('a log', () => {
  it('does not know what is saved behind its end any more, until that is cut off', () => {
    const { state, log } = logOf(entries(2, 1, 1, 1, 1), entries(3, 2))
    expect([state.term(4), log.lastIndex, log.term(3), log.term(4)]).toEqual([1, 3, 2, undefined])
    expect([log.matchTerm(4, 1), log.isUpToDate(3, 2)]).toEqual([false, true])
  })

  it('guesses nothing about an entry that it does not have', () => {
    const { log } = logOf(entries(2, 1, 1))
    expect(log.findConflictByTerm(9, 5)).toEqual({ index: 9, term: 0 })
  })

  it('begins where the saved one begins, without a snapshot too', () => {
    const { state } = logOf(entries(2, 1, 1, 1, 1))
    state.createSnapshot(4, confState([1]), new Uint8Array(0))
    state.compact(4)
    const log = new RaftLog(state, all)
    expect([log.firstIndex, log.committed, log.applying, log.applied]).toEqual([5, 4, 4, 4])
    log.startApplied(2)
    expect([log.committed, log.applying, log.applied]).toEqual([4, 4, 4])
  })

  it('takes what was applied in an earlier life for committed, if it has it', () => {
    const { log } = logOf(entries(2, 1, 1, 1, 1))
    log.startApplied(4)
    expect([log.committed, log.applying, log.applied]).toEqual([4, 4, 4])
    expect(() => log.startApplied(6)).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
  })

  it('in memory starts from no snapshot of no entry or no term', () => {
    for (const part of [{ index: 0 }, { term: 0 }])
      expect(() => new MemoryLog({ ...start, ...part })).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })

  it('stops its member when it has no term for its last entry', () => {
    const { state, log } = logOf(entries(2, 1))
    state.term = () => undefined
    expect(() => log.lastTerm).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
  })

  it('sends no snapshot that would leave a gap to its first entry', () => {
    const { state } = logOf(entries(2, 1, 1, 1, 1))
    state.createSnapshot(4, confState([1]), new Uint8Array(0))
    state.compact(4)
    const log = new RaftLog(state, all)
    state.snapshot = () => ({ ...start, index: 3 })
    expect(log.snapshot()).toBeUndefined()
    state.snapshot = () => ({ ...start, index: 4 })
    expect(log.snapshot()).toMatchObject({ index: 4 })
  })

  it('may reach the last index, and not go past it', () => {
    const last = Number.MAX_SAFE_INTEGER - 1
    const log = new RaftLog(new MemoryLog({ ...start, index: last - 1 }), all)
    expect(() => log.append(entries(last, 1, 1))).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
    log.append(entries(last, 1))
    expect(log.lastIndex).toBe(last)
  })

  it('never goes back with what is applied', () => {
    const { log } = logOf(entries(2, 1, 1, 1))
    log.commitTo(4)
    log.appliedTo(3, 0)
    expect(() => log.appliedTo(2, 0)).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
    expect([log.applied, log.applying]).toEqual([3, 3])
  })

  it('counts what is behind the snapshot that it starts from as applied', () => {
    const node = new RawNode({ id: 1, random: { u32: () => 0 } }, new MemoryLog({ ...start, index: 5 }))
    expect(node.status()).toMatchObject({ committed: 5, applied: 5 })
  })
})

describe('what is being saved', () => {
  it('is not handed out again when a part of it is saved', () => {
    const { log } = logOf([], entries(2, 1, 1, 1))
    log.unstable.acceptInProgress()
    log.unstable.stableTo({ index: 2, term: 1 })
    expect([log.unstable.offset, log.unstable.hasNextEntries, log.unstable.nextEntries()]).toEqual([3, false, []])
  })

  it('is handed out from where that ended, when only what was not handed out is replaced', () => {
    const { log } = logOf([], entries(2, 1, 1))
    log.unstable.acceptInProgress()
    log.append(entries(4, 1, 1))
    log.append(entries(5, 2))
    expect(log.unstable.nextEntries()).toMatchObject([
      { index: 4, term: 1 },
      { index: 5, term: 2 },
    ])
  })

  it('is all that comes behind a snapshot which took the place of a longer log', () => {
    const { log } = logOf([], entries(2, 1, 1, 1, 1, 1, 1))
    log.unstable.acceptInProgress()
    log.restore({ ...start, index: 4, term: 3 })
    log.append(entries(5, 3, 3))
    expect(indexes(log.unstable.nextEntries())).toEqual([5, 6])
  })

  it('is a snapshot only once, which is also the one to send on', () => {
    const { log } = logOf(entries(2, 1))
    const first = { ...start, index: 9, term: 3 }
    log.restore(first)
    expect([log.unstable.nextSnapshot(), log.snapshot()]).toEqual([first, first])
    log.unstable.acceptInProgress()
    expect([log.unstable.nextSnapshot(), log.snapshot()]).toEqual([undefined, first])
    const second = { ...first, index: 12 }
    log.restore(second)
    expect(log.unstable.nextSnapshot()).toBe(second)
  })
})

describe('a member that is told that something is saved', () => {
  const random = { u32: () => 0 }
  const isLost = expect.objectContaining({ code: 'DX_RAFT_INVARIANT' })

  it.each([false, true])(
    'stops where the saved log does not have it, for others may have been told (asynchronous: %j)',
    asyncStorageWrites => {
      for (const forgets of [false, true]) {
        const log = new MemoryLog(start)
        const node = new RawNode({ id: 1, random, asyncStorageWrites, preVote: false }, log)
        const work = (saves: boolean) => {
          while (node.hasReady()) {
            const { entries: saved, storageAppend, storageApply } = node.ready()
            if (saves) log.append(saved)
            if (!asyncStorageWrites) node.advance()
            for (const message of [...(storageAppend?.responses ?? []), ...(storageApply?.responses ?? [])]) node.stepLocal(message)
          }
        }
        node.campaign()
        work(true)
        node.propose([new Uint8Array(1)])
        if (forgets) expect(() => work(false)).toThrow(isLost)
        else work(true)
        expect(node.status().lastIndex).toBe(3)
      }
    },
  )

  it('stops where its log has other entries, or not the snapshot', () => {
    const follower = () => {
      const log = new MemoryLog(startOf(confState([1, 2, 3])))
      return { log, node: new RawNode({ id: 1, random }, log) }
    }
    const first = follower()
    first.node.step({ type: 'MsgApp', from: 2, to: 1, term: 2, index: 1, logTerm: 1, entries: [entry(2, 2)], commit: 1 })
    first.node.ready()
    first.log.append([entry(2, 1)])
    expect(() => first.node.advance()).toThrow(isLost)
    const second = follower()
    second.log.append(entries(2, 1, 1, 1, 1, 1, 1, 1))
    second.node.step({ type: 'MsgSnap', from: 2, to: 1, term: 2, snapshot: { ...startOf(confState([1, 2, 3])), index: 9 } })
    second.node.ready()
    expect(() => second.node.advance()).toThrow(isLost)
  })

  it('goes on where what it saved is behind a newer snapshot of its own by now', () => {
    const log = new MemoryLog(startOf(confState([1, 2, 3])))
    const node = new RawNode({ id: 1, random }, log)
    node.step({ type: 'MsgApp', from: 2, to: 1, term: 1, index: 1, logTerm: 1, entries: entries(2, 1, 1, 1), commit: 4 })
    const ready = node.ready()
    expect(indexes(ready.committedEntries)).toEqual([2, 3, 4])
    log.append(ready.entries)
    log.append([entry(5, 1)])
    log.createSnapshot(5, confState([1, 2, 3]), new Uint8Array(0))
    log.compact(5)
    node.advance()
    expect(node.status().applied).toBe(4)
  })
})
