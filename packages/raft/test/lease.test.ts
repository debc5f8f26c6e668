import type { PeerMessage } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'
import { Leased, PROMISE, TICK } from './support/leased.ts'

describe('a lease (thesis, section 6.4.1)', () => {
  it('answers a read at once while a majority has promised', () => {
    const cluster = new Leased().begin()
    const { node } = cluster.member(1)
    expect(node.leaseRead(cluster.now(1))).toBeUndefined()
    cluster.pass(1, TICK)
    const read = node.leaseRead(cluster.now(1))
    expect(read).toEqual({ index: 2, term: 1 })
    expect(read !== undefined && node.leaseCovers(read, cluster.now(1) + PROMISE - 1)).toBe(true)
    expect(read !== undefined && node.leaseCovers(read, cluster.now(1) + PROMISE)).toBe(false)
    expect(node.leaseRead(cluster.now(1) + PROMISE - 1)).toBeDefined()
    expect(node.leaseRead(cluster.now(1) + PROMISE)).toBeUndefined()
  })

  it('counts from when the round was sent, however late the answers are', () => {
    const cluster = new Leased().begin()
    const { node } = cluster.member(1)
    const sentAt = cluster.now(1) + TICK
    cluster.clocks.set(1, sentAt)
    node.tick(sentAt)
    cluster.work()
    const round = cluster.take(() => true)
    cluster.lose = ({ type }) => type === 'MsgHeartbeat'
    cluster.pass(1, 3 * TICK)
    for (const message of round) cluster.member(message.to).node.step(message)
    cluster.settle()
    expect(node.leaseRead(sentAt + PROMISE - 1)).toBeDefined()
    expect(node.leaseRead(sentAt + PROMISE)).toBeUndefined()
  })

  it('is shorter by what clocks may differ', () => {
    const cluster = new Leased({ lease: { tickMs: TICK, maxClockDriftPpm: 100_000 } }).begin()
    cluster.pass(1, TICK)
    const least = (PROMISE * 0.9) / 1.1
    expect(cluster.member(1).node.leaseRead(cluster.now(1) + Math.floor(least))).toBeDefined()
    expect(cluster.member(1).node.leaseRead(cluster.now(1) + Math.ceil(least))).toBeUndefined()
  })

  it('is not had without a majority, nor before the first commit of the term', () => {
    const cluster = new Leased().begin()
    cluster.partition([1], [2, 3])
    cluster.pass(1, TICK)
    expect(cluster.member(1).node.leaseRead(cluster.now(1))).toBeUndefined()
    cluster.heal()
    cluster.pass(1, TICK)
    expect(cluster.member(1).node.leaseRead(cluster.now(1))).toBeDefined()
  })

  it('is of no use before the first commit of the term', () => {
    const cluster = new Leased()
    cluster.passAll(10)
    cluster.lose = ({ type }) => type === 'MsgAppResp'
    cluster.elect(1)
    cluster.pass(1, TICK)
    expect(cluster.role(1)).toBe('leader')
    expect(cluster.member(1).node.leaseRead(cluster.now(1))).toBeUndefined()
    cluster.lose = () => false
    cluster.pass(1, TICK)
    cluster.pass(1, TICK)
    expect(cluster.member(1).node.leaseRead(cluster.now(1))).toBeDefined()
  })

  it('is a promise: who has heard the leader votes for nobody else before it is over', () => {
    const cluster = new Leased().begin()
    const voter = cluster.member(2)
    const ask = (term: number) => {
      voter.node.step({ type: 'MsgVote', from: 3, to: 2, term, index: 9, logTerm: term, transfer: false, committed: 0, committedTerm: 0 })
      return voter.node.status().vote === 3
    }
    cluster.pass(1, TICK)
    // The first tick after the leader was heard, from which the promise counts.
    cluster.clocks.set(2, 5_000)
    voter.node.tick(5_000)
    expect(ask(2)).toBe(false)
    voter.node.tick(5_000 + PROMISE - 1)
    expect(ask(2)).toBe(false)
    voter.node.tick(5_000 + PROMISE)
    voter.node.forgetLeader()
    // Ticks were few, so the leader is still protected as without leases; that is over after as many ticks.
    for (let i = 0; i < 10; i++) voter.node.tick(5_000 + PROMISE)
    expect(ask(3)).toBe(true)
  })

  it('is a promise that bunched ticks do not shorten, for votes and for elections of its own', () => {
    const cluster = new Leased().begin()
    cluster.pass(1, TICK)
    const { node } = cluster.member(2)
    for (let i = 0; i < 100; i++) node.tick(5_000)
    expect(node.status().role).toBe('follower')
    expect(node.campaign()).toBe('promised')
    node.step({ type: 'MsgVote', from: 3, to: 2, term: 2, index: 9, logTerm: 2, transfer: false, committed: 0, committedTerm: 0 })
    expect(node.status()).toMatchObject({ term: 1, vote: 1 })
    node.tick(5_000 + PROMISE)
    expect(node.status().role).toBe('candidate')
  })

  it('is a promise in every term: a newer one that the member came to know of by itself does not break it', () => {
    const cluster = new Leased({ preVote: true }).begin()
    const late: PeerMessage[] = []
    cluster.lose = message => {
      const isLate = message.type === 'MsgVote' || (message.type === 'MsgPreVoteResp' && message.reject)
      if (isLate) late.push(message)
      return isLate || message.from === 1 || message.to === 1
    }
    // Member 3 asks for votes in term 2; member 2, which the request has not reached, would like to lead too and is told of that term.
    for (let i = 0; i < 10; i++) for (const id of [2, 3]) cluster.pass(id, TICK)
    cluster.member(3).node.campaign()
    cluster.settle()
    expect(cluster.member(3).node.status()).toMatchObject({ role: 'candidate', term: 2 })
    cluster.member(2).node.campaign()
    cluster.settle()
    // Both messages are late. Meanwhile member 2 hears its leader again, which therefore has a lease.
    cluster.lose = ({ from, to }) => from === 3 || to === 3
    cluster.pass(1, TICK)
    expect(cluster.member(1).node.leaseRead(cluster.now(1))).toBeDefined()
    cluster.partition([1], [2, 3])
    cluster.lose = () => false
    for (const message of late.reverse()) if (message.to === 2) cluster.member(2).node.step(message)
    cluster.settle()
    expect(cluster.member(2).node.status()).toMatchObject({ term: 2, vote: 0 })
    expect(cluster.leaders()).toEqual([1])
    // The promise ends, and with it what it held up.
    for (let i = 0; i < 30; i++) for (const id of [2, 3]) cluster.pass(id, TICK)
    expect(cluster.leaders()).toHaveLength(2)
    expect(cluster.member(1).node.leaseRead(cluster.now(2))).toBeUndefined()
  })

  it('is a promise that a restart does not take back', () => {
    const cluster = new Leased().begin()
    cluster.pass(1, TICK)
    cluster.stop(2)
    cluster.start(2)
    const { node } = cluster.member(2)
    const ask = (term: number) => {
      node.step({ type: 'MsgVote', from: 3, to: 2, term, index: 9, logTerm: term, transfer: false, committed: 0, committedTerm: 0 })
      return node.status().vote === 3
    }
    expect(ask(2)).toBe(false)
    node.tick(0)
    node.tick(PROMISE - 1)
    expect(ask(2)).toBe(false)
    node.tick(PROMISE)
    expect(ask(2)).toBe(true)
  })

  it('is void as soon as leadership is being handed over, and for the rest of the term once the other was asked', () => {
    const cluster = new Leased().begin()
    const { node } = cluster.member(1)
    cluster.pass(1, TICK)
    const read = node.leaseRead(cluster.now(1))
    cluster.lose = ({ type }) => type === 'MsgTimeoutNow'
    expect(node.transferLeadership(2)).toBe('started')
    expect(node.leaseRead(cluster.now(1))).toBeUndefined()
    expect(read !== undefined && node.leaseCovers(read, cluster.now(1))).toBe(false)
    cluster.settle()
    for (let i = 0; i < 12; i++) cluster.pass(1, TICK)
    expect(node.status()).toMatchObject({ role: 'leader', transferee: 0 })
    expect(node.leaseRead(cluster.now(1))).toBeUndefined()
  })

  it('is had again after a transfer that was given up before the other was asked', () => {
    const cluster = new Leased().begin()
    const { node } = cluster.member(1)
    cluster.partition([1, 3], [2])
    cluster.propose(1, 'a')
    cluster.pass(1, TICK)
    expect(node.leaseRead(cluster.now(1))).toBeDefined()
    expect(node.transferLeadership(2)).toBe('started')
    expect(node.leaseRead(cluster.now(1))).toBeUndefined()
    for (let i = 0; i < 12; i++) cluster.pass(1, TICK)
    expect(node.status()).toMatchObject({ role: 'leader', transferee: 0 })
    expect(node.leaseRead(cluster.now(1))).toBeDefined()
  })

  it('does not hold up a transfer: who takes over breaks the promises, after the leader has lost its lease', () => {
    const cluster = new Leased().begin()
    cluster.pass(1, TICK)
    cluster.member(1).node.transferLeadership(2)
    cluster.settle()
    expect(cluster.leaders()).toEqual([2])
    cluster.pass(2, TICK)
    expect(cluster.member(2).node.leaseRead(cluster.now(2))).toBeDefined()
    expect(cluster.member(1).node.leaseRead(cluster.now(1))).toBeUndefined()
  })

  it('ends with leadership, and a later term of the same leader does not cover an earlier read', () => {
    const cluster = new Leased().begin()
    cluster.pass(1, TICK)
    const { node } = cluster.member(1)
    const read = node.leaseRead(cluster.now(1))
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 2, index: 0, reject: false, rejectHint: 0, logTerm: 0 })
    expect(read !== undefined && node.leaseCovers(read, cluster.now(1))).toBe(false)
    cluster.passAll(30)
    const leader = cluster.leaders()[0] ?? 0
    cluster.member(leader).node.transferLeadership(1)
    cluster.settle()
    cluster.passAll(1)
    expect(cluster.leaders()).toEqual([1])
    expect(node.leaseRead(cluster.now(1))).toBeDefined()
    expect(read !== undefined && node.leaseCovers(read, cluster.now(1))).toBe(false)
  })

  it('keeps followers from forgetting their leader', () => {
    const cluster = new Leased().begin()
    expect(cluster.member(2).node.forgetLeader()).toBe(false)
    expect(cluster.member(2).node.status().leader).toBe(1)
  })

  it('needs the time with each tick, and lets it not go back', () => {
    const cluster = new Leased().begin()
    expect(() => cluster.member(1).node.tick()).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    cluster.pass(1, TICK)
    const until = cluster.now(1) + PROMISE
    cluster.member(1).node.tick(0)
    cluster.settle()
    expect(cluster.member(1).node.leaseRead(until - 1)).toBeDefined()
    expect(cluster.member(1).node.leaseRead(until)).toBeUndefined()
  })

  it('is not had for a time before the newest tick', () => {
    const cluster = new Leased({ heartbeatTick: 5 }).begin()
    for (let i = 0; i < 5; i++) cluster.pass(1, TICK)
    const { node } = cluster.member(1)
    const early = cluster.now(1)
    const read = node.leaseRead(early)
    expect(read).toBeDefined()
    cluster.lose = () => true
    cluster.pass(1, PROMISE)
    expect(node.leaseRead(early)).toBeUndefined()
    expect(read !== undefined && node.leaseCovers(read, early)).toBe(false)
    for (const nowMs of [Number.NEGATIVE_INFINITY, Number.NaN, undefined, null, '1', 1n])
      for (const ask of [() => node.leaseRead(nowMs as number), () => read && node.leaseCovers(read, nowMs as number)])
        expect(ask).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })

  it('of a single voter is its own', () => {
    const cluster = new Leased({}, [1]).begin()
    cluster.pass(1, TICK)
    expect(cluster.member(1).node.leaseRead(cluster.now(1))).toBeDefined()
  })

  it('is never had without the option', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.tick(1, 3)
    expect(cluster.member(1).node.leaseRead(0)).toBeUndefined()
  })
})
