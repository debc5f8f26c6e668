import { LEAVE_JOINT, type RaftConfig } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from '../support/cluster.ts'

const add = (nodeId: number) => ({ type: 'add-node' as const, nodeId })
const remove = (nodeId: number) => ({ type: 'remove-node' as const, nodeId })
const learn = (nodeId: number) => ({ type: 'add-learner-node' as const, nodeId })

/** A cluster with members that are not in the configuration yet. */
function clusterWith(newcomers: readonly number[], voters = [1, 2, 3], config: Partial<RaftConfig> = {}): Cluster {
  const cluster = new Cluster({ voters, config })
  // Whoever is new knows of nobody: it learns from the leader's log who is in the group.
  for (const id of newcomers) cluster.add(id, startOf(confState(voters)))
  return cluster
}

describe('single-step changes (thesis, section 4.1)', () => {
  it('add a voter that then counts', () => {
    const cluster = clusterWith([4])
    cluster.elect(1)
    cluster.change(1, [add(4)])
    cluster.partition([1, 4], [2, 3])
    cluster.propose(1, 'a')
    expect(cluster.member(1).applied).toEqual([])
    cluster.partition([1, 2, 4], [3])
    cluster.tick(1)
    cluster.tick(1)
    expect(cluster.member(4).applied).toEqual(['a'])
  })

  it('remove a voter that then counts no more', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.change(1, [remove(3)])
    cluster.stop(3)
    cluster.stop(2)
    cluster.propose(1, 'a')
    expect(cluster.member(1).applied).toEqual([])
    cluster.start(2)
    cluster.tick(1)
    cluster.tick(1)
    expect(cluster.member(1).applied).toEqual(['a'])
    cluster.member(1).node.step({ type: 'MsgAppResp', from: 3, to: 1, term: 1, index: 2, reject: false, rejectHint: 0, logTerm: 0 })
    expect(
      cluster
        .member(1)
        .node.status()
        .members.map(({ id }) => id),
    ).toEqual([1, 2])
  })

  it('wait for one another: the next is refused until the one before is applied', () => {
    const cluster = clusterWith([4, 5])
    const { node } = cluster.elect(1)
    const change = (nodeId: number) => node.proposeConfChange({ transition: 'auto', changes: [add(nodeId)], context: new Uint8Array(0) })
    expect(change(4).kind).toBe('appended')
    expect(change(5)).toMatchObject({ kind: 'refused', reason: 'another change may not be applied yet', index: 4 })
    cluster.settle()
    expect(change(5).kind).toBe('appended')
  })

  it('are refused until a new leader has applied all that may be one', () => {
    const cluster = clusterWith([4])
    cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgAppResp'
    cluster.propose(1, 'for all that is known a change')
    for (const id of [2, 3]) cluster.member(id).node.forgetLeader()
    cluster.elect(2)
    const { node } = cluster.member(2)
    expect(node.proposeConfChange({ transition: 'auto', changes: [add(4)], context: new Uint8Array(0) }).kind).toBe('refused')
  })

  it.each([
    ['all voters would go', [remove(1), remove(2), remove(3)]],
    ['a joint configuration would be left that is none', []],
  ])('are refused when %s', (_why, changes) => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    expect(node.proposeConfChange({ transition: 'auto', changes, context: new Uint8Array(0) }).kind).toBe('refused')
    cluster.settle()
    expect(cluster.member(1).confState.voters).toEqual([1, 2, 3])
  })

  it('give who is new an election time-out to be heard of', () => {
    const cluster = new Cluster({ voters: [1] })
    cluster.elect(1)
    cluster.tick(1, 9)
    cluster.change(1, [add(2)])
    cluster.tick(1)
    expect(cluster.role(1)).toBe('leader')
    cluster.tick(1, 10)
    expect(cluster.role(1)).toBe('follower')
  })

  it('take what they cannot check when validation is off, and go on as they were, each of them, when it cannot be made', () => {
    const cluster = new Cluster({ config: { disableConfChangeValidation: true } })
    const { node } = cluster.elect(1)
    const refused: number[] = []
    for (const { id, node } of cluster.members.values()) {
      const apply = node.applyConfChange.bind(node)
      node.applyConfChange = (change, index) => {
        expect(() => apply(change, index)).toThrow(expect.objectContaining({ code: 'DX_RAFT_CONF_CHANGE' }))
        refused.push(id)
        return confState([1, 2, 3])
      }
    }
    expect(node.proposeConfChange(LEAVE_JOINT).kind).toBe('appended')
    cluster.settle()
    expect(refused.sort()).toEqual([1, 2, 3])
    cluster.propose(1, 'a')
    for (const { node, applied } of cluster.members.values()) {
      expect(node.status().configuration).toEqual(confState([1, 2, 3]))
      expect(applied).toEqual(['a'])
    }
  })
})

