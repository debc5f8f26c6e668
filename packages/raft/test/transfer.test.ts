import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'
import { bytes } from './support/member.ts'

describe('a transfer of leadership (thesis, section 3.10)', () => {
  it('goes at once to who has the whole log', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    expect(cluster.member(1).node.transferLeadership(2)).toBe('started')
    cluster.settle()
    expect(cluster.leaders()).toEqual([2])
    expect(cluster.member(2).node.status().term).toBe(2)
  })

  it('first brings the other up to date', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.partition([1, 3], [2])
    cluster.propose(1, 'a')
    cluster.heal()
    cluster.member(1).node.transferLeadership(2)
    cluster.settle()
    cluster.tick(1)
    expect(cluster.leaders()).toEqual([2])
    expect(cluster.member(2).applied).toEqual(['a'])
  })

  it('is asked for at a follower too', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    expect(cluster.member(3).node.transferLeadership(2)).toBe('forwarded')
    cluster.settle()
    expect(cluster.leaders()).toEqual([2])
  })

  it('that was asked for elsewhere is dropped where no leader is known, for who cannot lead, and in an earlier term', () => {
    const cluster = new Cluster({ learners: [4], term: 5 })
    const ask = (to: number, transferee: number, term: number) =>
      cluster.member(to).node.step({ type: 'MsgTransferLeader', to, from: 3, term, transferee })
    expect(ask(1, 2, 5)).toBe('transfer-dropped')
    cluster.elect(1)
    expect([ask(1, 9, 6), ask(1, 4, 6), ask(1, 2, 5)]).toEqual(['transfer-dropped', 'transfer-dropped', 'transfer-dropped'])
    expect([ask(2, 3, 6), ask(1, 1, 6), ask(1, 2, 6), ask(1, 2, 6)]).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
  })

  it('needs no pre-vote, and overcomes the protection of the leader', () => {
    const cluster = new Cluster({ config: { preVote: true, checkQuorum: true } })
    cluster.elect(1)
    cluster.tick(1)
    cluster.member(1).node.transferLeadership(3)
    cluster.settle()
    expect(cluster.leaders()).toEqual([3])
    expect(
      cluster
        .member(3)
        .readies.flatMap(({ messages }) => messages)
        .some(({ type }) => type === 'MsgPreVote'),
    ).toBe(false)
  })

  it('drops proposals until it is over', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgTimeoutNow'
    const { node } = cluster.member(1)
    node.transferLeadership(2)
    cluster.settle()
    expect(node.propose([bytes('a')])).toEqual({ kind: 'dropped', reason: 'transferring' })
    cluster.tickAll(10)
    expect(node.propose([bytes('a')]).kind).toBe('appended')
    expect(cluster.leaders()).toEqual([1])
  })

  it('is given up after an election time-out, not before', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.tick(1, 7)
    cluster.partition([1, 3], [2])
    cluster.member(1).node.transferLeadership(2)
    cluster.tick(1, 9)
    expect(cluster.member(1).node.status().transferee).toBe(2)
    cluster.tick(1)
    expect(cluster.member(1).node.status().transferee).toBe(0)
  })

  it('can be turned to another member', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.partition([1, 3], [2])
    cluster.propose(1, 'a')
    const { node } = cluster.member(1)
    expect(node.transferLeadership(2)).toBe('started')
    expect(node.transferLeadership(2)).toBe('already-transferring')
    expect(node.transferLeadership(3)).toBe('started')
    cluster.settle()
    expect(cluster.leaders()).toContain(3)
  })

  it('does not keep a leader that nobody hears, however often another one is asked for', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    cluster.partition([1], [2, 3])
    for (let i = 0; i < 40 && node.status().role === 'leader'; i++) {
      if (i % 4 === 0) expect(node.transferLeadership(2 + ((i / 4) % 2))).toBe('started')
      cluster.tick(1)
    }
    expect(node.status()).toMatchObject({ role: 'follower', transferee: 0 })
  })

  it('is given up an election time-out after it was asked for, and not before', () => {
    const cluster = new Cluster({ config: { checkQuorum: false, electionTick: 10 } })
    const { node } = cluster.elect(1)
    for (let i = 0; i < 7; i++) cluster.tick(1)
    cluster.lose = ({ type }) => type === 'MsgTimeoutNow'
    node.transferLeadership(2)
    for (let i = 0; i < 9; i++) cluster.tick(1)
    expect(node.status()).toMatchObject({ role: 'leader', transferee: 2 })
    cluster.tick(1)
    expect(node.status()).toMatchObject({ role: 'leader', transferee: 0 })
    expect(node.propose([bytes('a')]).kind).toBe('appended')
    node.transferLeadership(2)
    for (let i = 0; i < 9; i++) cluster.tick(1)
    expect(node.status().transferee).toBe(2)
  })

  it('that is taken back lets the leader leave a joint configuration that waited for it', () => {
    for (const end of ['taken back', 'given up']) {
      const cluster = new Cluster()
      const { node } = cluster.elect(1)
      const asks = { transition: 'joint-implicit', changes: [{ type: 'add-node', nodeId: 4 }], context: new Uint8Array(0) } as const
      node.proposeConfChange(asks)
      cluster.lose = ({ type }) => type === 'MsgTimeoutNow'
      node.transferLeadership(2)
      cluster.settle()
      expect(node.status().configuration.votersOutgoing).toEqual([1, 2, 3])
      if (end === 'taken back') expect(node.transferLeadership(1)).toBe('already-leader')
      else for (let i = 0; i < 10; i++) cluster.tick(1)
      cluster.settle()
      expect(node.status()).toMatchObject({ role: 'leader', configuration: { votersOutgoing: [] } })
    }
  })

  it('ends when the other is removed', () => {
    const cluster = new Cluster({ voters: [1, 2, 3, 4] })
    cluster.elect(1)
    const { node } = cluster.member(1)
    cluster.partition([1, 3, 4], [2])
    node.proposeConfChange({ transition: 'auto', changes: [{ type: 'remove-node', nodeId: 2 }], context: new Uint8Array(0) })
    expect(node.transferLeadership(2)).toBe('started')
    cluster.settle()
    expect(node.status()).toMatchObject({ transferee: 0, role: 'leader' })
    expect(node.propose([bytes('a')]).kind).toBe('appended')
  })

  it('goes to nobody who cannot lead', () => {
    const cluster = new Cluster({ learners: [4] })
    cluster.elect(1)
    const { node } = cluster.member(1)
    expect([1, 4, 9].map(id => node.transferLeadership(id))).toEqual(['already-leader', 'learner', 'unknown-member'])
    expect(node.status().transferee).toBe(0)
    expect(new Cluster().member(1).node.transferLeadership(2)).toBe('no-leader')
  })

  it('asks who takes over once, when that has the whole log, and not before', () => {
    const cluster = new Cluster({ config: { maxSizePerMsg: 0, maxInflightMsgs: 1 } })
    const { node } = cluster.elect(1)
    cluster.partition([1, 3], [2])
    cluster.propose(1, 'a', 'b', 'c')
    expect(node.transferLeadership(2)).toBe('started')
    const acknowledge = (index: number) => {
      node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index, reject: false, rejectHint: 0, logTerm: 0 })
      return cluster
        .member(1)
        .work()
        .filter(({ type }) => type === 'MsgTimeoutNow')
    }
    expect([3, 4].flatMap(acknowledge)).toEqual([])
    expect(acknowledge(5)).toMatchObject([{ to: 2, term: 1 }])
    expect(acknowledge(5)).toEqual([])
  })

  it('does not wait for the disk of who hands over', () => {
    const { node } = new Cluster().elect(1)
    node.transferLeadership(2)
    expect(node.ready().messages).toMatchObject([{ type: 'MsgTimeoutNow', to: 2, term: 1 }])
  })

  it('is taken back by a transfer to the leader itself', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    cluster.partition([1, 3], [2])
    cluster.propose(1, 'a')
    node.transferLeadership(2)
    expect(node.transferLeadership(1)).toBe('already-leader')
    expect(node.status()).toMatchObject({ role: 'leader', transferee: 0 })
    expect(node.propose([bytes('b')]).kind).toBe('appended')
  })

  it('that the term did not see the end of holds up nothing when its leader leads again', () => {
    const cluster = new Cluster({ config: { preVote: false } })
    const { node } = cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgTimeoutNow'
    node.transferLeadership(2)
    cluster.settle()
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 2, index: 0, reject: false, rejectHint: 0, logTerm: 0 })
    for (const id of [2, 3]) cluster.member(id).node.forgetLeader()
    cluster.elect(1)
    expect(node.status()).toMatchObject({ role: 'leader', term: 3, transferee: 0 })
    expect(node.propose([bytes('a')]).kind).toBe('appended')
  })

  it('that was asked for in an earlier term starts nothing', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.member(1).node.transferLeadership(2)
    cluster.work()
    const [late] = cluster.take(({ type }) => type === 'MsgTimeoutNow')
    cluster.tickAll(10)
    cluster.member(1).node.transferLeadership(3)
    cluster.settle()
    expect(cluster.leaders()).toEqual([3])
    if (late !== undefined) cluster.member(2).node.step(late)
    expect(cluster.role(2)).toBe('follower')
  })
})

describe('forgetting the leader', () => {
  it('lets a follower vote at once', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.stop(1)
    cluster.elect(2)
    expect(cluster.leaders()).toEqual([])
    expect(cluster.member(3).node.forgetLeader()).toBe(true)
    cluster.elect(2)
    expect(cluster.leaders()).toEqual([2])
  })

  it('changes nothing at a leader, nor where none is known', () => {
    const cluster = new Cluster()
    expect(cluster.member(2).node.forgetLeader()).toBe(false)
    cluster.elect(1)
    expect(cluster.member(1).node.forgetLeader()).toBe(false)
    expect(cluster.role(1)).toBe('leader')
  })

  it('lasts until the leader is heard again', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.member(2).node.forgetLeader()
    expect(cluster.member(2).node.status().leader).toBe(0)
    cluster.tick(1)
    expect(cluster.member(2).node.status().leader).toBe(1)
  })
})
