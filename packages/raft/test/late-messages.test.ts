import { type Entry, encodeConfChange, MemoryLog, type PeerMessage, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'
import { bytes, TestMember } from './support/member.ts'

const random = { u32: () => 0 }
const start = startOf(confState([1, 2, 3]))
const entry = (index: number, term: number): Entry => ({ index, term, type: 'normal', data: bytes(`t${term}i${index}`) })
const append = { type: 'MsgApp', from: 2, to: 1, term: 2, index: 1, logTerm: 1, entries: [], commit: 1 } as const

/** A follower in term 2 with entries of term 1 up to index 4, of which the first two are committed. */
function follower(): TestMember {
  const member = new TestMember({ id: 1, random }, start)
  member.log.append([entry(2, 1), entry(3, 1), entry(4, 1)])
  member.log.setHardState({ term: 2, vote: 0, commit: 2 })
  member.restart()
  member.work()
  return member
}

describe('a message that is late', () => {
  it('with a snapshot of what is committed here is answered with that, and with nothing that may differ from the leader', () => {
    const member = follower()
    member.node.step({ type: 'MsgSnap', from: 2, to: 1, term: 2, snapshot: { ...start, index: 2 } })
    expect(member.work()).toMatchObject([{ type: 'MsgAppResp', to: 2, index: 2, reject: false }])
    member.node.step({ type: 'MsgSnap', from: 2, to: 1, term: 2, snapshot: { ...start, index: 9, term: 2 } })
    expect(member.work()).toMatchObject([{ type: 'MsgAppResp', to: 2, index: 9, reject: false }])
  })

  it('with entries from before the commit index is answered with that, also where those are freed, and acknowledges nothing it did not take', () => {
    const member = follower()
    member.compact(2)
    member.node.step({ ...append, entries: [entry(2, 1), entry(3, 2), entry(4, 2)] })
    expect(member.work()).toMatchObject([{ type: 'MsgAppResp', to: 2, index: 2, reject: false }])
    expect(member.log.term(4)).toBe(1)
    member.node.step({ ...append, index: 2, entries: [entry(3, 2)] })
    expect(member.work()).toMatchObject([{ type: 'MsgAppResp', to: 2, index: 3, reject: false }])
    expect(member.log.lastIndex).toBe(3)
    member.log.compact(2)
    member.node.step({ ...append, index: 0, logTerm: 0, entries: [entry(1, 1)] })
    expect(member.work()).toMatchObject([{ index: 2, reject: false }])
  })

  it('with a proposal, for who leads no more, is passed on in the name of who proposed it', () => {
    const member = follower()
    member.node.step({ ...append, from: 3 })
    member.work()
    const entries = [{ type: 'normal', data: bytes('a') }] as const
    expect(member.node.step({ type: 'MsgProp', from: 2, to: 1, term: 0, entries })).toBe('accepted')
    expect(member.work()).toEqual([{ type: 'MsgProp', from: 2, to: 3, term: 0, entries }])
  })

  it('of the apply thread, whose entries a snapshot has overtaken, changes nothing', () => {
    const log = new MemoryLog(start)
    const node = new RawNode({ id: 1, random, asyncStorageWrites: true }, log)
    node.step({ ...append, entries: [entry(2, 1)], commit: 2 })
    const save = () => {
      const { storageAppend, storageApply } = node.ready()
      if (storageAppend?.snapshot !== undefined) log.applySnapshot(storageAppend.snapshot)
      log.append(storageAppend?.entries ?? [])
      for (const response of storageAppend?.responses ?? []) if (response.to === 1) node.stepLocal(response)
      return storageApply
    }
    save()
    const late = save()
    expect(late?.entries).toHaveLength(1)
    node.step({ type: 'MsgSnap', from: 2, to: 1, term: 2, snapshot: { ...start, index: 9, term: 2 } })
    save()
    expect(node.status().applied).toBe(9)
    for (const response of late?.responses ?? []) node.stepLocal(response)
    expect(node.status()).toMatchObject({ applied: 9, committed: 9 })
  })
})

describe('a message of an earlier term', () => {
  it('does not make the one who sent it, and leads again by now, send its whole log once more', () => {
    const terms = [1, 1, 1]
    const cluster = new Cluster({ logs: { 1: terms, 2: terms, 3: terms }, config: { preVote: false } })
    cluster.lose = ({ type, to }) => type === 'MsgApp' && to === 2
    const { node } = cluster.elect(1)
    const progress = () => node.status().members.find(({ id }) => id === 2)
    const before = progress()
    expect(before).toMatchObject({ state: 'probe', match: 0, next: 5 })
    const member = cluster.member(2)
    member.node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 0, round: 9, quiesce: false })
    const answers = member.work()
    expect(answers).toMatchObject([{ type: 'MsgAppResp', to: 1, term: 2, index: 0, reject: false }])
    for (const answer of answers) node.step(answer)
    expect(progress()).toEqual({ ...before, recentActive: true })
  })
})

