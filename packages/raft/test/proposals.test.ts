import { encodeConfChange } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'
import { bytes } from './support/member.ts'

describe('a proposal', () => {
  it('gets the indexes after the last one, in its order', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    expect(node.propose([bytes('a'), bytes('b')])).toEqual({ kind: 'appended', index: 3, term: 1 })
    expect(node.propose([bytes('c')])).toEqual({ kind: 'appended', index: 5, term: 1 })
    cluster.settle()
    expect(cluster.member(3).applied).toEqual(['a', 'b', 'c'])
  })

  it('keeps its very bytes', () => {
    const cluster = new Cluster({ voters: [1] })
    const { node } = cluster.elect(1)
    const data = bytes('a')
    node.propose([data])
    expect(node.ready().entries[0]?.data).toBe(data)
  })

  it('goes to the leader from a follower, and from a learner', () => {
    const cluster = new Cluster({ learners: [4] })
    cluster.elect(1)
    for (const id of [2, 4]) expect(cluster.member(id).node.propose([bytes(`from ${id}`)])).toEqual({ kind: 'forwarded', to: 1 })
    cluster.settle()
    expect(cluster.member(3).applied).toEqual(['from 2', 'from 4'])
  })

  it('of several entries is counted whole by its leader', () => {
    const cluster = new Cluster({ voters: [1] })
    const { node } = cluster.elect(1)
    node.propose([bytes('a'), bytes('b'), bytes('c')])
    cluster.settle()
    expect(cluster.member(1).applied).toEqual(['a', 'b', 'c'])
  })

  it('that is passed on keeps the name of who asked first', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.member(2).node.step({ type: 'MsgProp', from: 3, to: 2, term: 0, entries: [{ type: 'normal', data: bytes('a') }] })
    expect(cluster.member(2).work()).toMatchObject([{ type: 'MsgProp', from: 3, to: 1 }])
  })

  it('of an earlier leader counts nothing when this one applies it', () => {
    const cluster = new Cluster({ logs: { 1: [1, 1] } })
    const { node } = cluster.elect(1)
    expect(cluster.member(1).applied).toEqual(['t1i2', 't1i3'])
    expect(node.status().uncommittedBytes).toBe(0)
  })

  it('goes on to the next one when who is asked leads no more, and may come back to who asked', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.member(2).node.propose([bytes('a')])
    cluster.network.push(...cluster.member(2).work())
    const [late] = cluster.take(({ type }) => type === 'MsgProp')
    cluster.member(1).node.transferLeadership(2)
    cluster.settle()
    expect(late).toMatchObject({ to: 1, from: 2 })
    if (late !== undefined) cluster.member(1).node.step(late)
    cluster.settle()
    expect(cluster.member(3).applied).toEqual(['a'])
  })

  it('is dropped where forwarding is off, and where no leader is known', () => {
    const cluster = new Cluster({ config: { disableProposalForwarding: true } })
    expect(cluster.member(2).node.propose([bytes('a')])).toEqual({ kind: 'dropped', reason: 'no-leader' })
    cluster.elect(1)
    expect(cluster.member(2).node.propose([bytes('a')])).toEqual({ kind: 'dropped', reason: 'forwarding-disabled' })
    cluster.member(2).node.campaign()
    cluster.member(2).work()
  })

  it('is dropped while an election is under way', () => {
    const cluster = new Cluster()
    cluster.member(1).node.campaign()
    expect(cluster.member(1).node.propose([bytes('a')])).toEqual({ kind: 'dropped', reason: 'no-leader' })
  })

  it('that was passed on and dropped is told to who delivered it', () => {
    const cluster = new Cluster()
    expect(cluster.member(1).node.step({ type: 'MsgProp', from: 2, to: 1, term: 0, entries: [{ type: 'normal', data: bytes('a') }] })).toBe(
      'proposal-dropped',
    )
  })

  it('of nothing is refused', () => {
    expect(() => new Cluster().member(1).node.propose([])).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
  })

  it('is lost when another leader has another entry in its place, and the state machine never sees it', () => {
    const cluster = new Cluster({ config: { checkQuorum: false, preVote: false } })
    cluster.elect(1)
    cluster.partition([1], [2, 3])
    cluster.propose(1, 'lost')
    cluster.elect(2)
    cluster.propose(2, 'kept')
    cluster.heal()
    cluster.tick(2, 2)
    for (const id of [1, 2, 3]) expect(cluster.member(id).applied).toEqual(['kept'])
  })
})

