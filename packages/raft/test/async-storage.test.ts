import {
  decodeConfChange,
  type Entry,
  encodeConfChange,
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  MemoryLog,
  type Message,
  type MsgStorageAppend,
  RawNode,
  type Ready,
} from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'
import { bytes } from './support/member.ts'

const entry = (index: number, term: number, text = ''): Entry => ({ index, term, type: 'normal', data: bytes(text) })

/** A follower whose append thread does its work when the test says so. */
class Follower {
  readonly log = new MemoryLog(startOf(confState([1, 2, 3])))
  readonly node = new RawNode({ id: 2, random: { u32: () => 0 }, asyncStorageWrites: true, preVote: false, checkQuorum: false }, this.log)
  readonly work: MsgStorageAppend[] = []
  readonly sent: Message[] = []

  append(term: number, index: number, logTerm: number, ...entries: Entry[]): Ready {
    this.node.step({ type: 'MsgApp', from: 1, to: 2, term, index, logTerm, entries, commit: 1 })
    return this.ready()
  }

  ready(): Ready {
    const ready = this.node.ready()
    if (ready.storageAppend !== undefined) this.work.push(ready.storageAppend)
    return ready
  }

  /** The append thread does the oldest work, and its responses are delivered. */
  save(): void {
    const work = this.work.shift()
    if (work === undefined) throw new Error('nothing to save')
    if (work.hardState !== undefined) this.log.setHardState(work.hardState)
    if (work.snapshot !== undefined) this.log.applySnapshot(work.snapshot)
    this.log.append(work.entries)
    for (const response of work.responses) {
      if (response.to === 2) this.node.stepLocal(response)
      else this.sent.push(response)
    }
  }
}

describe('asynchronous storage work', () => {
  it('comes as messages for two threads, with what is to be sent after it', () => {
    const follower = new Follower()
    const ready = follower.append(1, 1, 1, entry(2, 1, 'a'))
    expect(ready.messagesAfterAppend).toEqual([])
    expect(ready.storageAppend).toMatchObject({
      to: LOCAL_APPEND_THREAD,
      hardState: { term: 1 },
      entries: [{ index: 2 }],
      responses: [
        { type: 'MsgAppResp', to: 1, index: 2 },
        { type: 'MsgStorageAppendResp', to: 2, index: 2, logTerm: 1, term: 1 },
      ],
    })
    expect(() => follower.node.advance()).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
  })

  it('goes on while a write is under way', () => {
    const follower = new Follower()
    follower.append(1, 1, 1, entry(2, 1))
    expect(follower.append(1, 2, 1, entry(3, 1)).entries).toMatchObject([{ index: 3 }])
    expect(follower.node.hasReady()).toBe(false)
    follower.save()
    expect(follower.sent).toMatchObject([{ type: 'MsgAppResp', index: 2 }])
    follower.save()
    expect(follower.sent).toMatchObject([{ index: 2 }, { index: 3 }])
  })

  it('does not apply what is committed and not saved here', () => {
    const follower = new Follower()
    follower.append(1, 1, 1, entry(2, 1))
    follower.node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 2, round: 1, quiesce: false })
    expect(follower.ready().committedEntries).toEqual([])
    follower.save()
    expect(follower.ready().storageApply).toMatchObject({
      to: LOCAL_APPLY_THREAD,
      entries: [{ index: 2 }],
      responses: [{ type: 'MsgStorageApplyResp', to: 2 }],
    })
    expect(follower.node.status().applied).toBe(1)
    follower.node.stepLocal({ type: 'MsgStorageApplyResp', to: 2, from: LOCAL_APPLY_THREAD, term: 0, entries: [entry(2, 1)] })
    expect(follower.node.status().applied).toBe(2)
  })

  it('hands out what has become saved while what was saved before is being applied', () => {
    const follower = new Follower()
    follower.append(1, 1, 1, entry(2, 1))
    follower.append(1, 2, 1, entry(3, 1))
    follower.node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 3, round: 1, quiesce: false })
    follower.save()
    expect(follower.ready().committedEntries).toMatchObject([{ index: 2 }])
    follower.save()
    expect(follower.ready().committedEntries).toMatchObject([{ index: 3 }])
  })

  it('believes that entries are applied in any later term', () => {
    const follower = new Follower()
    follower.append(1, 1, 1, entry(2, 1))
    follower.node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 2, round: 1, quiesce: false })
    follower.save()
    const { storageApply } = follower.ready()
    follower.node.step({ type: 'MsgHeartbeat', from: 3, to: 2, term: 5, commit: 2, round: 1, quiesce: false })
    for (const response of storageApply?.responses ?? []) follower.node.stepLocal(response)
    expect(follower.node.status()).toMatchObject({ term: 5, applied: 2 })
  })

  it('counts a leader for its own entries only once they are durable', () => {
    const cluster = new Cluster({ voters: [1, 2], config: { asyncStorageWrites: true } })
    cluster.elect(1)
    const { node } = cluster.member(1)
    node.propose([bytes('a')])
    const ready = node.ready()
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 3, reject: false, rejectHint: 0, logTerm: 0 })
    expect(node.status().committed).toBe(2)
    cluster.member(1).log.append(ready.storageAppend?.entries ?? [])
    for (const response of ready.storageAppend?.responses ?? []) node.stepLocal(response)
    expect(node.status().committed).toBe(3)
  })

  it('lets others commit what the leader itself has not saved yet', () => {
    const cluster = new Cluster({ config: { asyncStorageWrites: true } })
    cluster.elect(1)
    const { node } = cluster.member(1)
    node.propose([bytes('a')])
    node.ready()
    for (const from of [2, 3]) node.step({ type: 'MsgAppResp', from, to: 1, term: 1, index: 3, reject: false, rejectHint: 0, logTerm: 0 })
    expect(node.status().committed).toBe(3)
    expect(node.ready().committedEntries).toEqual([])
  })

  it('runs a whole group', () => {
    const cluster = new Cluster({ config: { asyncStorageWrites: true } })
    cluster.elect(1)
    cluster.propose(1, 'a', 'b')
    cluster.propose(3, 'c')
    cluster.change(2, [{ type: 'remove-node', nodeId: 3 }])
    for (const id of [1, 2]) expect(cluster.member(id).applied).toEqual(['a', 'b', 'c'])
    expect(cluster.member(1).confState.voters).toEqual([1, 2])
  })
})

