import { MemoryLog, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from '../support/cluster.ts'
import { bytes, texts } from '../support/member.ts'

const plain = { preVote: false, checkQuorum: false }

describe('log replication (paper, section 5.3)', () => {
  it('applies on every member what was proposed, in the same order', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.propose(1, 'a', 'b')
    cluster.propose(2, 'c')
    for (const id of [1, 2, 3]) expect(cluster.member(id).applied).toEqual(['a', 'b', 'c'])
  })

  it('commits when a majority has it, without the others', () => {
    const cluster = new Cluster({ voters: [1, 2, 3, 4, 5] })
    cluster.elect(1)
    cluster.partition([1, 2, 3], [4, 5])
    cluster.propose(1, 'a')
    expect([1, 2, 3, 4, 5].map(id => cluster.member(id).applied.length)).toEqual([1, 1, 1, 0, 0])
  })

  it('knows what every voter has on its disk', () => {
    const cluster = new Cluster({ voters: [1, 2, 3], learners: [4] })
    const { node } = cluster.elect(1)
    cluster.partition([1, 2], [3], [4])
    cluster.propose(1, 'a')
    expect([node.status().committed, node.durableOnAll(), cluster.member(2).node.durableOnAll()]).toEqual([3, 2, 0])
    cluster.partition([1, 2, 3], [4])
    cluster.tick(1, 2)
    expect(node.durableOnAll()).toBe(3)
  })

  it('commits nothing with less than a majority, and does so once there is one', () => {
    const cluster = new Cluster({ config: { checkQuorum: false } })
    cluster.elect(1)
    cluster.partition([1], [2, 3])
    cluster.propose(1, 'a')
    expect(cluster.member(1).applied).toEqual([])
    cluster.heal()
    cluster.tick(1)
    cluster.tick(1)
    expect(cluster.member(2).applied).toEqual(['a'])
  })

  it('tells a follower what is committed with the next message, at the latest with a heartbeat', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.lose = message => message.type === 'MsgApp' && message.entries.length === 0
    cluster.propose(1, 'a')
    expect(cluster.member(2).applied).toEqual([])
    cluster.tick(1)
    expect(cluster.member(2).applied).toEqual(['a'])
  })

  it('takes entries only after one that it has, and says where to try instead', () => {
    const cluster = new Cluster({ logs: { 2: [1, 2] } })
    const { node } = cluster.member(2)
    node.step({ type: 'MsgApp', from: 1, to: 2, term: 3, index: 5, logTerm: 3, entries: [], commit: 0 })
    expect(cluster.member(2).work()).toMatchObject([{ type: 'MsgAppResp', index: 5, reject: true, rejectHint: 3, logTerm: 2 }])
  })

  it('acknowledges entries only once they are durable', () => {
    const cluster = new Cluster()
    const { node } = cluster.member(2)
    const entries = [{ index: 2, term: 1, type: 'normal' as const, data: bytes('a') }]
    node.step({ type: 'MsgApp', from: 1, to: 2, term: 1, index: 1, logTerm: 1, entries, commit: 1 })
    expect(node.ready()).toMatchObject({
      messages: [],
      mustSync: true,
      messagesAfterAppend: [{ type: 'MsgAppResp', index: 2, reject: false }],
    })
  })

  it('takes a message twice without harm, and an old one does not cut off what came after it', () => {
    const cluster = new Cluster()
    const { node } = cluster.member(2)
    const entry = (index: number) => ({ index, term: 1, type: 'normal' as const, data: bytes(`e${index}`) })
    const append = (index: number, ...indexes: number[]) =>
      node.step({ type: 'MsgApp', from: 1, to: 2, term: 1, index, logTerm: 1, entries: indexes.map(entry), commit: 1 })
    append(1, 2, 3)
    append(3, 4)
    append(1, 2)
    append(1, 2, 3)
    cluster.member(2).work()
    expect(texts(cluster.member(2).log.entries(2, 5, Number.POSITIVE_INFINITY))).toEqual(['1/2 e2', '1/3 e3', '1/4 e4'])
  })

  it('never takes a commit index for more than it was told with', () => {
    const cluster = new Cluster({ logs: { 2: [1, 1, 1] } })
    const { node } = cluster.member(2)
    node.step({ type: 'MsgApp', from: 1, to: 2, term: 2, index: 2, logTerm: 1, entries: [], commit: 4 })
    expect(node.status()).toMatchObject({ committed: 2, lastIndex: 4 })
  })
})

