import { describe, expect, it } from 'vitest'
import { Leased, PROMISE, TICK } from './support/leased.ts'

describe('the promise of a lease', () => {
  it('is broken by who was asked to take over, also in a term that is known otherwise', () => {
    for (const transfer of [true, false]) {
      const cluster = new Leased().begin()
      cluster.pass(1, TICK)
      const { node } = cluster.member(2)
      node.step({ type: 'MsgPreVoteResp', from: 3, to: 2, term: 2, reject: true, committed: 0, committedTerm: 0 })
      expect(node.status()).toMatchObject({ term: 2, vote: 0 })
      node.step({ type: 'MsgVote', from: 3, to: 2, term: 2, index: 9, logTerm: 1, transfer, committed: 0, committedTerm: 0 })
      expect(node.status().vote).toBe(transfer ? 3 : 0)
    }
  })

  it('is renewed by whatever the leader sends', () => {
    const cluster = new Leased().begin()
    const { node } = cluster.member(2)
    const late = cluster.now(2) + 10 * PROMISE
    node.tick(late)
    node.tick(late + PROMISE)
    node.step({ type: 'MsgApp', from: 1, to: 2, term: 1, index: 1, logTerm: 1, entries: [], commit: 1 })
    expect(node.campaign()).toBe('promised')
  })

  it('lasts all its time by the own clock: only the lease is shorter by what clocks may differ', () => {
    const cluster = new Leased({ lease: { tickMs: TICK, maxClockDriftPpm: 100_000 } }).begin()
    cluster.pass(1, TICK)
    const { node } = cluster.member(2)
    const heard = cluster.now(2) + TICK
    node.tick(heard)
    node.tick(heard + PROMISE - 1)
    expect(node.campaign()).toBe('promised')
    node.tick(heard + PROMISE)
    expect(node.campaign()).toBe('started')
  })

  it('ends in a sleep too, so that who is woken may replace a leader that is gone', () => {
    const cluster = new Leased({ preVote: true }).begin()
    cluster.pass(1, TICK)
    expect(cluster.member(1).node.quiesce()).toBe(true)
    cluster.settle()
    expect(cluster.member(2).node.status().isQuiesced).toBe(true)
    cluster.passAll(20)
    cluster.stop(1)
    cluster.member(2).node.wake()
    expect(cluster.member(2).node.campaign()).toBe('started')
  })
})

describe('the lease of a leader', () => {
  it('is had again in a later term, though leadership was handed over in an earlier one', () => {
    const cluster = new Leased().begin()
    for (const [from, to] of [
      [1, 2],
      [2, 1],
    ] as const) {
      cluster.member(from).node.transferLeadership(to)
      cluster.settle()
      cluster.passAll(1)
      expect(cluster.leaders()).toEqual([to])
      expect(cluster.member(to).node.leaseRead(cluster.now(to))).toBeDefined()
    }
  })

  it('counts from the newest round that a majority has answered', () => {
    const cluster = new Leased().begin()
    for (let i = 0; i < 5; i++) cluster.pass(1, TICK)
    const { node } = cluster.member(1)
    expect(node.leaseRead(cluster.now(1) + PROMISE - 1)).toBeDefined()
    expect(node.leaseRead(cluster.now(1) + PROMISE)).toBeUndefined()
  })

  it('counts from a round of long ago too, as long as it lasts, and answers that overtake one another change nothing', () => {
    const cluster = new Leased().begin()
    const { node } = cluster.member(1)
    cluster.lose = ({ type }) => type === 'MsgHeartbeatResp'
    const sent: number[] = []
    for (let i = 0; i < 9; i++) {
      cluster.pass(1, TICK)
      sent.push(cluster.now(1))
    }
    const answer = (round: number) => node.step({ type: 'MsgHeartbeatResp', from: 2, to: 1, term: 1, round, committed: 2 })
    const endsAt = (time: number) => [node.leaseRead(time - 1) !== undefined, node.leaseRead(time) !== undefined]
    answer(2)
    expect(endsAt((sent[1] ?? 0) + PROMISE)).toEqual([true, false])
    answer(4)
    expect(endsAt((sent[3] ?? 0) + PROMISE)).toEqual([true, false])
    answer(3)
    expect(endsAt((sent[3] ?? 0) + PROMISE)).toEqual([true, false])
  })

  it('reads what is committed, also if it is not applied yet', () => {
    const cluster = new Leased({}, [1]).begin()
    cluster.pass(1, TICK)
    const member = cluster.member(1)
    member.node.propose([new Uint8Array(1)])
    const ready = member.node.ready()
    member.log.append(ready.entries)
    member.node.advance()
    const { committed, applied } = member.node.status()
    expect(committed).toBeGreaterThan(applied)
    expect(member.node.leaseRead(cluster.now(1))).toEqual({ index: committed, term: 1 })
  })

  it('takes no time that is none', () => {
    const { node } = new Leased().member(1)
    for (const nowMs of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, undefined])
      expect(() => node.tick(nowMs)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })
})
