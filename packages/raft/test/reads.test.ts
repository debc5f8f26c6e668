import type { MsgReadIndex } from '@disruptorx/raft'
import { MemoryLog, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'

describe('a linearizable read (thesis, section 6.4)', () => {
  it('waits for the index that was committed when it was asked', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.propose(1, 'a')
    const { committed } = cluster.member(1).node.status()
    expect(cluster.member(1).node.readIndex(7)).toBe('accepted')
    cluster.settle()
    expect(cluster.member(1).reads).toEqual([{ context: 7, index: committed }])
  })

  it('is not answered before a majority has answered a round that was sent after it', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    const { node } = cluster.member(1)
    // A round that was sent before the read, and is answered after it.
    node.tick()
    cluster.work()
    const [early, late] = [cluster.take(({ to }) => to === 2), cluster.take(({ to }) => to === 3)]
    node.readIndex(7)
    for (const message of [...early, ...late]) cluster.deliver(message)
    for (const message of [...cluster.member(2).work(), ...cluster.member(3).work()]) cluster.deliver(message)
    cluster.member(1).workOnce()
    expect(cluster.member(1).reads).toEqual([])
  })

  it('is not answered by a leader that has been replaced and does not know it', () => {
    const cluster = new Cluster({ config: { checkQuorum: false, preVote: false } })
    cluster.elect(1)
    cluster.partition([1], [2, 3])
    cluster.elect(2)
    cluster.propose(2, 'new')
    expect(cluster.leaders()).toEqual([1, 2])
    cluster.member(1).node.readIndex(7)
    cluster.settle()
    cluster.tickAll(3)
    expect(cluster.member(1).reads).toEqual([])
    cluster.heal()
    cluster.tickAll(3)
    expect(cluster.member(1).reads).toEqual([])
  })

  it.each([
    ['after', false],
    ['before', true],
  ])(
    '%s the first commit of a term is answered to who asked, though the object of its message was used for the next one',
    (_when, isEarly) => {
      const cluster = new Cluster()
      cluster.lose = ({ type }) => isEarly && type === 'MsgAppResp'
      const { node } = cluster.elect(1)
      const message: { -readonly [Field in keyof MsgReadIndex]: MsgReadIndex[Field] } = {
        type: 'MsgReadIndex',
        to: 1,
        from: 2,
        term: 0,
        context: 5,
      }
      node.step(message)
      Object.assign(message, { from: 3, context: 6 })
      node.step(message)
      cluster.heal()
      cluster.settle()
      cluster.tick(1, 2)
      expect([1, 2, 3].map(id => cluster.member(id).reads.map(({ context }) => context))).toEqual([[], [5], [6]])
    },
  )

  it('waits for the first commit of a new term, which may know less than it has', () => {
    const cluster = new Cluster({ config: { checkQuorum: false, preVote: false } })
    cluster.elect(1)
    // Member 2 has the entry and does not know that it is committed; then it leads.
    cluster.lose = message =>
      message.to === 2 && ((message.type === 'MsgApp' && message.entries.length === 0) || message.type === 'MsgHeartbeat')
    cluster.propose(1, 'acknowledged')
    expect(cluster.member(1).applied).toEqual(['acknowledged'])
    expect(cluster.member(2).applied).toEqual([])
    cluster.stop(1)
    cluster.lose = ({ type }) => type === 'MsgAppResp'
    cluster.elect(2)
    expect(cluster.member(2).node.readIndex(7)).toBe('accepted')
    cluster.settle()
    cluster.tick(2, 3)
    expect(cluster.member(2).reads).toEqual([])
    cluster.lose = () => false
    cluster.tick(2, 2)
    const [read] = cluster.member(2).reads
    expect(read?.context).toBe(7)
    expect(read?.index).toBeGreaterThan(2)
    expect(cluster.member(2).applied).toEqual(['acknowledged'])
  })

  it('waits for the first commit of its term also where the leader is the only voter', () => {
    const cluster = new Cluster({ voters: [1] })
    cluster.elect(1)
    cluster.propose(1, 'a')
    // The commit index need not have been saved: here it was not.
    cluster.member(1).log.setHardState({ term: 1, vote: 1, commit: 1 })
    cluster.start(1)
    const { node } = cluster.member(1)
    node.campaign()
    while (node.status().role !== 'leader') cluster.member(1).workOnce()
    node.readIndex(7)
    cluster.settle()
    expect(cluster.member(1).reads).toEqual([{ context: 7, index: 4 }])
  })

  it('is asked of the leader by a follower and by a learner', () => {
    const cluster = new Cluster({ learners: [4] })
    cluster.elect(1)
    for (const id of [2, 4]) {
      expect(cluster.member(id).node.readIndex(id)).toBe('accepted')
      cluster.settle()
      expect(cluster.member(id).reads).toEqual([{ context: id, index: 2 }])
    }
    expect(cluster.member(1).reads).toEqual([])
  })

  it('is refused where no leader is known', () => {
    const cluster = new Cluster()
    expect(cluster.member(1).node.readIndex(7)).toBe('no-leader')
  })

  it('shares a round with all that came since the last Ready', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    const { node } = cluster.member(1)
    for (let context = 0; context < 100; context++) node.readIndex(context)
    expect(node.ready().messages.filter(({ type }) => type === 'MsgHeartbeat')).toHaveLength(2)
    node.advance()
  })

  it('is answered in the order of asking', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    for (let context = 0; context < 10; context++) {
      cluster.member(1).node.readIndex(context)
      if (context % 3 === 0) cluster.work()
    }
    cluster.settle()
    expect(cluster.member(1).reads.map(({ context }) => context)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('is refused beyond the limit, and taken again once others are answered', () => {
    const cluster = new Cluster({ config: { maxPendingReads: 2 } })
    cluster.elect(1)
    const { node } = cluster.member(1)
    expect([1, 2, 3].map(context => node.readIndex(context))).toEqual(['accepted', 'accepted', 'full'])
    cluster.settle()
    expect(node.readIndex(4)).toBe('accepted')
  })

  it('is answered when a change of the configuration makes the answers that came enough', () => {
    const cluster = new Cluster({ voters: [1, 2] })
    cluster.elect(1)
    cluster.change(1, [{ type: 'add-learner-node', nodeId: 3 }])
    const { node } = cluster.member(1)
    cluster.lose = ({ type }) => type === 'MsgHeartbeatResp'
    node.readIndex(7)
    cluster.settle()
    expect(cluster.member(1).reads).toEqual([])
    cluster.change(1, [{ type: 'remove-node', nodeId: 2 }])
    expect(cluster.member(1).reads).toMatchObject([{ context: 7 }])
  })

  it('is forgotten when the leader steps down: its index may not be the newest any more', () => {
    const cluster = new Cluster({ config: { preVote: false } })
    cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgHeartbeatResp'
    cluster.member(1).node.readIndex(7)
    cluster.settle()
    expect(cluster.member(1).node.status().pendingReads).toBe(1)
    cluster.member(1).node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 9, index: 0, reject: false, rejectHint: 0, logTerm: 0 })
    expect(cluster.member(1).node.status()).toMatchObject({ role: 'follower', pendingReads: 0 })
  })

  it('is passed on once more where who was asked leads no more, and is answered to who asked first', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.member(3).node.readIndex(7)
    cluster.work()
    const [late] = cluster.take(({ type }) => type === 'MsgReadIndex')
    cluster.member(1).node.transferLeadership(2)
    cluster.settle()
    if (late !== undefined) cluster.deliver(late)
    cluster.settle()
    expect([1, 2, 3].map(id => cluster.member(id).reads)).toEqual([[], [], [{ context: 7, index: 3 }]])
  })

  it('has the index that the leader says, which who asked may not have reached', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.lose = ({ to, type }) => to === 3 && (type === 'MsgApp' || type === 'MsgHeartbeat')
    cluster.propose(1, 'a')
    cluster.member(3).node.readIndex(7)
    cluster.settle()
    expect(cluster.member(3).reads).toEqual([{ context: 7, index: 3 }])
    expect(cluster.member(3).node.status().committed).toBe(2)
  })

  it('waits for nothing that came after it: neither for what is not committed nor for what is by the time of the answer', () => {
    const cluster = new Cluster({ learners: [4] })
    const { node } = cluster.elect(1)
    cluster.lose = ({ type }) => type === 'MsgAppResp' || type === 'MsgHeartbeatResp'
    cluster.propose(1, 'a')
    node.readIndex(7)
    cluster.member(4).node.readIndex(8)
    cluster.settle()
    expect(node.status()).toMatchObject({ committed: 2, lastIndex: 3, pendingReads: 2 })
    cluster.lose = ({ type }) => type === 'MsgHeartbeatResp'
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 3, reject: false, rejectHint: 0, logTerm: 0 })
    cluster.settle()
    expect(node.status()).toMatchObject({ committed: 3, pendingReads: 2 })
    cluster.heal()
    cluster.tick(1)
    expect(cluster.member(1).reads).toEqual([{ context: 7, index: 2 }])
    expect(cluster.member(4).reads).toEqual([{ context: 8, index: 2 }])
  })

  it('that came before the first commit of the term counts towards the limit, is answered once, and is forgotten with leadership', () => {
    const cluster = new Cluster({ config: { maxPendingReads: 2 } })
    cluster.lose = ({ type }) => type === 'MsgAppResp'
    const { node } = cluster.elect(1)
    expect([1, 2, 3].map(context => node.readIndex(context))).toEqual(['accepted', 'accepted', 'full'])
    cluster.heal()
    cluster.tick(1, 2)
    cluster.propose(1, 'a')
    expect(cluster.member(1).reads.map(({ context }) => context)).toEqual([1, 2])
    expect(node.status().pendingReads).toBe(0)
    const other = new Cluster()
    other.lose = ({ type }) => type === 'MsgAppResp'
    const early = other.elect(1).node
    early.readIndex(7)
    expect(early.status().pendingReads).toBe(1)
    early.step({ type: 'MsgAppResp', from: 2, to: 1, term: 9, index: 0, reject: false, rejectHint: 0, logTerm: 0 })
    expect(early.status().pendingReads).toBe(0)
  })

  it('says of a read that was passed on to it whether it can take it: not when enough wait, and not when it knows no leader', () => {
    const cluster = new Cluster({ config: { maxPendingReads: 1 } })
    const ask = (to: number, context: number) => cluster.member(to).node.step({ type: 'MsgReadIndex', to, from: 3, term: 0, context })
    expect(ask(1, 1)).toBe('read-dropped')
    cluster.elect(1)
    expect(ask(2, 2)).toBe('accepted')
    expect([ask(1, 3), ask(1, 4)]).toEqual(['accepted', 'read-dropped'])
  })

  it('is answered at a newcomer too, that has no configuration yet: by the leader that it hears, and by nobody else', () => {
    const node = new RawNode({ id: 4, random: { u32: () => 0 } }, new MemoryLog())
    node.step({ type: 'MsgHeartbeat', to: 4, from: 1, term: 2, commit: 0, round: 1, quiesce: false })
    expect(node.readIndex(7)).toBe('accepted')
    const answer = { type: 'MsgReadIndexResp', to: 4, from: 1, term: 2, context: 7, index: 3 } as const
    expect(node.step({ ...answer, from: 2 })).toBe('unknown-member')
    expect(node.step(answer)).toBe('accepted')
    expect(node.ready()).toMatchObject({ readStates: [{ context: 7, index: 3 }] })
  })

  it('sends no heartbeats any more when leadership is lost before the next Ready', () => {
    const { node } = new Cluster().elect(1)
    node.readIndex(7)
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 9, index: 0, reject: false, rejectHint: 0, logTerm: 0 })
    expect(node.ready().messages).toEqual([])
  })
})
