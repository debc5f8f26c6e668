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

  it('take what they cannot check when validation is off', () => {
    const cluster = new Cluster({ config: { disableConfChangeValidation: true } })
    const { node } = cluster.elect(1)
    expect(node.proposeConfChange(LEAVE_JOINT).kind).toBe('appended')
    expect(() => cluster.settle()).toThrow(expect.objectContaining({ code: 'DX_RAFT_CONF_CHANGE' }))
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

describe('the removal of the leader (thesis, section 4.2.2)', () => {
  it('is committed without it, and makes it step down at once where that is wanted', () => {
    const cluster = new Cluster({ config: { stepDownOnRemoval: 'at-once' } })
    cluster.elect(1)
    cluster.change(1, [remove(1)])
    expect(cluster.member(1).node.status()).toMatchObject({ role: 'follower', leader: 0 })
    expect(cluster.member(2).confState.voters).toEqual([2, 3])
    expect(cluster.member(1).node.campaign()).toBe('not-promotable')
    cluster.tickAll(60)
    expect(cluster.leaders().every(id => id !== 1)).toBe(true)
    expect(cluster.leaders()).toHaveLength(1)
  })

  it('makes it hand over as soon as the others know of it, without an election time-out', () => {
    for (const change of [remove(1), learn(1)]) {
      const cluster = new Cluster()
      cluster.elect(1)
      cluster.change(1, [change])
      cluster.settle()
      expect(cluster.leaders()).toHaveLength(1)
      expect(cluster.leaders()).not.toContain(1)
      expect(cluster.member(2).node.status().term).toBe(2)
    }
  })

  it('does not let it go before the others know: they may need its vote', () => {
    const cluster = new Cluster({ voters: [1, 2] })
    const { node } = cluster.elect(1)
    // Member 2 has the change, and does not hear that it is committed. Member 1 has an entry more.
    cluster.lose = message => message.type === 'MsgHeartbeat' || (message.type === 'MsgApp' && message.commit > 2)
    node.proposeConfChange({ transition: 'auto', changes: [remove(1)], context: new Uint8Array(0) })
    cluster.work()
    node.propose([new Uint8Array(1)])
    cluster.lose = message => message.type === 'MsgHeartbeat' || (message.type === 'MsgApp' && (message.commit > 2 || message.index > 2))
    cluster.settle()
    expect(node.status()).toMatchObject({ role: 'leader', configuration: confState([2]) })
    expect(node.propose([new Uint8Array(1)])).toMatchObject({ kind: 'dropped' })
    expect(cluster.member(2).node.status()).toMatchObject({ committed: 2, configuration: confState([1, 2]) })
    cluster.heal()
    cluster.tickAll(3)
    expect(cluster.leaders()).toEqual([2])
    expect(cluster.role(1)).toBe('follower')
  })

  it('steps it down without a quorum of the others as any leader', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgHeartbeat' || type === 'MsgHeartbeatResp'
    cluster.change(1, [remove(1)])
    expect(cluster.role(1)).toBe('leader')
    cluster.stop(2)
    cluster.stop(3)
    cluster.tick(1, 25)
    expect(cluster.role(1)).toBe('follower')
  })

  it('otherwise leaves it leading, without counting itself, and it takes no proposals', () => {
    const cluster = new Cluster({ config: { stepDownOnRemoval: 'never' } })
    const { node } = cluster.elect(1)
    cluster.change(1, [remove(1)])
    expect(node.status().role).toBe('leader')
    expect(node.propose([new Uint8Array(1)])).toEqual({ kind: 'dropped', reason: 'not-a-member' })
  })
})

describe('what is committed', () => {
  /** Voters 1 and 2. Member 1 became a learner, knows it, has an entry more than member 2, and leads no more; member 2 has the change and does not know it. */
  function stranded(): Cluster {
    const cluster = new Cluster({ voters: [1, 2], config: { stepDownOnRemoval: 'at-once', preVote: false, checkQuorum: false } })
    const { node } = cluster.elect(1)
    node.proposeConfChange({ transition: 'auto', changes: [learn(1)], context: new Uint8Array(0) })
    cluster.work()
    node.propose([new Uint8Array(1)])
    cluster.lose = message => message.type === 'MsgApp' && (message.commit > 2 || message.index > 2)
    cluster.settle()
    cluster.heal()
    expect(node.status()).toMatchObject({ role: 'follower', isLearner: true, lastIndex: 4, committed: 3 })
    expect(cluster.member(2).node.status()).toMatchObject({ lastIndex: 3, committed: 2, configuration: confState([1, 2]) })
    return cluster
  }

  it('is told with a refused vote, so that nobody waits for ever for the vote of who is no voter', () => {
    const cluster = stranded()
    cluster.elect(2)
    expect(cluster.member(2).node.status()).toMatchObject({ role: 'follower', committed: 3, configuration: confState([2], [1]) })
    cluster.elect(2)
    expect(cluster.leaders()).toEqual([2])
  })

  it('is told with a request for a vote', () => {
    const cluster = stranded()
    cluster.member(2).node.step({
      type: 'MsgVote',
      from: 1,
      to: 2,
      term: 2,
      index: 4,
      logTerm: 1,
      transfer: false,
      committed: 3,
      committedTerm: 1,
    })
    cluster.work()
    expect(cluster.member(2).node.status()).toMatchObject({ committed: 3, configuration: confState([2], [1]) })
  })

  it('is not taken from others for another entry at the same place, nor by a leader', () => {
    const cluster = new Cluster({ logs: { 1: [1, 1] }, config: { preVote: false, checkQuorum: false } })
    const told = (term: number, committedTerm: number) => {
      cluster
        .member(1)
        .node.step({
          type: 'MsgVoteResp',
          from: 2,
          to: 1,
          term,
          reject: true,
          candidateIndex: 3,
          candidateLogTerm: 1,
          committed: 3,
          committedTerm,
        })
      return cluster.member(1).node.status().committed
    }
    expect([told(1, 2), told(1, 0)]).toEqual([1, 1])
    expect(told(1, 1)).toBe(3)
    cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgAppResp'
    cluster.propose(1, 'a')
    const { committed, lastIndex, term } = cluster.member(1).node.status()
    expect(lastIndex).toBeGreaterThan(committed)
    cluster
      .member(1)
      .node.step({
        type: 'MsgVoteResp',
        from: 2,
        to: 1,
        term,
        reject: true,
        candidateIndex: 3,
        candidateLogTerm: 1,
        committed: lastIndex,
        committedTerm: term,
      })
    expect(cluster.member(1).node.status().committed).toBe(committed)
  })

  it('ends an election in a configuration that is known to be out of date by that', () => {
    const cluster = stranded()
    const { node } = cluster.member(2)
    node.campaign()
    cluster.member(2).work()
    const { term } = node.status()
    node.step({
      type: 'MsgVoteResp',
      from: 1,
      to: 2,
      term,
      reject: false,
      candidateIndex: 3,
      candidateLogTerm: 1,
      committed: 3,
      committedTerm: 1,
    })
    expect(node.status()).toMatchObject({ role: 'follower', term })
  })
})

describe('an incarnation of a node', () => {
  it('does nothing with messages for another one', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    const before = cluster.member(2).node.status()
    const outcome = cluster.member(2).node.step({
      type: 'MsgVote',
      from: 3,
      to: 2 + 2 ** 32,
      term: 9,
      index: 9,
      logTerm: 8,
      transfer: false,
      committed: 0,
      committedTerm: 0,
    })
    expect(outcome).toBe('not-addressed')
    expect(cluster.member(2).node.status()).toEqual(before)
  })

  it('joins as another member, and the one before is removed with the same change', () => {
    const reborn = 3 + 2 ** 32
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.propose(1, 'a')
    cluster.stop(3)
    cluster.add(reborn, startOf(confState([1, 2, 3])))
    cluster.change(1, [remove(3), add(reborn)])
    expect(cluster.member(1).confState).toEqual(confState([1, 2, reborn]))
    expect(cluster.member(reborn).applied).toEqual(['a'])
    cluster.partition([1, reborn], [2])
    cluster.propose(1, 'b')
    expect(cluster.member(reborn).applied).toEqual(['a', 'b'])
  })
})
