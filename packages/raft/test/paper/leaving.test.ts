import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from '../support/cluster.ts'

const add = (nodeId: number) => ({ type: 'add-node' as const, nodeId })
const remove = (nodeId: number) => ({ type: 'remove-node' as const, nodeId })
const learn = (nodeId: number) => ({ type: 'add-learner-node' as const, nodeId })

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

  describe('waits until a majority of the others knows of it, and asks the one of them with the longest log', () => {
    /** Leader 1 of voters 1 to 4 and learner 5; its removal is entry 3, and behind that stand two entries that nobody else has. */
    function removed() {
      const cluster = new Cluster({ voters: [1, 2, 3, 4], learners: [5] })
      const leader = cluster.elect(1)
      cluster.lose = message => message.type === 'MsgHeartbeat' || (message.type === 'MsgApp' && message.index > 2)
      leader.node.proposeConfChange({ transition: 'auto', changes: [remove(1)], context: new Uint8Array(0) })
      cluster.work()
      leader.node.propose([new Uint8Array(1), new Uint8Array(1)])
      cluster.settle()
      expect(leader.node.status()).toMatchObject({ role: 'leader', committed: 3, lastIndex: 5, configuration: confState([2, 3, 4], [5]) })
      const has = (from: number, index: number) =>
        leader.node.step({ type: 'MsgAppResp', from, to: 1, term: 1, index, reject: false, rejectHint: 0, logTerm: 0 })
      const knows = (from: number, committed: number) => {
        leader.node.step({ type: 'MsgHeartbeatResp', from, to: 1, term: 1, round: 1, committed })
        return leader.node.status().role
      }
      const asked = () => leader.work().filter(({ type }) => type === 'MsgTimeoutNow')
      return { has, knows, asked }
    }

    it('of those that know of it', () => {
      const { has, knows, asked } = removed()
      has(3, 5)
      expect([knows(2, 3), knows(4, 2), knows(4, 1)]).toEqual(['leader', 'leader', 'leader'])
      expect(knows(4, 3)).toBe('follower')
      expect(asked()).toMatchObject([{ to: 2 }])
    })

    it('of those that vote', () => {
      const { has, knows, asked } = removed()
      has(5, 5)
      has(4, 4)
      expect([knows(5, 3), knows(3, 3), knows(4, 3)]).toEqual(['leader', 'leader', 'follower'])
      expect(asked()).toMatchObject([{ to: 4 }])
    })

    it('and takes back nothing that one of them said, when an older answer comes later', () => {
      const { knows, asked } = removed()
      expect([knows(2, 3), knows(2, 2), knows(3, 3)]).toEqual(['leader', 'leader', 'follower'])
      expect(asked()).toMatchObject([{ to: 2 }])
    })
  })

  it('is over when the member comes back: it may lead again, and takes proposals', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.change(1, [learn(1)])
    const [successor = 0] = cluster.leaders()
    expect([2, 3]).toContain(successor)
    cluster.change(successor, [add(1)])
    cluster.member(successor).node.transferLeadership(1)
    cluster.settle()
    expect(cluster.leaders()).toEqual([1])
    expect(cluster.member(1).node.propose([new Uint8Array(1)]).kind).toBe('appended')
    expect(cluster.member(1).node.transferLeadership(2)).toBe('started')
  })

  it('takes no proposals meanwhile', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgHeartbeatResp'
    cluster.change(1, [learn(1)])
    expect(node.status()).toMatchObject({ role: 'leader', isLearner: true })
    expect(node.propose([new Uint8Array(1)])).toEqual({ kind: 'dropped', reason: 'transferring' })
    expect(node.transferLeadership(2)).toBe('already-transferring')
  })

  it('does not put the group to sleep before it has handed over', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgHeartbeatResp'
    cluster.change(1, [remove(1)])
    cluster.tick(1)
    expect(node.status()).toMatchObject({ role: 'leader', committed: 3, applied: 3 })
    expect(node.quiesce()).toBe(false)
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
    // Nor does anybody else, however long it takes, until leadership is handed over.
    const propose = (id: number) => cluster.member(id).node.propose([new Uint8Array(1)])
    cluster.tickAll(100)
    expect(propose(2)).toEqual({ kind: 'forwarded', to: 1 })
    cluster.settle()
    expect(cluster.member(2).applied).toEqual([])
    cluster.member(3).node.transferLeadership(2)
    cluster.settle()
    expect(cluster.role(2)).toBe('leader')
    expect(propose(2).kind).toBe('appended')
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
      cluster.member(1).node.step({
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
    cluster.member(1).node.step({
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
