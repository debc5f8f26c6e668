import { type Entry, encodeConfChange, MemoryLog, type MsgVote, type PeerMessage, type RaftConfig, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'
import { bytes, TestMember } from './support/member.ts'

const plain = { preVote: false, checkQuorum: false }
const random = { u32: () => 0 }

/** One of five members, with entries of these terms from index 2 on. */
function member(config: Partial<RaftConfig> = {}, terms: readonly number[] = [], term = terms.at(-1) ?? 0): TestMember {
  const made = new TestMember({ id: 1, random, ...config }, startOf(confState([1, 2, 3, 4, 5])))
  made.log.append(terms.map((entryTerm, i): Entry => ({ index: i + 2, term: entryTerm, type: 'normal', data: bytes('x') })))
  if (term > 0) made.log.setHardState({ term, vote: 0, commit: 1 })
  made.restart()
  return made
}

const envelope = { from: 2, to: 1, term: 1 }
const told = { committed: 0, committedTerm: 0 }
const vote = { ...envelope, type: 'MsgVoteResp', reject: false, candidateIndex: 1, candidateLogTerm: 1, ...told } as const
const preVote = { ...envelope, type: 'MsgPreVoteResp', reject: false, ...told } as const
const ask: MsgVote = { ...envelope, type: 'MsgVote', index: 9, logTerm: 1, transfer: false, ...told }
const heartbeat = { ...envelope, type: 'MsgHeartbeat', commit: 1, round: 1, quiesce: false } as const

describe('a vote', () => {
  it('is refused where the leader of the term is known, though none was given', () => {
    const voter = member(plain)
    voter.node.step({ ...heartbeat, from: 3 })
    voter.node.step(ask)
    expect(voter.work()).toContainEqual(expect.objectContaining({ type: 'MsgVoteResp', to: 2, reject: true }))
    expect(voter.node.status()).toMatchObject({ vote: 0, leader: 3 })
  })

  it('gives the candidate a whole time-out to win with it, and a refusal gives it nothing', () => {
    for (const isGranted of [true, false]) {
      const voter = member({ ...plain, electionTick: 10 }, [1])
      for (let i = 0; i < 9; i++) voter.node.tick()
      voter.node.step({ ...ask, index: isGranted ? 9 : 1 })
      expect(voter.node.status().vote).toBe(isGranted ? 2 : 0)
      voter.node.tick()
      expect(voter.node.status().role).toBe(isGranted ? 'follower' : 'candidate')
    }
  })

  it('for a log with another last term at the same index is not counted', () => {
    const candidate = member({ ...plain }, [1])
    const { node } = candidate
    node.campaign()
    candidate.work()
    for (const from of [2, 3]) node.step({ ...vote, from, term: 2, candidateIndex: 2, candidateLogTerm: 2 })
    expect(node.status().role).toBe('candidate')
    for (const from of [2, 3]) node.step({ ...vote, from, term: 2, candidateIndex: 2 })
    expect(node.status().role).toBe('leader')
  })

  it('that is refused counts, whichever log it was asked with', () => {
    const { node } = member(plain)
    node.campaign()
    for (const from of [2, 3, 4]) node.step({ ...vote, from, reject: true, candidateIndex: 7 })
    expect(node.status()).toMatchObject({ role: 'follower', term: 1 })
  })

  it('is for one round of asking: answers to a pre-vote count for no candidate, and votes for no pre-candidate', () => {
    const candidate = member(plain)
    candidate.node.campaign()
    for (const from of [2, 3, 4]) candidate.node.step({ ...preVote, from, reject: true })
    expect(candidate.node.status().role).toBe('candidate')
    const before = member({}, [1])
    before.node.campaign()
    before.work()
    for (const from of [3, 4]) before.node.step({ ...preVote, from, term: 2 })
    expect(before.node.status()).toMatchObject({ role: 'candidate', term: 2 })
    before.work()
    before.node.campaign()
    before.work()
    expect(before.node.status()).toMatchObject({ role: 'pre-candidate', term: 2 })
    before.node.step({ ...preVote, from: 3, term: 3 })
    before.node.step({ ...vote, from: 4, term: 2, candidateIndex: 2 })
    expect(before.node.status()).toMatchObject({ role: 'pre-candidate', term: 2 })
  })
})

describe('a pre-vote', () => {
  it('is refused with the term of who refuses, which is no newer than that of the pre-candidate', () => {
    const voter = member({}, [1, 1])
    voter.node.step({ ...ask, type: 'MsgPreVote', term: 2, index: 1 })
    expect(voter.work()).toMatchObject([{ type: 'MsgPreVoteResp', to: 2, term: 1, reject: true }])
  })

  it('is over when a majority of the same term refuses it', () => {
    const { node } = member({}, [], 1)
    node.campaign()
    for (const from of [2, 3]) node.step({ ...preVote, from, reject: true })
    expect(node.status().role).toBe('pre-candidate')
    node.step({ ...preVote, from: 4, reject: true })
    expect(node.status()).toMatchObject({ role: 'follower', term: 1 })
  })

  it('is asked for again only after another time-out', () => {
    const asker = member({ electionTick: 10 })
    const asked: number[] = []
    for (let tick = 1; tick <= 30; tick++) {
      asker.node.tick()
      if (asker.work().some(({ type }) => type === 'MsgPreVote')) asked.push(tick)
    }
    expect(asked).toEqual([10, 20, 30])
  })
})

describe('a learner', () => {
  it('protects a leader that it has heard of late, and no longer', () => {
    const log = new MemoryLog(startOf(confState([2, 3], [1])))
    const learner = new RawNode({ id: 1, random, electionTick: 10 }, log)
    learner.step({ ...heartbeat, from: 3 })
    for (let i = 0; i < 9; i++) learner.tick()
    learner.step({ ...ask, term: 2 })
    expect(learner.status().term).toBe(1)
    for (let i = 0; i < 5; i++) learner.tick()
    learner.step({ ...ask, term: 2 })
    expect(learner.status()).toMatchObject({ term: 2, vote: 2 })
  })
})

describe('a candidate', () => {
  it('follows who leads its term, whatever that sends first: also a snapshot', () => {
    const { node } = member(plain)
    node.campaign()
    node.step({ ...envelope, type: 'MsgSnap', snapshot: { ...startOf(confState([1, 2, 3])), index: 9 } })
    expect(node.status()).toMatchObject({ role: 'follower', leader: 2, lastIndex: 9, committed: 9 })
  })

  it.each([true, false])('tells whom it asks what it knows to be committed, with pre-vote %s', isPre => {
    const cluster = new Cluster({ config: { preVote: isPre, checkQuorum: false } })
    cluster.elect(1)
    cluster.member(1).node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 2, index: 0, reject: false, rejectHint: 0, logTerm: 0 })
    cluster.member(1).node.campaign()
    const type = isPre ? 'MsgPreVote' : 'MsgVote'
    const asked = cluster.member(1).node.ready().messages
    expect(asked.filter(message => message.type === type)).toMatchObject([
      { to: 2, committed: 2, committedTerm: 1 },
      { to: 3, committed: 2, committedTerm: 1 },
    ])
  })
})

