import { type Entry, MemoryLog, type MsgApp, RawNode, type Ready } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'
import { bytes } from './support/member.ts'

/** A leader of three, whose followers have its first entry, and what it sends to member 2. */
function leading(config = {}) {
  const cluster = new Cluster({ config })
  cluster.elect(1)
  const { node } = cluster.member(1)
  const sent = () => {
    const messages = cluster.member(1).work()
    return messages.filter((message): message is MsgApp => message.type === 'MsgApp' && message.to === 2)
  }
  const acknowledge = (index: number) =>
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index, reject: false, rejectHint: 0, logTerm: 0 })
  const answerHeartbeat = () => node.step({ type: 'MsgHeartbeatResp', from: 2, to: 1, term: 1, round: 0, committed: 0 })
  const propose = (count: number, size = 8) => {
    for (let i = 0; i < count; i++) node.propose([new Uint8Array(size)])
  }
  const progress = () => node.status().members[1]
  return { cluster, node, sent, acknowledge, answerHeartbeat, propose, progress }
}

describe('pipelining (thesis, section 10.2.1)', () => {
  it('sends ahead without waiting for answers', () => {
    const { propose, sent, progress } = leading()
    propose(5)
    expect(sent().map(({ index, entries }) => [index, entries.length])).toEqual([
      [2, 1],
      [3, 1],
      [4, 1],
      [5, 1],
      [6, 1],
    ])
    expect(progress()).toMatchObject({ state: 'replicate', match: 2, next: 8, inflightMsgs: 5 })
  })

  it('stops at so many messages, and goes on as they are acknowledged', () => {
    const { propose, sent, acknowledge, progress } = leading({ maxInflightMsgs: 3 })
    propose(10)
    expect(sent()).toHaveLength(3)
    expect(progress()).toMatchObject({ isInflightFull: true, isPaused: true })
    acknowledge(4)
    const more = sent()
    expect(more.map(({ index }) => index)).toEqual([5])
    expect(more[0]?.entries).toHaveLength(7)
  })

  it('fills the window again with as many messages as there is room for', () => {
    const { node, sent, acknowledge, progress } = leading({ maxInflightMsgs: 4, maxSizePerMsg: 0 })
    for (let i = 0; i < 10; i++) node.propose([bytes('a')])
    expect(sent().map(({ index }) => index)).toEqual([2, 3, 4, 5])
    acknowledge(6)
    expect(sent().map(({ index }) => index)).toEqual([6, 7, 8, 9])
    expect(progress()).toMatchObject({ match: 6, next: 11, inflightMsgs: 4 })
  })

  it('counts nothing as on its way that is acknowledged', () => {
    const { propose, acknowledge, progress } = leading()
    propose(2)
    acknowledge(3)
    expect(progress()).toMatchObject({ inflightMsgs: 1, inflightBytes: 8 })
    acknowledge(4)
    expect(progress()).toMatchObject({ inflightMsgs: 0, inflightBytes: 0 })
  })

  it('stops at so many bytes', () => {
    const { propose, sent, progress } = leading({ maxInflightBytes: 250, maxSizePerMsg: 124 })
    propose(10, 100)
    // The limit is soft: the third message reaches it.
    expect(sent()).toHaveLength(3)
    expect(progress()).toMatchObject({ inflightBytes: 300, isInflightFull: true })
  })

  it('cuts messages at so many bytes, of which each has one entry at least', () => {
    const { cluster, propose, sent } = leading({ maxSizePerMsg: 300 })
    cluster.partition([1, 3], [2])
    cluster.member(1).node.reportUnreachable(2)
    propose(6, 100)
    cluster.settle()
    cluster.heal()
    cluster.member(1).node.step({ type: 'MsgHeartbeatResp', from: 2, to: 1, term: 1, round: 0, committed: 0 })
    const [probe] = sent()
    expect(probe?.entries).toHaveLength(2)
  })

  it('with a limit of nothing sends one entry a message', () => {
    const { propose, sent, node } = leading({ maxSizePerMsg: 0 })
    node.propose([bytes('a'), bytes('b'), bytes('c')])
    propose(1)
    expect(sent().map(({ entries }) => entries.length)).toEqual([1, 1])
  })

  it('lets one empty message through a full window for each heartbeat that is answered', () => {
    const { propose, sent, answerHeartbeat, node } = leading({ maxInflightMsgs: 1 })
    propose(2)
    expect(sent()).toHaveLength(1)
    for (let i = 0; i < 3; i++) {
      answerHeartbeat()
      expect(sent()).toMatchObject([{ entries: [], index: 3 }])
    }
    // The message in the window was lost: the follower refuses, and gets everything again.
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 3, reject: true, rejectHint: 2, logTerm: 1 })
    expect(sent()).toMatchObject([{ index: 2, entries: [{ index: 3 }, { index: 4 }] }])
  })
})

