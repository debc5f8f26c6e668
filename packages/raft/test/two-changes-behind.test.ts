import { type Entry, encodeConfChange, type LogState, MemoryLog, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'
import { bytes, TestMember } from './support/member.ts'

const random = { u32: () => 0 }
const changeTo = (nodeId: number) =>
  encodeConfChange({ transition: 'auto', changes: [{ type: 'add-node', nodeId }], context: new Uint8Array(0) })
const added = (index: number, nodeId: number): Entry => ({ index, term: 1, type: 'conf-change', data: changeTo(nodeId) })
const normal = (index: number, term = 1): Entry => ({ index, term, type: 'normal', data: bytes('x') })

/** A member that has lost what it knew of commits, with these entries in its log. */
function forgetful(entries: readonly Entry[], config = {}, voters = [1, 2, 3]): TestMember {
  const member = new TestMember({ id: 1, random, preVote: false, ...config }, startOf(confState(voters)))
  member.log.append(entries)
  member.log.setHardState({ term: 1, vote: 0, commit: 1 })
  member.restart()
  return member
}

describe('a member whose log has changes of the configuration that it does not know to be committed', () => {
  it('holds all but the last for committed, and stands for election only when it has applied them', () => {
    const member = forgetful([added(2, 4), normal(3), added(4, 5), normal(5), added(6, 6), normal(7)])
    expect(member.node.campaign()).toBe('unapplied-conf-change')
    expect(member.node.status()).toMatchObject({ role: 'follower', committed: 4, applied: 1 })
    member.work()
    expect(member.node.status()).toMatchObject({ applied: 4, configuration: confState([1, 2, 3, 4, 5]) })
    expect(member.node.campaign()).toBe('started')
    expect(member.node.status().committed).toBe(4)
  })

  it('may stand with one: what comes after that is decided with its quorum too', () => {
    const { node } = forgetful([normal(2), added(3, 4), normal(4)])
    expect(node.campaign()).toBe('started')
    expect(node.status()).toMatchObject({ role: 'candidate', committed: 1 })
  })

  it('takes nothing for committed where changes do not wait for each other', () => {
    const { node } = forgetful([added(2, 4), added(3, 5)], { disableConfChangeValidation: true })
    expect(node.campaign()).toBe('started')
    expect(node.status().committed).toBe(1)
  })

  it('looks again at what has been replaced since', () => {
    const { node } = forgetful([added(2, 4), normal(3)])
    expect(node.campaign()).toBe('started')
    // Another leader has replaced the first one's entries.
    const replaced = [normal(2, 3), { ...added(3, 5), term: 3 }, { ...added(4, 6), term: 3 }]
    node.step({ type: 'MsgApp', from: 2, to: 1, term: 3, index: 1, logTerm: 1, entries: replaced, commit: 1 })
    expect(node.campaign()).toBe('unapplied-conf-change')
    expect(node.status().committed).toBe(3)
  })

  it('learns it also where it is no voter so far as it knows: it may be the only one left', () => {
    const member = forgetful([added(2, 1), added(3, 4)], {}, [2])
    for (let i = 0; i < 10; i++) member.node.tick()
    member.work()
    expect(member.node.status()).toMatchObject({ committed: 2, isLearner: false, configuration: confState([1, 2]) })
    for (let i = 0; i < 10; i++) member.node.tick()
    expect(member.node.status().role).toBe('candidate')
  })

  it('looks at nothing that a snapshot takes the place of, though it is no voter so far as it knows', () => {
    const member = forgetful([added(2, 1), added(3, 4)], {}, [2])
    const { node, log } = member
    node.step({ type: 'MsgSnap', from: 2, to: 1, term: 2, snapshot: { ...startOf(confState([1, 2])), index: 9, term: 2 } })
    const { snapshot } = node.ready()
    if (snapshot !== undefined) log.applySnapshot(snapshot)
    for (let i = 0; i < 20; i++) node.tick()
    node.advance()
    expect(node.status()).toMatchObject({ committed: 9, configuration: confState([1, 2]) })
  })

  it('waits for entries that are being fetched, and goes on from where it was', () => {
    const memory = new MemoryLog(startOf(confState([1, 2, 3])))
    memory.append([normal(2), normal(3), added(4, 4)])
    const asked: number[] = []
    let atHand = 2
    const log: LogState = {
      initialState: () => memory.initialState(),
      get firstIndex() {
        return memory.firstIndex
      },
      get lastIndex() {
        return memory.lastIndex
      },
      term: index => memory.term(index),
      snapshot: () => memory.snapshot(),
      entries(from, to) {
        asked.push(from)
        return from > atHand ? undefined : memory.entries(from, Math.min(to, atHand + 1), Number.POSITIVE_INFINITY)
      },
    }
    const node = new RawNode({ id: 1, random }, log)
    expect(node.campaign()).toBe('unapplied-conf-change')
    atHand = 3
    expect(node.campaign()).toBe('unapplied-conf-change')
    atHand = 4
    expect(node.campaign()).toBe('started')
    expect(asked).toEqual([2, 3, 3, 4, 4])
  })

  it('does not lead beside the leader of the others', () => {
    const cluster = new Cluster({ config: { preVote: false } })
    cluster.elect(3)
    // 2 has the first change, and does not hear that it is committed.
    cluster.partition([2, 3], [1])
    cluster.lose = message => message.to === 2 && (message.type !== 'MsgApp' || message.entries.length === 0)
    cluster.change(3, [{ type: 'add-node', nodeId: 4 }])
    const changed = cluster.member(3).node.status()
    expect(changed).toMatchObject({ configuration: confState([1, 2, 3, 4]) })
    // 1 has this change and the next one on its disk, and nothing of what is committed.
    const log = new MemoryLog(startOf(confState([1, 2, 3])))
    log.append([...cluster.member(3).log.entries(2, changed.lastIndex + 1, Number.POSITIVE_INFINITY), added(changed.lastIndex + 1, 5)])
    log.setHardState({ term: 1, vote: 3, commit: 1 })
    const node = new RawNode({ id: 1, random, preVote: false }, log)
    expect(node.campaign()).toBe('unapplied-conf-change')
    expect(node.status().committed).toBe(changed.committed)
  })
})
