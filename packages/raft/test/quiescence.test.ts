import { HeartbeatCoalescer, type MsgHeartbeat, type MsgHeartbeatResp, memberId, type PeerMessage } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'
import { bytes } from './support/member.ts'

/** A group that sleeps. */
function sleeping(config = {}): Cluster {
  const cluster = new Cluster({ config })
  cluster.elect(1)
  cluster.propose(1, 'a')
  cluster.tick(1)
  expect(cluster.member(1).node.quiesce()).toBe(true)
  cluster.settle()
  return cluster
}

function asleep(cluster: Cluster): boolean[] {
  return [...cluster.members.values()].map(({ node }) => node.status().isQuiesced)
}

describe('a group that sleeps', () => {
  it('says nothing and starts no election, however long it sleeps', () => {
    const cluster = sleeping()
    expect(asleep(cluster)).toEqual([true, true, true])
    for (const { node } of cluster.members.values()) {
      for (let i = 0; i < 1_000; i++) node.tick()
      expect(node.hasReady()).toBe(false)
    }
  })

  it('wakes for a proposal, wherever that comes', () => {
    for (const at of [1, 2]) {
      const cluster = sleeping()
      cluster.propose(at, 'b')
      expect(asleep(cluster).filter(is => is).length).toBe(0)
      expect(cluster.member(3).applied).toEqual(['a', 'b'])
      cluster.tickAll(100)
      expect(cluster.leaders()).toEqual([1])
    }
  })

  it('wakes for a read', () => {
    const cluster = sleeping()
    cluster.member(2).node.readIndex(7)
    cluster.settle()
    expect(cluster.member(2).reads).toHaveLength(1)
    expect(asleep(cluster)).toEqual([false, false, false])
  })

  it('wakes its followers with the first heartbeat of a leader that was woken', () => {
    const cluster = sleeping()
    cluster.member(1).node.wake()
    cluster.tick(1)
    expect(asleep(cluster)).toEqual([false, false, false])
  })

  it('wakes its followers with the next tick, however rare heartbeats are', () => {
    const cluster = sleeping({ heartbeatTick: 5, electionTick: 10 })
    cluster.member(1).node.wake()
    cluster.tick(1)
    expect(asleep(cluster)).toEqual([false, false, false])
  })

  it('gives its leader a whole election time-out from when it is woken', () => {
    const cluster = new Cluster({ config: { random: { u32: () => 0 } } })
    cluster.elect(1)
    cluster.tick(1)
    for (let i = 0; i < 9; i++) cluster.member(2).node.tick()
    cluster.member(1).node.quiesce()
    cluster.lose = ({ to }) => to === 2
    const asleepNow = { type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 2, round: 9, quiesce: true } as const
    cluster.member(2).node.step(asleepNow)
    cluster.member(2).node.wake()
    for (let i = 0; i < 9; i++) cluster.member(2).node.tick()
    expect(cluster.role(2)).toBe('follower')
    cluster.member(2).node.tick()
    expect(cluster.role(2)).toBe('pre-candidate')
  })

  it('replaces a leader that is gone once a member is woken, and not before its time-out', () => {
    const cluster = sleeping()
    cluster.stop(1)
    cluster.tickAll(100)
    expect(cluster.leaders()).toEqual([])
    for (const id of [2, 3]) cluster.member(id).node.wake()
    cluster.tickAll(9)
    expect(cluster.leaders()).toEqual([])
    cluster.tickAll(30)
    expect(cluster.leaders()).toHaveLength(1)
  })

  it('is awake at members that forget their leader, or nobody would ever replace that one', () => {
    const cluster = sleeping()
    cluster.stop(1)
    for (const id of [2, 3]) expect(cluster.member(id).node.forgetLeader()).toBe(true)
    cluster.tickAll(60)
    expect(cluster.leaders()).toHaveLength(1)
  })

  it('is woken by a member that did not hear that it was to sleep, and keeps its leader', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.tick(1)
    cluster.lose = ({ to, type }) => to === 3 && type === 'MsgHeartbeat'
    cluster.member(1).node.quiesce()
    cluster.settle()
    expect(asleep(cluster)).toEqual([true, true, false])
    cluster.lose = () => false
    cluster.tickAll(60)
    expect(asleep(cluster)).toEqual([false, false, false])
    expect(cluster.leaders()).toEqual([1])
    expect(cluster.member(1).node.status().term).toBe(1)
  })

  it('does not put a member to sleep that has entries of which nobody said that they are committed', () => {
    const cluster = new Cluster({ logs: { 2: [1, 1] } })
    const { node } = cluster.member(2)
    node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 2, round: 1, quiesce: true })
    expect(node.status().isQuiesced).toBe(false)
    node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 3, round: 1, quiesce: true })
    expect(node.status().isQuiesced).toBe(true)
  })

  it('gives no lease once that has run out', () => {
    const cluster = new Cluster({ config: { lease: { tickMs: 10, maxClockDriftPpm: 0 } } })
    const tick = (nowMs: number) => {
      for (const { node } of cluster.members.values()) node.tick(nowMs)
      cluster.settle()
    }
    for (let nowMs = 0; nowMs < 200; nowMs += 10) tick(nowMs)
    cluster.elect(cluster.leaders()[0] ?? 1)
    tick(200)
    const leader = cluster.member(cluster.leaders()[0] ?? 1).node
    expect(leader.leaseRead(200)).toBeDefined()
    expect(leader.quiesce()).toBe(true)
    cluster.settle()
    for (let nowMs = 210; nowMs <= 300; nowMs += 10) tick(nowMs)
    expect(leader.leaseRead(300)).toBeUndefined()
  })
})

