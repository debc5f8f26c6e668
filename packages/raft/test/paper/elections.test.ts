import { MemoryLog, RawNode } from '@disruptorx/raft'
import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from '../support/cluster.ts'

/** As the paper has it: no pre-vote, no protection of leaders. */
const plain = { preVote: false, checkQuorum: false }

describe('leader election (paper, section 5.2)', () => {
  it('begins when a follower hears nothing for its time-out, and not a tick earlier', () => {
    const cluster = new Cluster({ config: { ...plain, random: { u32: () => 3 } } })
    const { node } = cluster.member(1)
    for (let i = 0; i < 12; i++) node.tick()
    expect(node.status()).toMatchObject({ role: 'follower', term: 0 })
    node.tick()
    expect(node.status()).toMatchObject({ role: 'candidate', term: 1, vote: 1 })
    expect(cluster.member(1).work()).toMatchObject([
      { type: 'MsgVote', to: 2, term: 1 },
      { type: 'MsgVote', to: 3, term: 1 },
    ])
  })

  it('draws time-outs from one to two election time-outs', () =>
    withSeed(
      'time-outs',
      random => {
        const node = new RawNode({ ...plain, id: 1, electionTick: 10, random }, new MemoryLog(startOf(confState([1, 2, 3]))))
        let ticks = 0
        for (; node.status().role === 'follower'; ticks++) node.tick()
        expect(ticks).toBeGreaterThanOrEqual(10)
        expect(ticks).toBeLessThan(20)
      },
      { count: 100 },
    ))

  it('draws a new time-out for each candidacy, so that split votes come to an end', () => {
    const drawn: number[] = []
    const node = new RawNode({ ...plain, id: 1, random: { u32: () => drawn.push(0) } }, new MemoryLog(startOf(confState([1, 2, 3]))))
    const before = drawn.length
    for (let i = 0; i < 60; i++) node.tick()
    expect(node.status().term).toBeGreaterThan(1)
    expect(drawn.length - before).toBe(node.status().term)
  })

  it.each([
    [1, []],
    [3, [2]],
    [5, [2, 3]],
  ])('is won in a group of %i with the votes of %j besides its own', (size, voters) => {
    const cluster = new Cluster({ voters: Array.from({ length: size }, (_, i) => i + 1), config: plain })
    cluster.lose = ({ type, from }) => type === 'MsgVoteResp' && !voters.includes(from)
    cluster.elect(1)
    expect(cluster.role(1)).toBe('leader')
  })

  it.each([
    [3, []],
    [4, [2]],
    [5, [2]],
  ])('is not won in a group of %i with the votes of %j besides its own', (size, voters) => {
    const cluster = new Cluster({ voters: Array.from({ length: size }, (_, i) => i + 1), config: plain })
    cluster.lose = ({ type, from }) => type === 'MsgVoteResp' && !voters.includes(from)
    cluster.elect(1)
    expect(cluster.role(1)).toBe('candidate')
  })

  it('gives each vote once in a term, to who asks first', () => {
    const cluster = new Cluster({ config: plain })
    cluster.member(1).node.campaign()
    cluster.member(2).node.campaign()
    cluster.settle()
    const votes = cluster.member(3).readies.flatMap(({ messagesAfterAppend }) => messagesAfterAppend)
    expect(votes.filter(message => message.type === 'MsgVoteResp' && !message.reject)).toHaveLength(1)
    expect(cluster.leaders()).toHaveLength(1)
  })

  it('answers the same candidate the same when it asks again', () => {
    const cluster = new Cluster({ config: plain })
    const { node } = cluster.member(2)
    const ask = { type: 'MsgVote', from: 1, to: 2, term: 1, index: 1, logTerm: 1, transfer: false, committed: 0, committedTerm: 0 } as const
    for (let i = 0; i < 2; i++) {
      node.step(ask)
      expect(cluster.member(2).work()).toMatchObject([{ type: 'MsgVoteResp', to: 1, reject: false }])
    }
  })

  it('sends a vote only after it is durable, and keeps it over a restart', () => {
    const cluster = new Cluster({ config: plain })
    const voter = cluster.member(3)
    voter.node.step({ type: 'MsgVote', from: 1, to: 3, term: 1, index: 1, logTerm: 1, transfer: false, committed: 0, committedTerm: 0 })
    const ready = voter.node.ready()
    expect(ready).toMatchObject({ messages: [], hardState: { term: 1, vote: 1 }, mustSync: true })
    expect(ready.messagesAfterAppend).toMatchObject([{ type: 'MsgVoteResp', to: 1, reject: false }])
    if (ready.hardState !== undefined) voter.log.setHardState(ready.hardState)
    voter.restart()
    voter.node.step({ type: 'MsgVote', from: 2, to: 3, term: 1, index: 1, logTerm: 1, transfer: false, committed: 0, committedTerm: 0 })
    expect(voter.work()).toMatchObject([{ type: 'MsgVoteResp', to: 2, reject: true }])
  })

  it('makes a candidate a follower of whoever leads its term', () => {
    const cluster = new Cluster({ config: plain })
    const { node } = cluster.member(1)
    node.campaign()
    node.step({ type: 'MsgApp', from: 2, to: 1, term: 1, index: 1, logTerm: 1, entries: [], commit: 1 })
    expect(node.status()).toMatchObject({ role: 'follower', leader: 2, term: 1 })
  })

  it('makes a candidate a follower that a majority refuses', () => {
    const cluster = new Cluster({ config: plain, logs: { 2: [1], 3: [1] } })
    cluster.elect(1)
    expect(cluster.member(1).node.status()).toMatchObject({ role: 'follower', leader: 0 })
  })

  it('is held off by heartbeats', () => {
    const cluster = new Cluster({ config: plain })
    cluster.elect(1)
    cluster.tickAll(200)
    expect(cluster.leaders()).toEqual([1])
    expect(cluster.member(1).node.status().term).toBe(1)
  })
})

