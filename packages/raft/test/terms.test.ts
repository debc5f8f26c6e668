import { MemoryLog, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'
import { bytes, TestMember } from './support/member.ts'

const random = { u32: () => 0 }
const told = { committed: 0, committedTerm: 0 }

/** What makes any member enter this term. */
const newer = (from: number, to: number, term: number) =>
  ({ type: 'MsgAppResp', from, to, term, index: 0, reject: false, rejectHint: 0, logTerm: 0 }) as const

describe('an election', () => {
  const asking = (config = {}) => {
    const member = new TestMember({ id: 1, random, ...config }, startOf(confState([1, 2, 3, 4, 5])))
    member.node.campaign()
    member.work()
    return member
  }

  it('counts the first answer of each member', () => {
    const after = (...votes: readonly (readonly [from: number, granted: boolean])[]) => {
      const { node } = asking({ preVote: false })
      for (const [from, granted] of votes)
        node.step({ type: 'MsgVoteResp', from, to: 1, term: 1, reject: !granted, candidateIndex: 1, candidateLogTerm: 1, ...told })
      return node.status().role
    }
    expect(after([2, true], [2, false], [3, true])).toBe('leader')
    expect(after([2, true], [3, false], [3, true])).toBe('candidate')
    expect(after([2, true], [2, true])).toBe('candidate')
  })

  it('begins with no answers, though the term that is asked for is the same', () => {
    const member = asking()
    const { node } = member
    const grant = (from: number) => {
      node.step({ type: 'MsgPreVoteResp', from, to: 1, term: 1, reject: false, ...told })
      return node.status().role
    }
    expect(grant(2)).toBe('pre-candidate')
    node.campaign()
    member.work()
    expect(grant(3)).toBe('pre-candidate')
    expect(grant(4)).toBe('candidate')
  })
})

describe('a leader', () => {
  it('counts itself among those that are heard of, also while its disk has not written its first entry', () => {
    const start = startOf(confState([1, 2, 3]))
    const { node, log } = new TestMember({ id: 1, random, asyncStorageWrites: true, preVote: false }, start)
    node.campaign()
    const { storageAppend } = node.ready()
    if (storageAppend?.hardState !== undefined) log.setHardState(storageAppend.hardState)
    for (const response of storageAppend?.responses ?? []) if (response.to === 1) node.stepLocal(response)
    node.step({ type: 'MsgVoteResp', from: 2, to: 1, term: 1, reject: false, candidateIndex: 1, candidateLogTerm: 1, ...told })
    for (let round = 1; round <= 30; round++) {
      node.tick()
      node.ready()
      node.step({ type: 'MsgHeartbeatResp', from: 2, to: 1, term: 1, round, committed: 1 })
    }
    expect(node.status()).toMatchObject({ role: 'leader', term: 1, committed: 1 })
  })

  it('counts the ticks to its first round of heartbeats from when it was elected', () => {
    const cluster = new Cluster({ config: { heartbeatTick: 3, electionTick: 10, preVote: false, checkQuorum: false } })
    const leader = cluster.elect(1)
    leader.node.tick()
    leader.node.tick()
    leader.node.step(newer(2, 1, 2))
    cluster.elect(1)
    expect(leader.node.status()).toMatchObject({ role: 'leader', term: 3 })
    const beats = [1, 2, 3].map(() => {
      leader.node.tick()
      return leader.work().some(({ type }) => type === 'MsgHeartbeat')
    })
    expect(beats).toEqual([false, false, true])
  })

  it('that sleeps and hears of a newer term is awake, or it would never take part in an election again', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    cluster.tick(1)
    expect(node.quiesce()).toBe(true)
    cluster.settle()
    node.step({ type: 'MsgHeartbeatResp', from: 2, to: 1, term: 5, round: 1, committed: 2 })
    expect(node.status()).toMatchObject({ role: 'follower', term: 5, isQuiesced: false })
  })
})