describe('a snapshot that comes while entries are still being applied', () => {
  it('brings its configuration into force only when it is applied', () => {
    const follower = new Follower()
    const { node } = follower
    const change = encodeConfChange({ transition: 'auto', changes: [{ type: 'add-learner-node', nodeId: 4 }], context: new Uint8Array(0) })
    follower.append(1, 1, 1, { index: 2, term: 1, type: 'conf-change', data: change })
    follower.save()
    node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 2, round: 1, quiesce: false })
    const { storageApply } = follower.ready()
    const later = { index: 9, term: 1, confState: confState([1, 2, 3, 5]), data: new Uint8Array(0) }
    node.step({ type: 'MsgSnap', from: 1, to: 2, term: 1, snapshot: later })
    follower.ready()
    expect(node.applyConfChange(decodeConfChange(change), 2)).toEqual(confState([1, 2, 3], [4]))
    for (const response of storageApply?.responses ?? []) node.stepLocal(response)
    expect(node.status().configuration).toEqual(confState([1, 2, 3], [4]))
    follower.save()
    follower.save()
    expect(node.status()).toMatchObject({ configuration: confState([1, 2, 3, 5]), applied: 9 })
  })

  it('has the changes that the apply thread makes later, and those after it come on top', () => {
    const follower = new Follower()
    const { node } = follower
    const adds = (nodeId: number) => ({ transition: 'auto', changes: [{ type: 'add-node', nodeId }], context: new Uint8Array(0) }) as const
    // 4 was added at 2 and removed at 5.
    follower.append(1, 1, 1, { index: 2, term: 1, type: 'conf-change', data: encodeConfChange(adds(4)) })
    follower.save()
    node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 2, round: 1, quiesce: false })
    const { storageApply } = follower.ready()
    node.step({ type: 'MsgSnap', from: 1, to: 2, term: 1, snapshot: { ...startOf(confState([1, 2, 3])), index: 9 } })
    follower.ready()
    follower.save()
    follower.save()
    for (const { index, data } of storageApply?.entries ?? [])
      expect(node.applyConfChange(decodeConfChange(data), index)).toEqual(confState([1, 2, 3]))
    expect(node.applyConfChange(adds(5), 9)).toEqual(confState([1, 2, 3]))
    follower.append(1, 9, 1, entry(10, 1))
    node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 10, round: 1, quiesce: false })
    expect(node.applyConfChange(adds(5), 10)).toEqual(confState([1, 2, 3, 5]))
  })

  it('leaves nothing to free that is not freed by it', () => {
    const follower = new Follower()
    follower.append(1, 1, 1, entry(2, 1), entry(3, 1))
    follower.save()
    follower.node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 3, round: 1, quiesce: false })
    for (const response of follower.ready().storageApply?.responses ?? []) follower.node.stepLocal(response)
    follower.node.step({ type: 'MsgSnap', from: 1, to: 2, term: 1, snapshot: { ...startOf(confState([1, 2, 3])), index: 9 } })
    expect(follower.node.compactionIndex(3)).toBe(3)
  })
})