describe('terms (paper, section 5.1)', () => {
  it.each(['leader', 'candidate', 'follower'] as const)('move a %s on that hears of a newer one', role => {
    const cluster = new Cluster({ config: plain })
    if (role === 'leader') cluster.elect(1)
    if (role === 'candidate') cluster.member(1).node.campaign()
    expect(cluster.role(1)).toBe(role)
    cluster.member(1).node.step({ type: 'MsgHeartbeat', from: 2, to: 1, term: 7, commit: 0, round: 1, quiesce: false })
    expect(cluster.member(1).node.status()).toMatchObject({ role: 'follower', term: 7, leader: 2, vote: 0 })
  })

  it('that are over change nothing: a leader and a candidate are refused, and hear of the newer one', () => {
    const cluster = new Cluster({ config: plain, term: 5 })
    cluster.elect(1)
    const before = cluster.member(1).node.status()
    cluster.member(1).node.step({ type: 'MsgApp', from: 2, to: 1, term: 3, index: 1, logTerm: 1, entries: [], commit: 1 })
    cluster
      .member(1)
      .node.step({ type: 'MsgVote', from: 2, to: 1, term: 3, index: 9, logTerm: 3, transfer: false, committed: 0, committedTerm: 0 })
    expect(cluster.member(1).node.status()).toEqual(before)
    expect(cluster.member(1).work()).toMatchObject([
      { type: 'MsgAppResp', to: 2, term: before.term, index: 0 },
      { type: 'MsgVoteResp', to: 2, term: before.term, reject: true },
    ])
  })
})

describe('the restriction on elections (paper, section 5.4.1)', () => {
  it.each([
    ['a longer log of the same term', [1, 1], [1], false],
    ['a later last term in a shorter log', [2], [1, 1, 1], false],
    ['the same log', [1, 1], [1, 1], true],
    ['a shorter log of the same term', [1], [1, 1], true],
    ['an earlier last term in a longer log', [1, 1, 1], [2], true],
  ])('for a voter with %s than the candidate', (_what, voter, candidate, isGranted) => {
    const cluster = new Cluster({ voters: [1, 2], config: plain, logs: { 1: candidate, 2: voter }, term: 2 })
    cluster.elect(1)
    expect(cluster.role(1) === 'leader').toBe(isGranted)
  })
})