describe('a leader refuses to let its group sleep', () => {
  const leading = () => {
    const cluster = new Cluster({ learners: [4] })
    cluster.elect(1)
    cluster.tick(1)
    return cluster
  }

  it('when it does not lead', () => {
    expect(leading().member(2).node.quiesce()).toBe(false)
  })

  it('while an entry is not on every member, learners too', () => {
    for (const id of [3, 4]) {
      const cluster = leading()
      cluster.lose = ({ to, type }) => to === id && type === 'MsgApp'
      cluster.propose(1, 'b')
      expect(cluster.member(1).node.quiesce()).toBe(false)
    }
  })

  it('while a member has not been heard of', () => {
    const cluster = leading()
    cluster.stop(3)
    cluster.tick(1, 20)
    expect(cluster.member(1).node.quiesce()).toBe(false)
  })

  it('while something is not applied', () => {
    const cluster = leading()
    cluster.member(1).node.propose([bytes('b')])
    expect(cluster.member(1).node.quiesce()).toBe(false)
  })

  it('while a read waits', () => {
    const cluster = leading()
    cluster.member(1).node.readIndex(1)
    expect(cluster.member(1).node.quiesce()).toBe(false)
  })

  it('while leadership is being handed over', () => {
    const cluster = leading()
    cluster.member(1).node.transferLeadership(2)
    expect(cluster.member(1).node.quiesce()).toBe(false)
  })

  it('in a joint configuration', () => {
    const cluster = leading()
    cluster.change(1, [{ type: 'remove-node', nodeId: 4 }], 'joint-explicit')
    cluster.tick(1)
    expect(cluster.member(1).node.quiesce()).toBe(false)
  })
})

