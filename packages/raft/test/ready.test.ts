import type { Ready } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'
import { bytes, type TestMember } from './support/member.ts'

const nothing: Partial<Ready> = {
  softState: undefined,
  hardState: undefined,
  snapshot: undefined,
  entries: [],
  mustSync: false,
  messages: [],
  messagesAfterAppend: [],
  committedEntries: [],
  readStates: [],
}

/** What a member that has something to do wants done. */
function readyOf({ node }: TestMember): Ready {
  expect(node.hasReady()).toBe(true)
  return node.ready()
}

describe('there is something to do', () => {
  it('when only the role has changed', () => {
    const cluster = new Cluster({ term: 1 })
    const member = cluster.member(1)
    member.node.campaign()
    member.work()
    for (const from of [2, 3])
      member.node.step({ type: 'MsgPreVoteResp', from, to: 1, term: 1, reject: true, committed: 0, committedTerm: 0 })
    expect(readyOf(member)).toMatchObject({ ...nothing, softState: { role: 'follower', leader: 0 } })
  })

  it('when only the leader has changed', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.member(2).node.forgetLeader()
    expect(readyOf(cluster.member(2))).toMatchObject({ ...nothing, softState: { role: 'follower', leader: 0 } })
  })

  it('when only the term has changed, which must be durable', () => {
    const member = new Cluster().member(1)
    member.node.step({ type: 'MsgHeartbeatResp', from: 2, to: 1, term: 5, round: 0, committed: 0 })
    expect(readyOf(member)).toMatchObject({ ...nothing, hardState: { term: 5, vote: 0, commit: 1 }, mustSync: true })
  })

  it('when a vote was given in a term that is saved already, and must be durable before it is sent', () => {
    const member = new Cluster().member(1)
    member.node.step({ type: 'MsgHeartbeatResp', from: 2, to: 1, term: 5, round: 0, committed: 0 })
    member.work()
    const request = { type: 'MsgVote', index: 1, logTerm: 1, transfer: false, committed: 0, committedTerm: 0 } as const
    member.node.step({ ...request, from: 3, to: 1, term: 5 })
    const vote = [{ type: 'MsgVoteResp', to: 3, reject: false }]
    expect(readyOf(member)).toMatchObject({ ...nothing, hardState: { term: 5, vote: 3 }, mustSync: true, messagesAfterAppend: vote })
  })

  it('when only the commit index has changed, which need not be durable', () => {
    const config = { asyncStorageWrites: true, maxCommittedSizePerReady: 1 }
    const { node, log } = new Cluster({ voters: [1], config }).elect(1)
    const save = ({ storageAppend }: Ready) => {
      log.append(storageAppend?.entries ?? [])
      for (const response of storageAppend?.responses ?? []) node.stepLocal(response)
    }
    node.propose([bytes('a')])
    save(node.ready())
    // What is being applied leaves no room for another entry.
    expect(node.ready().storageApply?.entries).toMatchObject([{ index: 3 }])
    node.propose([bytes('b')])
    save(node.ready())
    expect(node.hasReady()).toBe(true)
    const ready = node.ready()
    expect(ready).toMatchObject({ ...nothing, hardState: { term: 1, commit: 4 } })
    expect(ready.storageAppend).toMatchObject({ hardState: { commit: 4 }, entries: [], snapshot: undefined })
  })
})

describe('what there is to do is said', () => {
  it('once: what was given out is not given out again', () => {
    const cluster = new Cluster({ term: 1 })
    const { node } = cluster.member(1)
    node.campaign()
    expect(node.ready().softState).toEqual({ role: 'pre-candidate', leader: 0 })
    node.advance()
    expect(node.hasReady()).toBe(false)
    expect(node.ready()).toMatchObject(nothing)
  })
})