describe('pre-vote (thesis, section 9.6)', () => {
  it('counts no answer of an earlier pre-vote, for a term that has begun since', () => {
    const cluster = new Cluster()
    const { node } = cluster.member(1)
    node.campaign()
    cluster.member(1).work()
    const late = { type: 'MsgPreVoteResp', from: 2, to: 1, term: 1, reject: false, committed: 1, committedTerm: 1 } as const
    node.step({ type: 'MsgHeartbeat', from: 3, to: 1, term: 1, commit: 1, round: 1, quiesce: false })
    node.campaign()
    cluster.member(1).work()
    node.step(late)
    expect(node.status()).toMatchObject({ role: 'pre-candidate', term: 1 })
    node.step({ ...late, term: 2 })
    expect(node.status()).toMatchObject({ role: 'candidate', term: 2 })
  })

  it('changes neither the term nor the vote of anybody', () => {
    const cluster = new Cluster()
    cluster.partition([1], [2], [3])
    for (let i = 0; i < 100; i++) cluster.tickAll()
    for (const id of [1, 2, 3]) expect(cluster.member(id).node.status()).toMatchObject({ term: 0, vote: 0, role: 'pre-candidate' })
    expect(cluster.member(1).log.initialState().hardState).toBeUndefined()
  })

  it('is answered without entering the term that it asks for', () => {
    const cluster = new Cluster()
    const { node } = cluster.member(2)
    node.step({ type: 'MsgPreVote', from: 1, to: 2, term: 9, index: 5, logTerm: 1, committed: 0, committedTerm: 0 })
    expect(cluster.member(2).work()).toMatchObject([{ type: 'MsgPreVoteResp', to: 1, term: 9, reject: false }])
    expect(node.status()).toMatchObject({ term: 0, vote: 0 })
  })

  it('keeps who was cut off from disturbing the others when it comes back', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.partition([1, 2], [3])
    cluster.tickAll(100)
    cluster.heal()
    cluster.tickAll(5)
    expect(cluster.member(1).node.status()).toMatchObject({ role: 'leader', term: 1 })
    expect(cluster.member(3).node.status()).toMatchObject({ role: 'follower', term: 1, leader: 1 })
  })

  it('without it, who was cut off does disturb them', () => {
    const cluster = new Cluster({ config: plain })
    cluster.elect(1)
    cluster.partition([1, 2], [3])
    cluster.tickAll(100)
    cluster.heal()
    cluster.tickAll(30)
    expect(cluster.member(1).node.status().term).toBeGreaterThan(1)
  })

  it('lets a candidate with too short a log ask in vain, and one with enough win', () => {
    const cluster = new Cluster({ logs: { 2: [1], 3: [1] }, config: { checkQuorum: false } })
    cluster.elect(1)
    expect(cluster.member(1).node.status()).toMatchObject({ role: 'follower', term: 1 })
    cluster.elect(2)
    expect(cluster.member(2).node.status()).toMatchObject({ role: 'leader', term: 2 })
  })

  it('is refused by a member of a newer term with that term, so that the candidate catches up', () => {
    const cluster = new Cluster({ logs: { 1: [1, 1] } })
    cluster.member(2).node.step({ type: 'MsgHeartbeat', from: 3, to: 2, term: 9, commit: 0, round: 1, quiesce: false })
    cluster.member(1).node.campaign()
    cluster.lose = ({ to }) => to === 3
    cluster.settle()
    expect(cluster.member(1).node.status().term).toBe(9)
  })
})

describe('disruptive members (thesis, section 4.2.3)', () => {
  it('are not listened to while a leader is heard', () => {
    const cluster = new Cluster({ config: { preVote: false } })
    cluster.elect(1)
    for (const id of [1, 2])
      cluster
        .member(id)
        .node.step({ type: 'MsgVote', from: 3, to: id, term: 50, index: 99, logTerm: 50, transfer: false, committed: 0, committedTerm: 0 })
    cluster.settle()
    expect(cluster.leaders()).toEqual([1])
    expect(cluster.member(2).node.status().term).toBe(1)
  })

  it('are listened to once the leader has not been heard for an election time-out', () => {
    const cluster = new Cluster({ config: { preVote: false, random: { u32: () => 9 } } })
    cluster.elect(1)
    const { node } = cluster.member(2)
    const ask = (term: number) =>
      node.step({ type: 'MsgVote', from: 3, to: 2, term, index: 99, logTerm: term, transfer: false, committed: 0, committedTerm: 0 })
    for (let i = 0; i < 9; i++) node.tick()
    ask(2)
    expect(node.status().term).toBe(1)
    node.tick()
    ask(2)
    expect(node.status()).toMatchObject({ term: 2, vote: 3 })
  })

  it('that went to a newer term alone come back by making the leader step down', () => {
    const cluster = new Cluster({ config: { preVote: false } })
    cluster.elect(1)
    cluster.partition([1, 2], [3])
    cluster.tickAll(60)
    const { term } = cluster.member(3).node.status()
    expect(term).toBeGreaterThan(1)
    cluster.heal()
    cluster.tickAll(60)
    expect(cluster.leaders()).toHaveLength(1)
    const terms = [1, 2, 3].map(id => cluster.member(id).node.status().term)
    expect(new Set(terms).size).toBe(1)
    expect(terms[0]).toBeGreaterThanOrEqual(term)
  })

  it('that were removed cannot disturb the others', () => {
    const cluster = new Cluster({ config: { preVote: false } })
    cluster.elect(1)
    cluster.partition([1, 2], [3])
    cluster.change(1, [{ type: 'remove-node', nodeId: 3 }])
    cluster.tickAll(60)
    cluster.heal()
    cluster.tickAll(60)
    expect(cluster.leaders()).toContain(1)
    expect(cluster.member(1).node.status().term).toBe(1)
  })
})

