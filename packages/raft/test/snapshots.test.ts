import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'
import { lagging } from './support/lagging.ts'
import { bytes } from './support/member.ts'

describe('a snapshot', () => {
  it('brings a follower up to date that needs entries which are gone', () => {
    const cluster = lagging()
    cluster.tick(1)
    cluster.tick(1)
    expect(cluster.member(3).applied).toEqual(['a', 'b', 'c'])
    expect(cluster.member(3).log.firstIndex).toBe(6)
    cluster.propose(1, 'd')
    expect(cluster.member(3).applied).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is acknowledged only once it is durable', () => {
    const cluster = lagging()
    const { node } = cluster.member(3)
    const snapshot = cluster.member(1).log.snapshot() ?? startOf(confState([]))
    node.step({ type: 'MsgSnap', from: 1, to: 3, term: 1, snapshot })
    const ready = node.ready()
    expect(ready).toMatchObject({ snapshot, mustSync: true, messages: [], committedEntries: [] })
    expect(ready.messagesAfterAppend).toMatchObject([{ type: 'MsgAppResp', index: 5, reject: false }])
  })

  it('is applied before entries that come after it, which wait until then', () => {
    const cluster = lagging({ asyncStorageWrites: true })
    const { node, log } = cluster.member(3)
    const snapshot = { index: 5, term: 1, confState: confState([1, 2, 3]), data: bytes('a,b,c') }
    node.step({ type: 'MsgSnap', from: 1, to: 3, term: 1, snapshot })
    const entries = [{ index: 6, term: 1, type: 'normal' as const, data: bytes('d') }]
    node.step({ type: 'MsgApp', from: 1, to: 3, term: 1, index: 5, logTerm: 1, entries, commit: 6 })
    const ready = node.ready()
    expect(ready).toMatchObject({ snapshot, entries, committedEntries: [], storageApply: undefined })
    log.applySnapshot(snapshot)
    log.append(entries)
    for (const response of ready.storageAppend?.responses ?? []) if (response.to === 3) node.stepLocal(response)
    expect(node.ready().committedEntries).toMatchObject(entries)
  })

  it('that is older than what is committed changes nothing, and the leader is told what is', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.propose(1, 'a')
    const { node } = cluster.member(2)
    node.step({ type: 'MsgSnap', from: 1, to: 2, term: 1, snapshot: { ...startOf(confState([1, 2, 3])), index: 2 } })
    expect(cluster.member(2).work()).toMatchObject([{ type: 'MsgAppResp', index: 3, reject: false }])
    expect(cluster.member(2).applied).toEqual(['a'])
  })

  it('whose last entry the log has only tells what is committed: the entries behind it stay', () => {
    const cluster = new Cluster({ logs: { 2: [1, 1, 1] } })
    const { node } = cluster.member(2)
    node.step({ type: 'MsgSnap', from: 1, to: 2, term: 1, snapshot: { ...startOf(confState([1, 2, 3])), index: 3 } })
    expect(node.ready().snapshot).toBeUndefined()
    expect(node.status()).toMatchObject({ committed: 3, lastIndex: 4 })
  })

  it('takes the place of a log that went another way, all of it', () => {
    const cluster = new Cluster({ logs: { 2: [1, 1, 1, 1, 1, 1] } })
    const { node } = cluster.member(2)
    node.step({
      type: 'MsgSnap',
      from: 1,
      to: 2,
      term: 3,
      snapshot: { ...startOf(confState([1, 2, 3])), index: 4, term: 2, data: bytes('x') },
    })
    cluster.member(2).work()
    expect(node.status()).toMatchObject({ firstIndex: 5, lastIndex: 4, committed: 4, applied: 4 })
    expect(cluster.member(2).applied).toEqual(['x'])
  })

  it('brings the configuration along', () => {
    const cluster = lagging()
    cluster.partition([1, 2], [3])
    cluster.add(4, startOf(confState([1, 2, 3])))
    cluster.change(1, [{ type: 'add-learner-node', nodeId: 4 }])
    cluster.member(1).compact()
    cluster.heal()
    cluster.tick(1)
    cluster.tick(1)
    expect(cluster.member(3).node.status().configuration).toEqual(confState([1, 2, 3], [4]))
  })

  it('is taken also by who is not in it, who then does not stand for election before it is added', () => {
    const cluster = lagging()
    const { node } = cluster.member(3)
    node.step({ type: 'MsgSnap', from: 1, to: 3, term: 1, snapshot: { ...startOf(confState([1, 2])), index: 5 } })
    cluster.member(3).work()
    expect(node.status()).toMatchObject({ configuration: confState([1, 2]), applied: 5 })
    expect(node.campaign()).toBe('not-promotable')
  })

  it('keeps its receiver from standing for election until it is applied', () => {
    const cluster = lagging({ asyncStorageWrites: true, checkQuorum: false })
    const { node } = cluster.member(3)
    node.step({ type: 'MsgSnap', from: 1, to: 3, term: 1, snapshot: { ...startOf(confState([1, 2, 3])), index: 5 } })
    expect(node.campaign()).toBe('not-promotable')
  })
})