describe('an answer from somebody who is no member', () => {
  const answers: readonly PeerMessage[] = [
    { ...vote, from: 9, term: 7 },
    { ...preVote, from: 9, term: 7, reject: true },
    { ...envelope, from: 9, term: 7, type: 'MsgAppResp', index: 1, reject: false, rejectHint: 0, logTerm: 0 },
    { ...envelope, from: 9, term: 7, type: 'MsgHeartbeatResp', round: 1, committed: 1 },
    { ...envelope, from: 9, term: 7, type: 'MsgReadIndexResp', context: 1, index: 1 },
  ]

  it.each(answers.map(answer => [answer.type, answer] as const))('is not taken, and its term not entered: %s', (_type, answer) => {
    const { node } = member()
    expect(node.step(answer)).toBe('unknown-member')
    expect(node.status().term).toBe(0)
  })
})

describe('what is committed', () => {
  const change = encodeConfChange({ transition: 'auto', changes: [{ type: 'add-learner-node', nodeId: 9 }], context: new Uint8Array(0) })

  /** A follower of member 3 with a change of the configuration at index 2, and another entry after that. */
  function follower(commit: number): TestMember {
    const made = member({ checkQuorum: true })
    const entries: Entry[] = [
      { index: 2, term: 1, type: 'conf-change', data: change },
      { index: 3, term: 2, type: 'normal', data: bytes('x') },
    ]
    made.node.step({ ...envelope, from: 3, term: 2, type: 'MsgApp', index: 1, logTerm: 1, entries, commit })
    return made
  }

  const speakers: readonly PeerMessage[] = [
    { ...ask, term: 3, committed: 2, committedTerm: 1 },
    { ...ask, type: 'MsgPreVote', term: 3, committed: 2, committedTerm: 1 },
    { ...vote, term: 2, reject: true, committed: 2, committedTerm: 1 },
    { ...preVote, term: 2, reject: true, committed: 2, committedTerm: 1 },
  ]

  it.each(speakers.map(said => [said.type, said] as const))(
    'is learned from whoever says it, and the leader is kept: %s',
    (_type, said) => {
      const { node } = follower(1)
      node.step(said)
      expect(node.status()).toMatchObject({ committed: 2, leader: 3, term: 2, role: 'follower' })
    },
  )

  it.each([
    ['MsgVoteResp', { ...ask, term: 2 }],
    ['MsgPreVoteResp', { ...ask, type: 'MsgPreVote', term: 2 }],
    ['MsgVoteResp', ask],
    ['MsgPreVoteResp', { ...ask, type: 'MsgPreVote' }],
  ] as const)('is told with its own term in %s, as soon as it is known and before it is applied', (type, request) => {
    const { node } = follower(2)
    node.step(request)
    expect(node.ready().messagesAfterAppend).toContainEqual(expect.objectContaining({ type, reject: true, committed: 2, committedTerm: 1 }))
  })
})

describe('a leader of an earlier term', () => {
  const append = { ...envelope, type: 'MsgApp', index: 1, logTerm: 1, entries: [], commit: 1 } as const

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('hears of the newer one, which requests for votes may never tell it: with check-quorum %s, pre-vote %s', (checkQuorum, preVoteOn) => {
    for (const late of [append, heartbeat]) {
      const ahead = member({ checkQuorum, preVote: preVoteOn }, [1, 1], 4)
      expect(ahead.node.step(late)).toBe('accepted')
      // It acknowledges nothing: the sender may lead that very term when it hears this.
      const answer = { type: 'MsgAppResp', to: 2, term: 4, index: 0, reject: false }
      expect(ahead.work()).toMatchObject([answer])
    }
  })
})