describe('a refusal in term 0', () => {
  it('comes from who lost its term in a crash, and is taken', () => {
    const log = new MemoryLog(start)
    log.append([entry(2, 1)])
    const node = new RawNode({ id: 1, random }, log)
    expect(node.status().term).toBe(0)
    const told = { committed: 0, committedTerm: 0 }
    node.step({ type: 'MsgPreVote', from: 2, to: 1, term: 1, index: 1, logTerm: 1, ...told })
    const [refusal] = [...node.ready().messagesAfterAppend]
    expect(refusal).toMatchObject({ type: 'MsgPreVoteResp', term: 0, reject: true })
    const asking = new RawNode({ id: 2, random }, new MemoryLog(start))
    asking.campaign()
    expect(asking.step(refusal as PeerMessage)).toBe('accepted')
    // In a later term it is late.
    const later = new MemoryLog(start)
    later.setHardState({ term: 1, vote: 0, commit: 1 })
    const again = new RawNode({ id: 2, random }, later)
    again.campaign()
    for (const from of [1, 3]) again.step({ ...refusal, from } as PeerMessage)
    expect(again.status().role).toBe('pre-candidate')
    for (const wrong of [
      { ...refusal, reject: false },
      { ...refusal, type: 'MsgHeartbeatResp', round: 1 },
    ])
      expect(() => asking.step(wrong as PeerMessage)).toThrow(expect.objectContaining({ code: 'DX_RAFT_MESSAGE' }))
  })
})

describe('a committed change of the configuration that is not applied', () => {
  const change = encodeConfChange({ transition: 'auto', changes: [{ type: 'add-node', nodeId: 4 }], context: new Uint8Array(0) })

  function restarted(asyncStorageWrites: boolean): RawNode {
    const log = new MemoryLog(start)
    log.append([entry(2, 1), entry(3, 1), { index: 4, term: 1, type: 'conf-change', data: change }])
    log.setHardState({ term: 1, vote: 0, commit: 4 })
    return new RawNode({ id: 1, random, asyncStorageWrites, maxCommittedSizePerReady: asyncStorageWrites ? 10_000 : 1 }, log)
  }

  it('keeps a member from elections, however many entries are applied before it', () => {
    const node = restarted(false)
    for (const index of [2, 3]) {
      expect(node.campaign()).toBe('unapplied-conf-change')
      expect(node.ready().committedEntries).toMatchObject([{ index }])
      node.advance()
    }
    expect(node.campaign()).toBe('unapplied-conf-change')
  })

  it('keeps a member from elections also while it is being applied', () => {
    const node = restarted(true)
    const { storageApply } = node.ready()
    expect(storageApply?.entries).toHaveLength(3)
    expect(node.campaign()).toBe('unapplied-conf-change')
    for (const response of storageApply?.responses ?? []) node.stepLocal(response)
    expect(node.campaign()).toBe('started')
  })
})
