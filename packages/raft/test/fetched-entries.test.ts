import { OptionError } from '@disruptorx/contracts'
import { type Entry, type LogState, MemoryLog, type RaftConfig, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'
import { bytes } from './support/member.ts'

const random = { u32: () => 0 }
const make = (config: Partial<RaftConfig>, log: LogState) => new RawNode({ id: 1, random, ...config }, log)

describe('a log that has to fetch entries', () => {
  /** A log whose entries before an index are not in memory until they have been fetched. */
  class SlowLog implements LogState {
    readonly memory = new MemoryLog(startOf(confState([1, 2, 3])))
    missing = 0
    asked = 0

    initialState() {
      return this.memory.initialState()
    }

    get firstIndex() {
      return this.memory.firstIndex
    }

    get lastIndex() {
      return this.memory.lastIndex
    }

    term(index: number) {
      return this.memory.term(index)
    }

    snapshot() {
      return this.memory.snapshot()
    }

    entries(from: number, to: number, maxBytes: number): Entry[] | undefined {
      if (from >= this.missing) return this.memory.entries(from, to, maxBytes)
      this.asked++
      return undefined
    }
  }

  const filled = () => {
    const log = new SlowLog()
    log.memory.append(Array.from({ length: 5 }, (_, i) => ({ index: i + 2, term: 1, type: 'normal' as const, data: bytes(`e${i}`) })))
    log.memory.setHardState({ term: 1, vote: 0, commit: 6 })
    log.missing = 5
    return log
  }

  it('lets a member wait for what it is to apply, and go on once it is there', () => {
    const log = filled()
    const node = make({}, log)
    expect([node.hasReady(), log.asked]).toEqual([true, 0])
    // It has nothing in it: to have entries fetched was all that there was to do.
    expect(node.ready()).toEqual({
      ...{ softState: undefined, hardState: undefined, snapshot: undefined, entries: [], mustSync: false, messages: [] },
      ...{ messagesAfterAppend: [], committedEntries: [], readStates: [], storageAppend: undefined, storageApply: undefined },
    })
    node.advance()
    expect(log.asked).toBe(1)
    expect(node.hasReady()).toBe(false)
    log.missing = 0
    expect(node.hasReady()).toBe(false)
    node.entriesFetched()
    expect(node.hasReady()).toBe(true)
    expect(node.ready().committedEntries).toHaveLength(5)
  })

  it('stops its member when it gives nothing, or something else than it was asked for', () => {
    const entry = (index: number) => ({ index, term: 1, type: 'normal' as const, data: bytes('') })
    for (const wrong of [[], [entry(4)], [2, 3, 4, 5, 6, 7].map(entry)]) {
      const log = filled()
      log.entries = () => wrong
      const node = make({}, log)
      expect(() => node.ready()).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
      expect(() => node.ready()).toThrow(expect.objectContaining({ code: 'DX_RAFT_HALTED' }))
    }
  })

  it('lets a member go on behind a snapshot that came in place of what it waited for', () => {
    const log = filled()
    const node = make({}, log)
    node.ready()
    node.advance()
    expect(log.asked).toBe(1)
    const snapshot = { ...startOf(confState([1, 2, 3])), index: 9 }
    node.step({ type: 'MsgSnap', from: 2, to: 1, term: 1, snapshot })
    log.memory.applySnapshot(node.ready().snapshot ?? snapshot)
    node.advance()
    const entries = [{ index: 10, term: 1, type: 'normal', data: bytes('a') }] as const
    node.step({ type: 'MsgApp', from: 2, to: 1, term: 1, index: 9, logTerm: 1, entries, commit: 10 })
    expect(node.ready().committedEntries).toEqual(entries)
  })

  it('stops its member at an error, also in the call that says that entries are there', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    const { node } = cluster.member(1)
    cluster.lose = ({ to }) => to === 2
    cluster.propose(1, 'a')
    node.reportUnreachable(2)
    cluster.member(1).log.entries = () => {
      throw new Error('the disk is gone')
    }
    expect(() => node.entriesFetched()).toThrow('the disk is gone')
    expect(() => node.tick()).toThrow(expect.objectContaining({ code: 'DX_RAFT_HALTED' }))
  })

  it('stops its member at any error of its own in the middle of something, also one that is harmless elsewhere', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    cluster.member(1).log.term = () => {
      throw new OptionError('index', 1, 'another one')
    }
    expect(() => node.propose([bytes('a')])).toThrow(OptionError)
    expect(() => node.tick()).toThrow(expect.objectContaining({ code: 'DX_RAFT_HALTED' }))
  })

  it('lets nobody stand for election while what is not applied cannot be looked through', () => {
    const log = filled()
    const node = make({}, log)
    expect(node.campaign()).toBe('unapplied-conf-change')
    log.missing = 0
    expect(node.campaign()).toBe('started')
  })

  it('lets a follower that is behind wait, and nobody else', () => {
    const log = filled()
    log.missing = 0
    const node = make({ preVote: false }, log)
    for (const steps = () => node.hasReady(); steps(); ) {
      log.memory.append(node.ready().entries)
      node.advance()
    }
    node.campaign()
    const work = () => {
      const sent = []
      while (node.hasReady()) {
        const ready = node.ready()
        log.memory.append(ready.entries)
        sent.push(...ready.messages)
        node.advance()
      }
      return sent
    }
    work()
    node.step({
      type: 'MsgVoteResp',
      from: 2,
      to: 1,
      term: 2,
      reject: false,
      candidateIndex: 6,
      candidateLogTerm: 1,
      committed: 0,
      committedTerm: 0,
    })
    work()
    log.missing = 5
    node.step({ type: 'MsgAppResp', from: 3, to: 1, term: 2, index: 6, reject: true, rejectHint: 1, logTerm: 1 })
    expect(work()).toEqual([])
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 2, index: 7, reject: false, rejectHint: 0, logTerm: 0 })
    expect(work().map(({ to }) => to)).toContain(2)
    log.missing = 0
    node.entriesFetched()
    expect(work()).toMatchObject([{ type: 'MsgApp', to: 3, index: 1, entries: [{ index: 2 }, {}, {}, {}, {}, { index: 7 }] }])
  })

  it('makes nobody send entries who does not lead', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.propose(1, 'a', 'b')
    const { node } = cluster.member(2)
    node.entriesFetched()
    expect(node.hasReady()).toBe(false)
  })
})