/** The logs of figure 7, as terms from index 2 on. The leader of term 8 is member 1. */
const figure7 = {
  1: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
  2: [1, 1, 1, 4, 4, 5, 5, 6, 6],
  3: [1, 1, 1, 4],
  4: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
  5: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
  6: [1, 1, 1, 4, 4, 4, 4],
  7: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
}

describe('figure 7 of the paper', () => {
  it.each([2, 3, 4, 5, 6, 7])('brings follower %i to the log of the leader of term 8', follower => {
    const cluster = new Cluster({ voters: [1, 2, 3, 4, 5, 6, 7], config: plain, logs: figure7, term: 7 })
    cluster.elect(1)
    expect(cluster.role(1)).toBe('leader')
    cluster.tick(1)
    cluster.tick(1)
    expect(cluster.terms(follower)).toEqual([...figure7[1], 8])
    expect(cluster.member(follower).applied).toEqual(cluster.member(1).applied)
  })

  it('finds where two logs part in one probe for each term, not for each entry', () => {
    const long = (...runs: [number, number][]) => runs.flatMap(([term, count]) => Array<number>(count).fill(term))
    const cluster = new Cluster({
      voters: [1, 2, 3],
      config: plain,
      logs: { 1: long([1, 10], [4, 300], [6, 300]), 2: long([1, 10], [2, 300], [3, 300], [5, 300]), 3: [1] },
      term: 6,
    })
    cluster.lose = ({ to, from }) => to === 2 && from === 1
    cluster.elect(1)
    cluster.heal()
    cluster.tick(1)
    const rejections = cluster
      .member(2)
      .readies.flatMap(({ messagesAfterAppend }) => messagesAfterAppend.filter(m => m.type === 'MsgAppResp' && m.reject))
    expect(rejections.length).toBeLessThanOrEqual(4)
    expect(cluster.terms(2)).toEqual(cluster.terms(1))
  })
})

describe('a follower with a long tail of later terms', () => {
  it('names the last of its entries that the leader can have, and is not asked for each', () => {
    const long = (...runs: [number, number][]) => runs.flatMap(([term, count]) => Array<number>(count).fill(term))
    const cluster = new Cluster({
      voters: [1, 2, 3],
      config: plain,
      logs: { 1: long([1, 1], [3, 300]), 2: long([1, 1], [3, 2], [4, 100], [5, 100], [6, 100]), 3: [1] },
      term: 6,
    })
    cluster.elect(1)
    cluster.tick(1)
    const rejections = cluster
      .member(2)
      .readies.flatMap(({ messagesAfterAppend }) => messagesAfterAppend.filter(m => m.type === 'MsgAppResp' && m.reject))
    expect(rejections.length).toBeLessThanOrEqual(3)
    expect(cluster.terms(2)).toEqual(cluster.terms(1))
  })
})

describe('figure 8 of the paper', () => {
  /** As in (c): member 1 leads term 4, and its entry of term 2 is on members 1, 2 and 3. Member 5 has one of term 3 in its place. */
  function untilC(): Cluster {
    const logs = { 1: [2], 2: [2], 3: [], 4: [], 5: [3] }
    const cluster = new Cluster({ voters: [1, 2, 3, 4, 5], config: plain, logs, term: 3 })
    cluster.partition([1, 2, 3, 4], [5])
    // The entry of the new term gets nowhere; those before it do.
    cluster.lose = message => message.type === 'MsgApp' && message.entries.some(({ term }) => term === 4)
    cluster.elect(1)
    return cluster
  }

  it('(d): an entry of an earlier term is not committed by being on a majority, and may still be replaced', () => {
    const cluster = untilC()
    const [, , third] = [1, 2, 3].map(id => cluster.member(id))
    cluster.lose = () => false
    const { node } = cluster.member(1)
    // The followers get the old entry by itself.
    const old = cluster.member(1).log.entries(2, 3, Number.POSITIVE_INFINITY)
    third?.node.step({ type: 'MsgApp', from: 1, to: 3, term: 4, index: 1, logTerm: 1, entries: old, commit: 1 })
    const answers = third?.work() ?? []
    for (const answer of answers) node.step(answer)
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 4, index: 2, reject: false, rejectHint: 0, logTerm: 0 })
    expect(node.status().members.filter(({ match }) => match >= 2).length).toBeGreaterThanOrEqual(3)
    expect(node.status().committed).toBe(1)
    cluster.stop(1)
    cluster.heal()
    cluster.partition([2, 3, 4, 5])
    cluster.elect(5)
    // It first hears of term 4, and wins with votes of those who have not voted in the term after.
    if (cluster.role(5) !== 'leader') cluster.elect(5)
    expect(cluster.role(5)).toBe('leader')
    expect(cluster.terms(2)[0]).toBe(3)
    expect(cluster.member(2).applied[0]).toBe('t3i2')
  })

  it('(e): with an entry of its own term on a majority, the earlier one is committed and stays', () => {
    const cluster = untilC()
    cluster.lose = () => false
    cluster.tick(1)
    cluster.tick(1)
    expect(cluster.member(1).node.status().committed).toBe(3)
    cluster.stop(1)
    cluster.heal()
    for (let i = 0; i < 3; i++) cluster.elect(5)
    expect(cluster.role(5)).not.toBe('leader')
    cluster.elect(2)
    expect(cluster.role(2)).toBe('leader')
    cluster.tick(2)
    expect(cluster.member(5).applied[0]).toBe('t2i2')
  })
})