describe('a joint configuration', () => {
  /** Leader 1, on the way from voters 1, 2, 3 to voters 1, 4, 5; then only one half of the others hears it and is heard. */
  function halfHeard(half: readonly number[]) {
    const cluster = new Cluster()
    for (const id of [4, 5]) cluster.add(id)
    const leader = cluster.elect(1)
    const changes = [2, 3].map(nodeId => ({ type: 'remove-node' as const, nodeId }))
    cluster.change(1, [...changes, ...[4, 5].map(nodeId => ({ type: 'add-node' as const, nodeId }))], 'joint-explicit')
    cluster.tick(1)
    cluster.partition(
      [1, ...half],
      [2, 3, 4, 5].filter(id => !half.includes(id)),
    )
    return { cluster, leader }
  }

  it.each([[[2, 3]], [[4, 5]]])('answers no read that only one half confirms, %j', half => {
    const { cluster, leader } = halfHeard(half)
    leader.node.readIndex(7)
    cluster.settle()
    cluster.tick(1, 3)
    expect(leader.reads).toEqual([])
    cluster.heal()
    cluster.tick(1)
    expect(leader.reads).toMatchObject([{ context: 7 }])
  })

  it.each([[[2, 3]], [[4, 5]]])('makes a leader step down that only one half is heard of, %j, and stay in its term', half => {
    const { cluster, leader } = halfHeard(half)
    cluster.tick(1, 21)
    expect(leader.node.status()).toMatchObject({ role: 'follower', term: 1, leader: 0 })
  })
})

describe('a change of the configuration', () => {
  it('commits at once what the voters that are left have', () => {
    const cluster = new Cluster({ voters: [1, 2] })
    const leader = cluster.elect(1)
    leader.node.proposeConfChange({ transition: 'auto', changes: [{ type: 'remove-node', nodeId: 2 }], context: new Uint8Array(0) })
    cluster.work()
    // Only the leader has this one. Its own news of that comes before the change is in force.
    cluster.lose = message => message.type === 'MsgApp' && message.index > 2
    leader.node.propose([bytes('a')])
    cluster.work()
    cluster.settle()
    expect(leader.applied).toEqual(['a'])
  })

  it('sends what there is to the others, and nothing to the leader itself, whose disk is late', () => {
    const start = startOf(confState([1, 2, 3]))
    const { node, log } = new TestMember({ id: 1, random, asyncStorageWrites: true, preVote: false }, start)
    const save = () => {
      const { storageAppend } = node.ready()
      log.append(storageAppend?.entries ?? [])
      for (const response of storageAppend?.responses ?? []) if (response.to === 1) node.stepLocal(response)
    }
    const answer = (index: number, from: number) => node.step({ ...newer(from, 1, 1), index })
    node.campaign()
    save()
    node.step({ type: 'MsgVoteResp', from: 2, to: 1, term: 1, reject: false, candidateIndex: 1, candidateLogTerm: 1, ...told })
    save()
    for (const from of [2, 3]) answer(2, from)
    node.propose([bytes('a')])
    node.ready()
    for (const from of [2, 3]) answer(3, from)
    node.ready()
    node.applyConfChange({ transition: 'auto', changes: [{ type: 'add-learner-node', nodeId: 4 }], context: new Uint8Array(0) }, 3)
    const sent = node.ready().messages.filter(({ type }) => type === 'MsgApp')
    expect(sent.map(({ to }) => to)).toEqual([4])
  })

  it('that removes the leader commits at once what the others have, though the disk of the leader is late', () => {
    const start = startOf(confState([1, 2]))
    const leader = new TestMember({ id: 1, random, asyncStorageWrites: true, preVote: false }, start)
    const { node, log } = leader
    const save = () => {
      const ready = node.ready()
      if (ready.storageAppend?.hardState !== undefined) log.setHardState(ready.storageAppend.hardState)
      log.append(ready.storageAppend?.entries ?? [])
      return [...(ready.storageAppend?.responses ?? []), ...(ready.storageApply?.responses ?? [])].filter(({ to }) => to === 1)
    }
    const acknowledge = (index: number) => node.step({ ...newer(2, 1, 1), index })
    node.campaign()
    for (const response of save()) node.stepLocal(response)
    node.step({ type: 'MsgVoteResp', from: 2, to: 1, term: 1, reject: false, candidateIndex: 1, candidateLogTerm: 1, ...told })
    const change = { transition: 'auto', changes: [{ type: 'remove-node', nodeId: 1 }], context: new Uint8Array(0) } as const
    for (const response of save()) node.stepLocal(response)
    acknowledge(2)
    for (const response of save()) node.stepLocal(response)
    node.proposeConfChange(change)
    for (const response of save()) node.stepLocal(response)
    node.propose([bytes('a')])
    save()
    acknowledge(4)
    expect(node.status()).toMatchObject({ committed: 3, lastIndex: 4 })
    expect(node.ready().storageApply?.entries).toMatchObject([{ index: 3, type: 'conf-change' }])
    node.applyConfChange(change, 3)
    expect(node.status()).toMatchObject({ role: 'leader', committed: 4, configuration: confState([2]) })
  })
})