describe('probing', () => {
  it("sends one message, and waits for its answer or a heartbeat's", () => {
    const { propose, sent, node, answerHeartbeat, progress } = leading()
    node.reportUnreachable(2)
    expect(progress()).toMatchObject({ state: 'probe', next: 3 })
    propose(3)
    expect(sent()).toHaveLength(1)
    answerHeartbeat()
    expect(sent()).toMatchObject([{ index: 2, entries: [{ index: 3 }, { index: 4 }, { index: 5 }] }])
    propose(1)
    expect(sent()).toEqual([])
  })

  it('ends with an answer, also with one that says what is known', () => {
    const { node, acknowledge, answerHeartbeat, progress, sent } = leading()
    node.reportUnreachable(2)
    answerHeartbeat()
    expect(sent()).toMatchObject([{ entries: [] }])
    acknowledge(2)
    expect(progress()).toMatchObject({ state: 'replicate', next: 3 })
  })

  it('does not end with an answer that is older than what is known', () => {
    const { propose, acknowledge, node, progress } = leading()
    propose(2)
    acknowledge(4)
    node.reportUnreachable(2)
    acknowledge(3)
    expect(progress()).toMatchObject({ state: 'probe', match: 4 })
  })

  it('goes on where the follower says, also when that knows no term there', () => {
    const cluster = new Cluster({ logs: { 1: [1, 1, 1, 1, 1] } })
    cluster.lose = ({ to, type }) => to === 2 && type === 'MsgApp'
    const { node } = cluster.elect(1)
    expect(node.status().members[1]).toMatchObject({ state: 'probe', next: 7 })
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 2, index: 6, reject: true, rejectHint: 3, logTerm: 0 })
    expect(cluster.member(1).work()).toMatchObject([{ type: 'MsgApp', to: 2, index: 3 }])
  })

  it('takes no notice of refusals that are out of date', () => {
    const { node, propose, progress, sent } = leading()
    propose(3)
    sent()
    const before = progress()
    node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 2, reject: true, rejectHint: 1, logTerm: 1 })
    expect(progress()).toEqual({ ...before, recentActive: true })
  })
})

describe('the limit on what is uncommitted', () => {
  it('counts data and 24 bytes for each entry, refuses more, and takes it again once enough is applied', () => {
    const { cluster, node } = leading({ maxUncommittedEntriesSize: 100 })
    expect(node.propose([new Uint8Array(36)]).kind).toBe('appended')
    expect(node.propose([new Uint8Array(16)]).kind).toBe('appended')
    expect(node.propose([new Uint8Array(0)])).toEqual({ kind: 'dropped', reason: 'full' })
    expect(node.status().uncommittedBytes).toBe(100)
    cluster.settle()
    expect(node.status().uncommittedBytes).toBe(0)
    expect(node.propose([new Uint8Array(1)]).kind).toBe('appended')
  })

  it('takes one proposal of any size when nothing else is under way', () => {
    const { node } = leading({ maxUncommittedEntriesSize: 100 })
    expect(node.propose([new Uint8Array(1_000)]).kind).toBe('appended')
    expect(node.propose([new Uint8Array(1)]).kind).toBe('dropped')
  })

  it('holds for entries without data, which fill the memory by their number', () => {
    const { node } = leading({ maxUncommittedEntriesSize: 100 })
    const empty = new Uint8Array(0)
    const kinds = [1, 2, 3, 4, 5].map(() => node.propose([empty]).kind)
    expect(kinds).toEqual(['appended', 'appended', 'appended', 'appended', 'dropped'])
    expect(node.proposeConfChange({ transition: 'auto', changes: [], context: empty })).toEqual({ kind: 'dropped', reason: 'full' })
  })

  it("holds for all but a leader's first entry and the one that leaves a joint configuration", () => {
    const { cluster, node } = leading({ maxUncommittedEntriesSize: 200 })
    const added = [{ type: 'add-learner-node' as const, nodeId: 4 }]
    const change = node.proposeConfChange({ transition: 'joint-implicit', changes: added, context: new Uint8Array(0) })
    expect(change).toEqual({ kind: 'appended', index: 3, term: 1 })
    expect(node.propose([new Uint8Array(200 - 24 - node.status().uncommittedBytes)]).kind).toBe('appended')
    // The change is committed, and what came after it is not.
    cluster.lose = message => message.type === 'MsgAppResp' && message.index > 3
    expect(node.status().uncommittedBytes).toBe(200)
    cluster.settle()
    expect(node.status()).toMatchObject({ committed: 3, lastIndex: 5, configuration: { votersOutgoing: [1, 2, 3] } })
    cluster.heal()
    cluster.tick(1, 2)
    expect(node.status()).toMatchObject({ committed: 5, uncommittedBytes: 0, configuration: { votersOutgoing: [] } })
  })

  it('begins anew with a new term: what another leader replaced counts no more', () => {
    const { cluster, node } = leading({ maxUncommittedEntriesSize: 100, checkQuorum: false, preVote: false })
    cluster.partition([1], [2, 3])
    node.propose([new Uint8Array(100)])
    cluster.settle()
    cluster.elect(2)
    cluster.heal()
    cluster.tick(2, 2)
    cluster.elect(1)
    expect(cluster.role(1)).toBe('leader')
    expect(node.propose([new Uint8Array(36)]).kind).toBe('appended')
    expect(node.propose([new Uint8Array(16)]).kind).toBe('appended')
  })

  it('takes all entries of a proposal or none', () => {
    const { node } = leading({ maxUncommittedEntriesSize: 200 })
    node.propose([new Uint8Array(76)])
    const { lastIndex } = node.status()
    expect(node.propose([new Uint8Array(30), new Uint8Array(30)]).kind).toBe('dropped')
    expect(node.status().lastIndex).toBe(lastIndex)
    expect(node.propose([new Uint8Array(30), new Uint8Array(22)])).toEqual({ kind: 'appended', index: 4, term: 1 })
  })
})