describe('leader completeness (paper, section 5.4)', () => {
  it('keeps a committed entry through any number of leaders', () => {
    const cluster = new Cluster({ voters: [1, 2, 3, 4, 5], config: plain })
    cluster.elect(1)
    cluster.partition([1, 2, 3], [4, 5])
    cluster.propose(1, 'kept')
    cluster.heal()
    for (const id of [4, 5, 3, 2, 4, 5, 1]) {
      cluster.elect(id)
      cluster.propose(cluster.leaders()[0] ?? 1, `after ${id}`)
    }
    cluster.tickAll(3)
    for (const id of [1, 2, 3, 4, 5]) expect(cluster.member(id).applied[0]).toBe('kept')
  })

  it('commits what earlier terms left with the first entry of a new one', () => {
    const cluster = new Cluster({ logs: { 1: [1, 2], 2: [1, 2] }, config: plain })
    cluster.elect(1)
    expect(cluster.member(1).applied).toEqual(['t1i2', 't2i3'])
    expect(cluster.member(1).log.entries(4, 5, Number.POSITIVE_INFINITY)).toMatchObject([{ term: 3, data: new Uint8Array(0) }])
  })
})

describe('restarts (thesis, section 3.8)', () => {
  it('go on from what was saved: term, vote, log and commit index', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.propose(1, 'a', 'b')
    const before = cluster.member(2).node.status()
    cluster.stop(2)
    cluster.start(2)
    expect(cluster.member(2).node.status()).toMatchObject({
      term: before.term,
      vote: before.vote,
      committed: before.committed,
      lastIndex: before.lastIndex,
      role: 'follower',
      leader: 0,
    })
    cluster.propose(1, 'c')
    expect(cluster.member(2).applied).toEqual(['a', 'b', 'c'])
  })

  it('of all members lose nothing that was committed', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.propose(1, 'a')
    for (const id of [1, 2, 3]) cluster.stop(id)
    for (const id of [1, 2, 3]) cluster.start(id)
    cluster.elect(3)
    cluster.propose(3, 'b')
    for (const id of [1, 2, 3]) expect(cluster.member(id).applied).toEqual(['a', 'b'])
  })

  it('apply nothing anew that the newest snapshot covers, though the log still has it', () => {
    const log = new MemoryLog(startOf(confState([1])))
    log.append([2, 3, 4].map(index => ({ index, term: 1, type: 'normal' as const, data: bytes(`e${index}`) })))
    log.setHardState({ term: 1, vote: 1, commit: 4 })
    log.createSnapshot(3, confState([1]), new Uint8Array(0))
    const node = new RawNode({ id: 1, random: { u32: () => 0 } }, log)
    expect(texts(node.ready().committedEntries)).toEqual(['1/4 e4'])
  })

  it('are refused from a log that is shorter than what it says is committed', () => {
    const cluster = new Cluster()
    cluster.member(1).log.setHardState({ term: 1, vote: 0, commit: 9 })
    expect(() => cluster.start(1)).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
  })
})