describe('sending a snapshot', () => {
  it('holds back everything else until it arrived', () => {
    const cluster = lagging()
    cluster.lose = ({ type }) => type === 'MsgSnap'
    cluster.tick(1)
    cluster.propose(1, 'd')
    const progress = () => cluster.member(1).node.status().members[2]
    expect(progress()).toMatchObject({ state: 'snapshot', pendingSnapshot: 5 })
    cluster.tick(1, 5)
    expect(progress()).toMatchObject({ state: 'snapshot' })
    cluster.heal()
    cluster.member(1).node.reportSnapshot(3, false)
    expect(progress()).toMatchObject({ state: 'probe', next: 3, isPaused: true })
    cluster.tick(1, 2)
    expect(cluster.member(3).applied).toEqual(['a', 'b', 'c', 'd'])
  })

  it('goes on behind it when it is said to have arrived', () => {
    const cluster = lagging()
    cluster.lose = ({ type }) => type === 'MsgSnap'
    cluster.tick(1)
    cluster.heal()
    cluster
      .member(3)
      .node.step({ type: 'MsgSnap', from: 1, to: 3, term: 1, snapshot: cluster.member(1).log.snapshot() ?? startOf(confState([])) })
    cluster.member(3).work()
    cluster.member(1).node.reportSnapshot(3, true)
    expect(cluster.member(1).node.status().members[2]).toMatchObject({ state: 'probe', next: 6 })
    cluster.tick(1, 2)
    expect(cluster.member(1).node.status().members[2]).toMatchObject({ state: 'replicate', match: 5 })
  })

  it('waits for a follower to be heard of', () => {
    const cluster = lagging()
    cluster.partition([1, 2], [3])
    cluster.tick(1, 30)
    cluster.member(1).node.reportUnreachable(3)
    cluster.propose(1, 'd')
    expect(cluster.member(1).node.status().members[2]).toMatchObject({ state: 'probe', recentActive: false })
    cluster.heal()
    cluster.tick(1, 2)
    expect(cluster.member(3).applied).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is put off when none can be had, and tried again', () => {
    const cluster = lagging()
    const { log } = cluster.member(1)
    const snapshot = log.snapshot.bind(log)
    log.snapshot = () => undefined
    cluster.tick(1, 3)
    expect(cluster.member(3).applied).toEqual([])
    log.snapshot = snapshot
    cluster.tick(1, 2)
    expect(cluster.member(3).applied).toEqual(['a', 'b', 'c'])
  })

  it('ends when the follower can go on from the log, whichever snapshot it got', () => {
    const cluster = lagging()
    cluster.lose = ({ type }) => type === 'MsgSnap'
    cluster.tick(1)
    // Somebody else gave it an older one, and the leader still has what follows.
    cluster.member(1).node.step({ type: 'MsgAppResp', from: 3, to: 1, term: 1, index: 5, reject: false, rejectHint: 0, logTerm: 0 })
    expect(cluster.member(1).node.status().members[2]).toMatchObject({ state: 'replicate', match: 5, next: 6 })
  })

  it('holds back entries also when heartbeats are answered, or a message is said to be lost', () => {
    const cluster = lagging()
    const sent: string[] = []
    cluster.lose = ({ type }) => type === 'MsgSnap'
    cluster.tick(1)
    cluster.lose = ({ type, to }) => to === 3 && type !== 'MsgHeartbeat' && sent.push(type) > 0
    cluster.propose(1, 'd')
    cluster.tick(1, 3)
    expect(sent).toEqual([])
    cluster.member(1).node.reportUnreachable(3)
    expect(cluster.member(1).node.status().members[2]).toMatchObject({ state: 'snapshot', pendingSnapshot: 5, next: 6 })
  })

  it('names the snapshot that was sent, also when more is committed', () => {
    const cluster = lagging()
    cluster.partition([1, 2], [3])
    cluster.propose(1, 'd')
    cluster.heal()
    cluster.lose = ({ type }) => type === 'MsgSnap'
    cluster.tick(1)
    expect(cluster.member(1).node.status()).toMatchObject({ committed: 6, members: [{}, {}, { state: 'snapshot', pendingSnapshot: 5 }] })
  })

  it('ends with what the follower can go on from, below the snapshot that was sent too, and with nothing less', () => {
    const cluster = lagging()
    const { node, log } = cluster.member(1)
    cluster.partition([1, 2], [3])
    cluster.propose(1, 'd', 'e')
    log.createSnapshot(7, confState([1, 2, 3]), bytes('a,b,c,d,e'))
    cluster.heal()
    cluster.lose = ({ type }) => type === 'MsgSnap'
    cluster.tick(1)
    const acknowledge = (index: number) =>
      node.step({ type: 'MsgAppResp', from: 3, to: 1, term: 1, index, reject: false, rejectHint: 0, logTerm: 0 })
    expect(node.status()).toMatchObject({ firstIndex: 6, members: [{}, {}, { state: 'snapshot', pendingSnapshot: 7 }] })
    acknowledge(4)
    expect(node.status().members[2]).toMatchObject({ state: 'snapshot', match: 4 })
    expect(cluster.member(1).work()).toEqual([])
    acknowledge(5)
    expect(node.status().members[2]).toMatchObject({ state: 'replicate', match: 5 })
  })

  it('reports of others than followers that wait for one change nothing', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    const before = cluster.member(1).node.status()
    cluster.member(1).node.reportSnapshot(2, true)
    cluster.member(1).node.reportSnapshot(9, false)
    cluster.member(2).node.reportSnapshot(3, true)
    expect(cluster.member(1).node.status()).toEqual(before)
  })
})