describe('the limit on what is being applied', () => {
  const entry = (index: number): Entry => ({ index, term: 1, type: 'normal', data: new Uint8Array(76) })
  /** A member with entries 2 to 11, of 100 bytes each, all committed. */
  function restarted(config = {}) {
    const log = new MemoryLog(startOf(confState([1, 2, 3])))
    log.append(Array.from({ length: 10 }, (_, i) => entry(i + 2)))
    log.setHardState({ term: 1, vote: 0, commit: 11 })
    return new RawNode({ id: 1, random: { u32: () => 0 }, ...config }, log)
  }

  it('gives entries out in portions of that size', () => {
    const node = restarted({ maxCommittedSizePerReady: 300 })
    const portions: number[] = []
    while (node.hasReady()) {
      portions.push(node.ready().committedEntries.length)
      node.advance()
    }
    expect(portions).toEqual([3, 3, 3, 1])
  })

  it('gives at least one entry, however large it is', () => {
    const node = restarted({ maxCommittedSizePerReady: 1 })
    expect(node.ready().committedEntries).toHaveLength(1)
  })

  it('holds over several Ready when storage work is asynchronous', () => {
    const node = restarted({ maxCommittedSizePerReady: 250, asyncStorageWrites: true })
    const first = node.ready()
    expect(first.committedEntries.map(({ index }) => index)).toEqual([2, 3])
    expect(node.hasReady()).toBe(false)
    for (const response of first.storageApply?.responses ?? []) node.stepLocal(response)
    expect(node.ready().committedEntries.map(({ index }) => index)).toEqual([4, 5])
  })

  describe('counts what is handed out and not applied', () => {
    /** A follower that has entries of these sizes saved, and hears of one committed entry after the other. */
    function following(limit: number, sizes: readonly number[]) {
      const log = new MemoryLog(startOf(confState([1, 2, 3])))
      log.append(sizes.map((size, i) => ({ ...entry(i + 2), data: new Uint8Array(size - 24) })))
      const node = new RawNode({ id: 2, random: { u32: () => 0 }, asyncStorageWrites: true, maxCommittedSizePerReady: limit }, log)
      const commit = (index: number) => {
        node.step({ type: 'MsgHeartbeat', from: 1, to: 2, term: 1, commit: index, round: 1, quiesce: false })
        return node.ready()
      }
      const applied = ({ storageApply }: Ready) => {
        for (const response of storageApply?.responses ?? []) node.stepLocal(response)
      }
      return { node, commit, applied }
    }
    const indexes = ({ committedEntries }: Ready) => committedEntries.map(({ index }) => index)

    it('and hands out only what has room beside it', () => {
      const { commit } = following(250, [100, 100, 100, 100, 100])
      expect(indexes(commit(3))).toEqual([2, 3])
      expect(indexes(commit(6))).toEqual([4])
    })

    it('and waits once the limit is reached, until enough is applied', () => {
      const { commit, applied, node } = following(200, [100, 100, 100])
      const both = commit(3)
      expect(indexes(both)).toEqual([2, 3])
      expect(indexes(commit(4))).toEqual([])
      applied(both)
      expect(indexes(node.ready())).toEqual([4])
    })

    it('and goes on waiting when what is applied is not enough', () => {
      const { commit, applied, node } = following(150, [100, 500, 100])
      const [small, large] = [commit(2), commit(3)]
      expect([indexes(small), indexes(large), indexes(commit(4))]).toEqual([[2], [3], []])
      applied(small)
      expect(node.hasReady()).toBe(false)
      applied(large)
      expect(indexes(node.ready())).toEqual([4])
    })

    it('and gives no more room to what is said to be applied twice', () => {
      const { commit, applied } = following(150, [100, 100, 100, 100])
      const first = commit(2)
      applied(first)
      applied(first)
      expect(indexes(commit(5))).toEqual([3])
    })
  })
})