describe('a configuration change that is proposed', () => {
  const change = (nodeId: number) => ({
    transition: 'auto' as const,
    changes: [{ type: 'add-node' as const, nodeId }],
    context: bytes('why'),
  })

  it('carries bytes for the application', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    node.proposeConfChange(change(4))
    const entry = node.ready().entries[0]
    expect(new TextDecoder().decode(entry?.data).endsWith('why')).toBe(true)
  })

  it('is passed on by a follower', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    expect(cluster.member(2).node.proposeConfChange(change(4)).kind).toBe('forwarded')
    cluster.settle()
    expect(cluster.member(3).confState.voters).toEqual([1, 2, 3, 4])
  })

  it('of bytes that are none is replaced by an entry without data, and stops nobody', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster
      .member(1)
      .node.step({ type: 'MsgProp', from: 2, to: 1, term: 0, entries: [{ type: 'conf-change', data: new Uint8Array([9, 9]) }] })
    cluster.settle()
    expect(cluster.member(2).log.entries(3, 4, 999)).toMatchObject([{ type: 'normal', data: new Uint8Array(0) }])
  })

  it('is refused by itself: what came with it is appended', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    const entries = [
      { type: 'normal' as const, data: bytes('a') },
      { type: 'conf-change' as const, data: new Uint8Array(0) },
      { type: 'normal' as const, data: bytes('b') },
    ]
    cluster.member(1).node.step({ type: 'MsgProp', from: 2, to: 1, term: 0, entries })
    cluster.settle()
    expect(cluster.member(2).applied).toEqual(['a', 'b'])
    expect(cluster.member(2).node.status().lastIndex).toBe(5)
  })

  it('that was dropped for its size leaves room for the next one', () => {
    const cluster = new Cluster({ config: { maxUncommittedEntriesSize: 10 } })
    const { node } = cluster.elect(1)
    node.propose([new Uint8Array(9)])
    expect(node.proposeConfChange(change(4))).toEqual({ kind: 'dropped', reason: 'full' })
    cluster.settle()
    expect(node.proposeConfChange(change(4)).kind).toBe('appended')
  })

  it('for a member that cannot be is refused at once', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    expect(() => node.proposeConfChange(change(-1))).toThrow('changes[0].nodeId is -1')
  })

  it('is refused while the one before is committed and not applied', () => {
    const cluster = new Cluster({ voters: [1], config: { asyncStorageWrites: true } })
    const { node, log } = cluster.elect(1)
    node.proposeConfChange(change(4))
    const { storageAppend } = node.ready()
    log.append(storageAppend?.entries ?? [])
    for (const response of storageAppend?.responses ?? []) node.stepLocal(response)
    expect(node.status()).toMatchObject({ committed: 3, applied: 2 })
    expect(node.proposeConfChange(change(5))).toMatchObject({ kind: 'refused', reason: 'another change may not be applied yet' })
  })

  it('is refused until the one before is applied, not only what came with that', () => {
    const cluster = new Cluster({ voters: [1], config: { maxCommittedSizePerReady: 1 } })
    const { node, log } = cluster.elect(1)
    const entries = [
      { type: 'normal' as const, data: bytes('a') },
      { type: 'conf-change' as const, data: encodeConfChange(change(4)) },
    ]
    node.step({ type: 'MsgProp', from: 2, to: 1, term: 0, entries })
    while (node.status().applied < 3) {
      log.append(node.ready().entries)
      node.advance()
    }
    expect(node.status()).toMatchObject({ committed: 4, applied: 3 })
    expect(node.proposeConfChange(change(5))).toMatchObject({ kind: 'refused', reason: 'another change may not be applied yet' })
  })

  it('that leaves a joint configuration is refused where there is none', () => {
    const { node } = new Cluster().elect(1)
    const leave = { ...change(4), changes: [] }
    expect(node.proposeConfChange(leave)).toEqual({ kind: 'refused', reason: 'there is no joint configuration to leave', index: 3 })
  })
})