describe('heartbeats of many groups', () => {
  const beat = (to: number, round: number): MsgHeartbeat => ({
    type: 'MsgHeartbeat',
    to,
    from: 1,
    term: 1,
    commit: 0,
    round,
    quiesce: false,
  })
  const answer = (to: number): MsgHeartbeatResp => ({ type: 'MsgHeartbeatResp', to, from: 1, term: 1, round: 1, committed: 0 })

  it('share a frame for each node, whichever incarnation they are for', () => {
    const coalescer = new HeartbeatCoalescer()
    const messages: [number, PeerMessage][] = [
      [10, beat(memberId(3), 1)],
      [10, beat(memberId(2), 2)],
      [11, answer(memberId(3, 5))],
      [12, beat(memberId(3), 3)],
    ]
    for (const [group, message] of messages) expect(coalescer.take(group, message)).toBe(true)
    const frames = coalescer.drain()
    expect(frames.map(({ node, groups }) => [node, groups])).toEqual([
      [2, [10]],
      [3, [10, 11, 12]],
    ])
    expect(frames[1]?.messages).toEqual([beat(3, 1), answer(memberId(3, 5)), beat(3, 3)])
    expect(coalescer.drain()).toEqual([])
  })

  it('fill frames up to a limit', () => {
    const coalescer = new HeartbeatCoalescer(2)
    for (let group = 0; group < 5; group++) coalescer.take(group, beat(2, group))
    expect(coalescer.drain().map(({ groups }) => groups)).toEqual([[0, 1], [2, 3], [4]])
  })

  it('take nothing else along', () => {
    const coalescer = new HeartbeatCoalescer()
    expect(coalescer.take(1, { type: 'MsgTimeoutNow', to: 2, from: 1, term: 1 })).toBe(false)
    expect(coalescer.drain()).toEqual([])
  })

  it.each<readonly [string, unknown, unknown]>([
    ['group', -1, beat(2, 1)],
    ['group', '1', beat(2, 1)],
    ['message', 1, undefined],
    ['message', 1, {}],
    ['member', 1, { ...beat(2, 1), to: '2' }],
  ])('are refused for a %s that is none, and count nothing', (option, group, message) => {
    const coalescer = new HeartbeatCoalescer(1, 1)
    const refused = expect.objectContaining({ code: 'DX_OPTION', details: expect.objectContaining({ option }) })
    expect(() => coalescer.take(group as number, message as PeerMessage)).toThrow(refused)
    expect(coalescer.take(0, beat(2, 1))).toBe(true)
    expect(coalescer.drain()).toHaveLength(1)
  })

  it('gather up to a limit, all nodes together, and then go by themselves until what has gathered is sent', () => {
    const coalescer = new HeartbeatCoalescer(2, 3)
    for (let round = 0; round < 2; round++) {
      expect([2, 3, 2, 2, 3, 4].map(to => coalescer.take(to, to === 3 ? answer(to) : beat(to, round)))).toEqual([
        ...[true, true, true],
        ...[false, false, false],
      ])
      expect(coalescer.drain().map(({ groups }) => groups)).toEqual([[2, 2], [3]])
    }
    const usual = new HeartbeatCoalescer()
    for (let group = 0; group < 100_000; group++) usual.take(group, beat(2, 1))
    expect(usual.take(100_000, beat(2, 1))).toBe(false)
    expect(usual.drain()).toHaveLength(100)
  })

  it('do not fill up with what they do not take along', () => {
    const coalescer = new HeartbeatCoalescer(1, 1)
    coalescer.take(1, { type: 'MsgTimeoutNow', to: 2, from: 1, term: 1 })
    expect(coalescer.take(1, beat(2, 1))).toBe(true)
  })

  it.each([0, 10_000_001, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuse to gather %d', limit => {
    expect(() => new HeartbeatCoalescer(1, limit)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })

  it.each([0, 1_000_001, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuse a limit of %d', limit => {
    expect(() => new HeartbeatCoalescer(limit)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })

  it('take limits from one message to a million', () => {
    const alone = new HeartbeatCoalescer(1)
    for (const group of [1, 2]) alone.take(group, beat(2, group))
    expect(alone.drain().map(({ groups }) => groups)).toEqual([[1], [2]])
    expect(() => new HeartbeatCoalescer(1_000_000, 10_000_000)).not.toThrow()
  })
})