describe('joint consensus (thesis, section 4.3)', () => {
  it('replaces all voters at once, and leaves the joint configuration by itself', () => {
    const cluster = clusterWith([4, 5, 6])
    cluster.elect(1)
    cluster.propose(1, 'a')
    cluster.change(1, [remove(2), remove(3), add(4), add(5)])
    expect(cluster.member(1).confState).toEqual(confState([1, 4, 5]))
    expect(cluster.member(4).applied).toEqual(['a'])
    cluster.partition([1, 4], [2, 3, 5, 6])
    cluster.propose(1, 'b')
    expect(cluster.member(4).applied).toEqual(['a', 'b'])
  })

  it('needs both majorities while it lasts, for entries', () => {
    const cluster = clusterWith([4, 5])
    cluster.elect(1)
    cluster.change(1, [remove(2), remove(3), add(4), add(5)], 'joint-explicit')
    expect(cluster.member(1).confState).toMatchObject({ voters: [1, 4, 5], votersOutgoing: [1, 2, 3] })
    cluster.partition([1, 4, 5], [2, 3])
    cluster.propose(1, 'a')
    expect(cluster.member(1).applied).toEqual([])
    cluster.partition([1, 2, 3], [4, 5])
    cluster.tick(1)
    cluster.propose(1, 'b')
    expect(cluster.member(1).applied).toEqual(['a'])
    cluster.partition([1, 2, 4], [3, 5])
    cluster.tick(1)
    cluster.tick(1)
    expect(cluster.member(1).applied).toEqual(['a', 'b'])
  })

  it('needs both majorities while it lasts, for elections', () => {
    const cluster = clusterWith([4, 5])
    cluster.elect(1)
    cluster.change(1, [remove(2), remove(3), add(4), add(5)], 'joint-explicit')
    cluster.stop(1)
    const attempt = (id: number, ...group: number[]) => {
      cluster.partition(
        group,
        [1, 2, 3, 4, 5].filter(other => !group.includes(other)),
      )
      for (const other of [2, 3, 4, 5]) cluster.member(other).node.forgetLeader()
      cluster.elect(id)
      return cluster.role(id)
    }
    expect(attempt(2, 2, 3)).not.toBe('leader')
    expect(attempt(4, 4, 5)).not.toBe('leader')
    expect(attempt(4, 2, 4, 5)).not.toBe('leader')
    expect(attempt(2, 2, 3, 4, 5)).toBe('leader')
  })

  it('is not left before it is applied, and takes no other change meanwhile', () => {
    const cluster = clusterWith([4, 5])
    const { node } = cluster.elect(1)
    cluster.change(1, [add(4), add(5)], 'joint-explicit')
    const refused = node.proposeConfChange({ transition: 'auto', changes: [remove(2)], context: new Uint8Array(0) })
    expect(refused).toMatchObject({ kind: 'refused', reason: 'a joint configuration must be left first' })
    cluster.settle()
    expect(node.proposeConfChange(LEAVE_JOINT).kind).toBe('appended')
    cluster.settle()
    expect(cluster.member(2).confState).toEqual(confState([1, 2, 3, 4, 5]))
  })

  it('is left by the next leader when the one that entered it is gone', () => {
    const cluster = clusterWith([4])
    const { node } = cluster.elect(1)
    node.proposeConfChange({ transition: 'joint-implicit', changes: [add(4)], context: new Uint8Array(0) })
    // The entry is committed and applied; the leader dies before it can leave what the entry entered.
    cluster.lose = message =>
      message.type === 'MsgApp' && message.entries.some(({ type, data }) => type === 'conf-change' && data.length === 0)
    cluster.settle()
    cluster.tick(1)
    expect(cluster.member(2).confState.votersOutgoing).toEqual([1, 2, 3])
    cluster.stop(1)
    cluster.lose = () => false
    for (const id of [2, 3, 4]) cluster.member(id).node.forgetLeader()
    cluster.elect(2)
    expect(cluster.role(2)).toBe('leader')
    expect(cluster.member(2).confState).toEqual(confState([1, 2, 3, 4]))
  })

  it('is left after a transfer that held that up was given up', () => {
    const cluster = clusterWith([4])
    const { node } = cluster.elect(1)
    cluster.partition([1, 3, 4], [2])
    node.proposeConfChange({ transition: 'joint-implicit', changes: [add(4)], context: new Uint8Array(0) })
    node.transferLeadership(2)
    cluster.settle()
    expect(cluster.member(1).confState.votersOutgoing).toEqual([1, 2, 3])
    cluster.tick(1, 12)
    expect(cluster.member(1).confState).toEqual(confState([1, 2, 3, 4]))
  })

  it('is left once all that may be another change is applied, with one entry', () => {
    // Entries are applied one by one.
    const cluster = clusterWith([4], [1, 2, 3], { maxCommittedSizePerReady: 1 })
    const { node } = cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgAppResp'
    node.proposeConfChange({ transition: 'joint-implicit', changes: [add(4)], context: new Uint8Array(0) })
    cluster.propose(1, 'a', 'b', 'c')
    cluster.stop(1)
    for (const id of [2, 3]) cluster.member(id).node.forgetLeader()
    cluster.elect(2)
    expect(cluster.member(2).node.status()).toMatchObject({ role: 'leader', lastIndex: 7, applied: 2 })
    cluster.lose = () => false
    cluster.tick(2, 2)
    expect(cluster.member(2).confState).toEqual(confState([1, 2, 3, 4]))
    expect(cluster.member(2).node.status().lastIndex).toBe(8)
  })

  it('survives a restart of everybody in the middle', () => {
    const cluster = clusterWith([4])
    cluster.elect(1)
    cluster.change(1, [add(4), remove(3)], 'joint-explicit')
    for (const id of [1, 2, 3, 4]) cluster.stop(id)
    for (const id of [1, 2, 3, 4]) cluster.start(id)
    expect(cluster.member(2).node.status().configuration).toEqual({ ...confState([1, 2, 4]), votersOutgoing: [1, 2, 3] })
    cluster.elect(2)
    cluster.member(2).node.proposeConfChange(LEAVE_JOINT)
    cluster.settle()
    expect(cluster.member(4).confState).toEqual(confState([1, 2, 4]))
  })
})

