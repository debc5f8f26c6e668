import { type ConfChange, LOCAL_APPLY_THREAD, type Message, type RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'
import { bytes } from './support/member.ts'

const addTwice: ConfChange = {
  transition: 'auto',
  changes: [
    { type: 'add-node', nodeId: 4 },
    { type: 'add-node', nodeId: 5 },
  ],
  context: new Uint8Array(0),
}

/** Calls on a member, none of which is wrong by itself. */
const calls: Readonly<Record<string, (node: RawNode) => unknown>> = {
  tick: node => node.tick(),
  step: node => node.step({ type: 'MsgTimeoutNow', from: 2, to: 1, term: 1 }),
  stepLocal: node => node.stepLocal({ type: 'MsgStorageApplyResp', from: LOCAL_APPLY_THREAD, to: 1, term: 0, entries: [] }),
  propose: node => node.propose([bytes('a')]),
  proposeConfChange: node => node.proposeConfChange(addTwice),
  applyConfChange: node => node.applyConfChange(addTwice, 2),
  readIndex: node => node.readIndex(1),
  leaseRead: node => node.leaseRead(1),
  leaseCovers: node => node.leaseCovers({ index: 1, term: 1 }, 1),
  transferLeadership: node => node.transferLeadership(2),
  forgetLeader: node => node.forgetLeader(),
  campaign: node => node.campaign(),
  reportUnreachable: node => node.reportUnreachable(2),
  reportSnapshot: node => node.reportSnapshot(2, true),
  entriesFetched: node => node.entriesFetched(),
  quiesce: node => node.quiesce(),
  wake: node => node.wake(),
  ready: node => node.ready(),
  setRandomizedElectionTimeout: node => node.setRandomizedElectionTimeout(3),
}

/** A leader whose log fails under it. */
function halted(whileReady = false): RawNode {
  const cluster = new Cluster()
  const { node, log } = cluster.elect(1)
  if (whileReady) node.ready()
  log.term = () => {
    throw new Error('the disk is gone')
  }
  expect(() => node.propose([bytes('a')])).toThrow('the disk is gone')
  return node
}

const refusal = expect.objectContaining({ code: 'DX_RAFT_HALTED', cause: expect.objectContaining({ message: 'the disk is gone' }) })

describe('a member that stopped at an error', () => {
  it.each(Object.entries(calls))('refuses %s', (_name, call) => {
    expect(() => call(halted())).toThrow(refusal)
  })

  it('refuses advance', () => {
    expect(() => halted(true).advance()).toThrow(refusal)
  })

  it('can be looked at', () => {
    const node = halted()
    expect(node.status()).toMatchObject({ role: 'leader', term: 1, committed: 2 })
    expect([node.durableOnAll(), node.compactionIndex(2, { least: 0 })]).toEqual([2, 2])
  })
})

const applied: Message = { type: 'MsgStorageApplyResp', from: LOCAL_APPLY_THREAD, to: 1, term: 0, entries: [] }

describe('a member does not stop', () => {
  const leader = (config = {}) => new Cluster({ config }).elect(1).node

  it.each<readonly [string, string, (node: RawNode) => unknown]>([
    ['a message that nobody sends', 'DX_RAFT_MESSAGE', node => node.step({ type: 'MsgTimeoutNow', from: 1, to: 1, term: 1 })],
    [
      'an acknowledgement of what there is not',
      'DX_RAFT_MESSAGE',
      node => node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 9, reject: false, rejectHint: 0, logTerm: 0 }),
    ],
    ['a change that cannot be made', 'DX_RAFT_CONF_CHANGE', node => node.applyConfChange({ ...addTwice, changes: [] }, 2)],
    [
      'a change that leaves no voter',
      'DX_RAFT_CONF_CHANGE',
      node => node.applyConfChange({ ...addTwice, changes: [1, 2, 3].map(nodeId => ({ type: 'remove-node', nodeId })) }, 2),
    ],
    [
      'a change of a member that is none',
      'DX_OPTION',
      node => node.proposeConfChange({ ...addTwice, changes: [{ type: 'add-node', nodeId: -1 }] }),
    ],
    ['a call out of turn', 'DX_RAFT_USAGE', node => node.advance()],
    ['a proposal of nothing', 'DX_RAFT_USAGE', node => node.propose([])],
    ['a proposal that is no list', 'DX_RAFT_USAGE', node => node.propose(new Uint8Array(1) as unknown as Uint8Array[])],
    ['a change at an entry that is not committed', 'DX_RAFT_USAGE', node => node.applyConfChange(addTwice, 3)],
    ['news of a member that is none', 'DX_OPTION', node => node.reportUnreachable('2' as unknown as number)],
    ['news of a snapshot for a member that is none', 'DX_OPTION', node => node.reportSnapshot('2' as unknown as number, true)],
    ['news of a snapshot that are none', 'DX_OPTION', node => node.reportSnapshot(2, 'false' as unknown as boolean)],
    ['a response where advance() takes its place', 'DX_RAFT_USAGE', node => node.stepLocal(applied)],
    ['an option out of its range', 'DX_OPTION', node => node.transferLeadership(0)],
    ['a time-out that is none', 'DX_OPTION', node => node.setRandomizedElectionTimeout(0)],
    ['bounds that contradict one another', 'DX_OPTION', node => node.compactionIndex(1, { least: 2, most: 1 })],
    ['a tick without its time', 'DX_OPTION', () => leader({ lease: { tickMs: 1, maxClockDriftPpm: 0 } }).tick()],
  ])('for %s', (_what, code, call) => {
    const node = leader()
    const before = node.status()
    expect(() => call(node)).toThrow(expect.objectContaining({ code }))
    expect(node.status()).toEqual(before)
    expect(() => node.tick()).not.toThrow()
  })

  it('for a response of a storage thread that is not for it, or is none', () => {
    const node = leader({ asyncStorageWrites: true })
    expect(node.stepLocal({ ...applied, to: 2 })).toBe('not-addressed')
    const none: unknown[] = [
      undefined,
      null,
      7,
      {},
      { ...applied, entries: 'x' },
      { ...applied, term: -1 },
      { ...applied, type: 'MsgHeartbeat' },
    ]
    for (const wrong of none) expect(() => node.stepLocal(wrong as Message)).toThrow(expect.objectContaining({ code: 'DX_RAFT_MESSAGE' }))
    expect(() => node.tick()).not.toThrow()
  })

  it('for news of itself', () => {
    const node = leader()
    const before = node.status()
    node.reportUnreachable(1)
    node.reportSnapshot(1, true)
    expect(node.status()).toEqual(before)
  })
})