describe('the terms that there are', () => {
  const last = Number.MAX_SAFE_INTEGER - 1
  const heartbeat = { type: 'MsgHeartbeat', from: 3, commit: 0, round: 1, quiesce: false } as const

  it('are not used up by one wrong message: the group refuses it, and elects its next leader', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    for (const { id, node } of cluster.members.values())
      for (const term of [last, 3 * 2 ** 39 + 2])
        expect(() => node.step({ ...heartbeat, from: (id % 3) + 1, to: id, term })).toThrow(
          expect.objectContaining({ code: 'DX_RAFT_MESSAGE' }),
        )
    cluster.tick(2)
    cluster.member(1).node.transferLeadership(2)
    cluster.settle()
    expect(cluster.member(2).node.status()).toMatchObject({ role: 'leader', term: 2 })
    const { node } = cluster.member(1)
    expect(node.step({ ...heartbeat, to: 1, term: 2 + 3 * 2 ** 39 })).toBe('accepted')
    expect(node.status().term).toBe(2 + 3 * 2 ** 39)
  })

  it('do not end for a group by a bit that flips: all take the message, or none', () => {
    for (const term of Array.from({ length: 53 }, (_, bit) => 2 + 2 ** bit)) {
      const outcomes = [1, 2, 1000].map(own => {
        const log = new MemoryLog(startOf(confState([1, 2, 3])))
        log.setHardState({ term: own, vote: 0, commit: 1 })
        const node = new RawNode({ id: 1, random }, log)
        try {
          return node.step({ ...heartbeat, to: 1, term: Math.max(term, own) })
        } catch {
          return 'refused'
        }
      })
      expect(new Set(outcomes).size, `${term}`).toBe(1)
    }
  })

  it('may all have gone by for a newcomer with nothing in its log', () => {
    const node = new RawNode({ id: 1, random }, new MemoryLog())
    expect(node.step({ ...heartbeat, to: 1, term: last })).toBe('accepted')
    expect(node.status().term).toBe(last)
  })

  it.each([true, false])('end with the last one: nobody is asked for another, with preVote: %s', preVote => {
    const asked = (term: number) => {
      const cluster = new Cluster({ term, config: { preVote } })
      cluster.member(1).node.campaign()
      return cluster.member(1).work()
    }
    expect(asked(last - 1)).toMatchObject([
      { to: 2, term: last },
      { to: 3, term: last },
    ])
    expect(() => asked(last)).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
  })
})

describe('a member that is not in the configuration', () => {
  it('is no learner', () => {
    const stranger = new TestMember({ id: 9, random }, startOf(confState([1, 2, 3], [4])))
    expect(stranger.node.status().isLearner).toBe(false)
    expect(stranger.node.campaign()).toBe('not-promotable')
  })
})