describe('learners (thesis, section 4.2.1)', () => {
  it('get the log, and neither count nor stand for election', () => {
    const cluster = new Cluster({ voters: [1, 2, 3], learners: [4] })
    cluster.elect(1)
    cluster.partition([1, 4], [2, 3])
    cluster.propose(1, 'a')
    expect(cluster.member(1).applied).toEqual([])
    cluster.heal()
    cluster.tick(1)
    cluster.tick(1)
    expect(cluster.member(4).applied).toEqual(['a'])
    expect(cluster.member(4).node.campaign()).toBe('not-promotable')
    cluster.partition([4], [1, 2, 3])
    cluster.tickAll(50)
    expect(cluster.role(4)).toBe('follower')
  })

  it('are promoted, and count from then on', () => {
    const cluster = new Cluster({ voters: [1, 2], learners: [3] })
    cluster.elect(1)
    cluster.change(1, [add(3)])
    cluster.partition([1, 3], [2])
    cluster.propose(1, 'a')
    expect(cluster.member(3).applied).toEqual(['a'])
    expect(cluster.member(3).node.status().isLearner).toBe(false)
  })

  it('vote when they are asked: the candidate may know of their promotion before they do', () => {
    const cluster = new Cluster({ voters: [1, 2], learners: [3], config: { preVote: false } })
    cluster.elect(1)
    cluster.lose = ({ to }) => to === 3
    cluster.change(1, [add(3)])
    expect(cluster.member(3).node.status().isLearner).toBe(true)
    cluster.heal()
    cluster.stop(1)
    for (const id of [2, 3]) cluster.member(id).node.forgetLeader()
    cluster.elect(2)
    expect(cluster.role(2)).toBe('leader')
  })

  it('are what a voter becomes that is demoted', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.change(1, [learn(3)])
    expect(cluster.member(3).node.status()).toMatchObject({ isLearner: true })
    cluster.stop(2)
    cluster.propose(1, 'a')
    expect(cluster.member(1).applied).toEqual([])
  })

  it('are probed at once when they are added, without waiting for a heartbeat', () => {
    const cluster = clusterWith([4])
    cluster.elect(1)
    cluster.propose(1, 'a')
    cluster.change(1, [learn(4)])
    expect(cluster.member(4).applied).toEqual(['a'])
  })
})
