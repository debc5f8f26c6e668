import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'
import { bytes, TestMember } from './support/member.ts'

const answer = { type: 'MsgHeartbeatResp', from: 2, to: 1, term: 1, round: 1, committed: 0 } as const

describe('a heartbeat', () => {
  it('goes out every so many ticks, and not earlier because something else is done', () => {
    const cluster = new Cluster({ config: { heartbeatTick: 3, electionTick: 10 } })
    const leader = cluster.elect(1)
    const beats: number[] = []
    for (let tick = 1; tick <= 9; tick++) {
      leader.node.propose([bytes('a')])
      leader.node.tick()
      if (leader.work().some(({ type }) => type === 'MsgHeartbeat')) beats.push(tick)
    }
    expect(beats).toEqual([3, 6, 9])
  })

  it('never says more than what is committed, nor more than the follower is known to have', () => {
    const cluster = new Cluster({ voters: [1, 2, 3, 4, 5] })
    const leader = cluster.elect(1)
    // Members 1 and 2 have the entry, which is no majority.
    cluster.lose = ({ type, to }) => type === 'MsgApp' && to !== 2
    cluster.propose(1, 'a')
    expect(leader.node.status().members.map(({ match }) => match)).toEqual([3, 3, 2, 2, 2])
    leader.node.tick()
    const said = () => leader.work().flatMap(message => (message.type === 'MsgHeartbeat' ? [message.commit] : []))
    expect(said()).toEqual([2, 2, 2, 2])
    leader.node.step({ type: 'MsgAppResp', from: 3, to: 1, term: 1, index: 3, reject: false, rejectHint: 0, logTerm: 0 })
    leader.work()
    leader.node.tick()
    expect(said()).toEqual([3, 3, 2, 2])
  })

  it('is answered with what the follower knows to be committed, which may be more', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    const follower = cluster.member(2)
    follower.node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: 1, round: 7, quiesce: false })
    expect(follower.work()).toMatchObject([{ ...answer, round: 7, committed: 2 }])
  })

  it('is answered without waiting for the disk', () => {
    const { node } = new Cluster().member(2)
    node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 9, commit: 1, round: 7, quiesce: false })
    const { mustSync, messages } = node.ready()
    expect(mustSync).toBe(true)
    expect(messages).toMatchObject([{ ...answer, term: 9, round: 7, committed: 1 }])
  })

  it('that said less than the message before lets the commit index be sent once more: that one may be lost', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    const acknowledge = (from: number) =>
      node.step({ type: 'MsgAppResp', from, to: 1, term: 1, index: 3, reject: false, rejectHint: 0, logTerm: 0 })
    node.propose([bytes('a')])
    cluster.member(1).work()
    acknowledge(2)
    // The commit index is on its way to member 3, which has not said that it has the entry.
    expect(cluster.member(1).work()).toContainEqual(expect.objectContaining({ type: 'MsgApp', to: 3, commit: 3 }))
    node.tick()
    expect(cluster.member(1).work()).toContainEqual(expect.objectContaining({ type: 'MsgHeartbeat', to: 3, commit: 2 }))
    acknowledge(3)
    expect(cluster.member(1).work()).toContainEqual(expect.objectContaining({ type: 'MsgApp', to: 3, commit: 3 }))
  })

  it('of a round that was never sent confirms no read', () => {
    const cluster = new Cluster()
    const leader = cluster.elect(1)
    leader.node.readIndex(7)
    leader.node.step({ ...answer, round: 99 })
    leader.workOnce()
    leader.work()
    expect(leader.reads).toEqual([])
    leader.node.step(answer)
    leader.work()
    expect(leader.reads).toMatchObject([{ context: 7 }])
  })
})

describe('a sleep', () => {
  it('that goes on is true, and says nothing more', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    cluster.tick(1)
    expect(node.quiesce()).toBe(true)
    cluster.settle()
    expect(node.quiesce()).toBe(true)
    expect(node.hasReady()).toBe(false)
  })

  it('is not begun by a single voter that does not lead yet, or nobody ever would', () => {
    const cluster = new Cluster({ voters: [1] })
    expect(cluster.member(1).node.quiesce()).toBe(false)
    cluster.tick(1, 20)
    expect(cluster.leaders()).toEqual([1])
  })

  it('is not begun while an entry that all members have is not applied', () => {
    const cluster = new Cluster({ voters: [1], config: { asyncStorageWrites: true } })
    const { node, log } = cluster.elect(1)
    expect(node.quiesce()).toBe(true)
    node.propose([bytes('a')])
    const { storageAppend } = node.ready()
    log.append(storageAppend?.entries ?? [])
    for (const response of storageAppend?.responses ?? []) node.stepLocal(response)
    expect(node.status()).toMatchObject({ committed: 3, applied: 2 })
    expect(node.quiesce()).toBe(false)
    for (const response of node.ready().storageApply?.responses ?? []) node.stepLocal(response)
    expect(node.quiesce()).toBe(true)
  })

  it('is not begun while a follower is being probed', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    cluster.tick(1)
    node.reportUnreachable(2)
    expect(node.quiesce()).toBe(false)
  })

  it('is not ended by a heartbeat of an earlier term, nor by what was being saved and applied', () => {
    const cluster = new Cluster()
    const start = cluster.member(2).log.snapshot()
    if (start === undefined) throw new Error('the log starts from a snapshot')
    const { node, log } = new TestMember({ id: 2, random: { u32: () => 0 }, asyncStorageWrites: true }, start)
    const heartbeat = { type: 'MsgHeartbeat', from: 1, to: 2, term: 2, commit: 2, round: 1, quiesce: true } as const
    const entries = [{ index: 2, term: 2, type: 'normal', data: bytes('a') }] as const
    node.step({ type: 'MsgApp', from: 1, to: 2, term: 2, index: 1, logTerm: 1, entries, commit: 2 })
    const { storageAppend } = node.ready()
    node.step(heartbeat)
    expect(node.status().isQuiesced).toBe(true)
    log.append(storageAppend?.entries ?? [])
    for (const response of storageAppend?.responses ?? []) if (response.to === 2) node.stepLocal(response)
    expect(node.status().isQuiesced).toBe(true)
    const { storageApply } = node.ready()
    for (const response of storageApply?.responses ?? []) node.stepLocal(response)
    expect(node.status()).toMatchObject({ applied: 2, isQuiesced: true })
    node.step({ ...heartbeat, term: 1, quiesce: false })
    expect(node.status().isQuiesced).toBe(true)
    node.step({ ...heartbeat, quiesce: false })
    expect(node.status().isQuiesced).toBe(false)
  })
})