describe('news that a write is durable', () => {
  it('of an entry that was replaced since is not believed', () => {
    const follower = new Follower()
    follower.append(1, 1, 1, entry(2, 1, 'old'))
    follower.append(2, 1, 1, entry(2, 2, 'new'))
    follower.save()
    // The old entry is saved, and the log goes on with the new one.
    expect(follower.node.status().lastIndex).toBe(2)
    follower.node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 2, commit: 2, round: 1, quiesce: false })
    expect(follower.ready().committedEntries).toEqual([])
    follower.save()
    expect(follower.ready().committedEntries).toMatchObject([{ index: 2, term: 2 }])
  })

  it('of an entry that was replaced, and replaced again by the same one, is believed only of the last write', () => {
    const follower = new Follower()
    // Leader 1 of term 1; leader 3 of term 2 replaces its entry; leader 1 of term 3 brings the first one back.
    follower.append(1, 1, 1, entry(2, 1, 'first'))
    follower.append(2, 1, 1, entry(2, 2, 'second'))
    follower.append(3, 1, 1, entry(2, 1, 'first'))
    follower.node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 3, commit: 2, round: 1, quiesce: false })
    follower.save()
    expect(follower.ready().committedEntries).toEqual([])
    follower.save()
    expect(follower.log.term(2)).toBe(2)
    expect(follower.ready().committedEntries).toEqual([])
    follower.save()
    expect(follower.ready().committedEntries).toMatchObject([{ index: 2, term: 1, data: bytes('first') }])
  })

  it('that was not believed is made up for by that of the next write, also one without entries', () => {
    const follower = new Follower()
    follower.append(1, 1, 1, entry(2, 1))
    follower.node.step({ type: 'MsgVote', from: 3, to: 2, term: 2, index: 9, logTerm: 1, transfer: false, committed: 0, committedTerm: 0 })
    follower.ready()
    follower.save()
    follower.node.step({ type: 'MsgHeartbeat', from: 3, to: 2, term: 2, commit: 2, round: 1, quiesce: false })
    expect(follower.ready().committedEntries).toEqual([])
    expect(follower.work[0]).toMatchObject({
      entries: [],
      responses: [{ type: 'MsgVoteResp' }, { type: 'MsgStorageAppendResp', index: 2 }],
    })
    follower.save()
    expect(follower.ready().committedEntries).toMatchObject([{ index: 2 }])
  })

  it('of a snapshot is believed in any later term', () => {
    const follower = new Follower()
    const snapshot = { index: 9, term: 1, confState: confState([1, 2, 3]), data: new Uint8Array(0) }
    follower.node.step({ type: 'MsgSnap', from: 1, to: 2, term: 1, snapshot })
    follower.ready()
    follower.node.step({ type: 'MsgHeartbeat', from: 3, to: 2, term: 5, commit: 0, round: 1, quiesce: false })
    follower.save()
    expect(follower.node.status()).toMatchObject({ term: 5, applied: 9, committed: 9 })
    expect(follower.node.campaign()).toBe('started')
  })
  it('of a snapshot that comes twice does not bring back its configuration', () => {
    const follower = new Follower()
    const snapshot = { index: 9, term: 1, confState: confState([1, 2, 3]), data: new Uint8Array(0) }
    follower.node.step({ type: 'MsgSnap', from: 1, to: 2, term: 1, snapshot })
    const { responses = [] } = follower.ready().storageAppend ?? {}
    follower.save()
    const change = { transition: 'auto', changes: [{ type: 'add-node', nodeId: 4 }], context: new Uint8Array(0) } as const
    const data = encodeConfChange(change)
    follower.append(1, 9, 1, { index: 10, term: 1, type: 'conf-change', data })
    follower.save()
    follower.node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 10, round: 1, quiesce: false })
    const { storageApply } = follower.ready()
    follower.node.applyConfChange(change, 10)
    for (const response of [...(storageApply?.responses ?? []), ...responses]) if (response.to === 2) follower.node.stepLocal(response)
    expect(follower.node.status()).toMatchObject({ applied: 10, configuration: { voters: [1, 2, 3, 4] } })
  })
})