describe('check-quorum (thesis, section 6.2)', () => {
  it('makes a leader step down that hears from no majority for an election time-out', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.partition([1], [2, 3])
    cluster.tickAll(21)
    expect(cluster.role(1)).not.toBe('leader')
  })

  it('leaves a leader that hears from a majority', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.partition([1, 2], [3])
    cluster.tickAll(200)
    expect(cluster.leaders()).toEqual([1])
  })

  it('without it, a leader without followers stays one in its own eyes', () => {
    const cluster = new Cluster({ config: { checkQuorum: false } })
    cluster.elect(1)
    cluster.partition([1], [2, 3])
    cluster.tickAll(100)
    expect(cluster.role(1)).toBe('leader')
    expect(cluster.leaders()).toHaveLength(2)
  })
})

describe('a candidate whose term is over', () => {
  it('hears of the newer one from whom it asks for a vote, also where that one does not know it as a member', () => {
    const cluster = new Cluster({ voters: [1, 2], logs: { 1: [1, 1], 2: [1] }, config: plain })
    // 2 has not heard yet that 1 is a member, wants to lead another group in vain, and is always ahead.
    cluster.lose = ({ from }) => from === 2
    for (let i = 0; i < 5; i++) cluster.elect(2)
    expect(cluster.member(2).node.status().term).toBe(6)
    cluster.lose = ({ type }) => type === 'MsgVote'
    cluster.elect(1)
    cluster.lose = ({ type, from }) => type === 'MsgVote' && from === 2
    cluster.elect(1)
    expect(cluster.member(1).node.status()).toMatchObject({ role: 'follower', term: 6 })
    cluster.elect(1)
    expect(cluster.member(1).node.status()).toMatchObject({ role: 'leader', term: 7 })
  })
})

describe('a candidate that may forget', () => {
  it('does not lead on the votes of others before its own is durable', () => {
    const cluster = new Cluster({ config: { ...plain, asyncStorageWrites: true } })
    const { node } = cluster.member(1)
    node.campaign()
    const { storageAppend, messages } = node.ready()
    expect(messages).toHaveLength(2)
    for (const from of [2, 3])
      node.step({
        type: 'MsgVoteResp',
        from,
        to: 1,
        term: 1,
        reject: false,
        candidateIndex: 1,
        candidateLogTerm: 1,
        committed: 0,
        committedTerm: 0,
      })
    expect(node.status().role).toBe('candidate')
    for (const response of storageAppend?.responses ?? []) node.stepLocal(response)
    expect(node.status().role).toBe('leader')
  })

  it('does not count votes that were given to a longer log than it has', () => {
    const cluster = new Cluster({ config: plain })
    const { node } = cluster.member(1)
    node.campaign()
    cluster.member(1).work()
    node.step({
      type: 'MsgVoteResp',
      from: 2,
      to: 1,
      term: 1,
      reject: false,
      candidateIndex: 5,
      candidateLogTerm: 1,
      committed: 0,
      committedTerm: 0,
    })
    expect(node.status().role).toBe('candidate')
    node.step({
      type: 'MsgVoteResp',
      from: 2,
      to: 1,
      term: 1,
      reject: false,
      candidateIndex: 1,
      candidateLogTerm: 1,
      committed: 0,
      committedTerm: 0,
    })
    expect(node.status().role).toBe('leader')
  })
})
