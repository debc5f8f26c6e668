import { describe, expect, it } from 'vitest'
import { compactionIndex } from '../src/core/compaction.ts'
import type { Raft } from '../src/core/raft.ts'
import type { Progress } from '../src/progress/progress.ts'
import { Cluster } from './support/cluster.ts'
import { lagging } from './support/lagging.ts'

describe('compaction', () => {
  it('keeps what the slowest living follower needs, within its bounds', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.lose = ({ to, type }) => to === 3 && type === 'MsgApp'
    for (let i = 0; i < 50; i++) cluster.propose(1, `e${i}`)
    cluster.tick(1)
    const { node } = cluster.member(1)
    const { applied } = node.status()
    expect(applied).toBe(52)
    // Member 3 has the first entry alone.
    expect(node.status().members[2]).toMatchObject({ match: 2 })
    expect(node.compactionIndex(applied, { least: 5, most: 1_000 })).toBe(2)
    expect(node.compactionIndex(applied, { least: 5, most: 20 })).toBe(32)
    expect(node.compactionIndex(40, { least: 5, most: 20 })).toBe(20)
  })

  it('keeps the least for nobody, and at who does not lead', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    for (let i = 0; i < 50; i++) cluster.propose(1, `e${i}`)
    for (const id of [1, 2]) {
      expect(cluster.member(id).node.compactionIndex(52, { least: 10, most: 20 })).toBe(42)
      expect(cluster.member(id).node.compactionIndex(52, { least: 0, most: 0 })).toBe(52)
      expect(cluster.member(id).node.compactionIndex(52, { least: 100, most: 200 })).toBe(1)
    }
  })

  it('waits for nobody who is silent, nor for who waits for a snapshot', () => {
    const cluster = lagging()
    cluster.lose = ({ type }) => type === 'MsgSnap'
    cluster.tick(1)
    cluster.propose(1, 'd', 'e')
    expect(cluster.member(1).node.status().members[2]).toMatchObject({ state: 'snapshot', pendingSnapshot: 5 })
    expect(cluster.member(1).node.compactionIndex(7, { least: 0, most: 100 })).toBe(5)
    cluster.stop(3)
    cluster.tick(1, 20)
    expect(cluster.member(1).node.compactionIndex(7, { least: 0, most: 100 })).toBe(7)
  })

  it('waits for who was heard before the leader last looked, and for everybody at the start of a term', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.lose = ({ to, type }) => to === 3 && type === 'MsgApp'
    for (let i = 0; i < 50; i++) cluster.propose(1, `e${i}`)
    const { node } = cluster.member(1)
    for (let i = 0; i < 30; i++) {
      node.tick()
      expect(node.compactionIndex(52, { least: 5, most: 1_000 })).toBe(2)
      cluster.settle()
    }
    cluster.elect(2)
    cluster.tickAll(40)
    cluster.member(1).node.transferLeadership(2)
    cluster.work()
    for (const message of cluster.take(({ type }) => type === 'MsgTimeoutNow')) cluster.deliver(message)
    cluster.lose = ({ type }) => type === 'MsgApp'
    cluster.settle()
    expect(cluster.role(2)).toBe('leader')
    expect(cluster.member(2).node.compactionIndex(52, { least: 5, most: 1_000 })).toBe(1)
  })

  it('never frees what is not applied, and refuses bounds that contradict one another', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    expect(cluster.member(1).node.compactionIndex(99, { least: 0, most: 0 })).toBe(2)
    expect(() => cluster.member(1).node.compactionIndex(2, { least: 5, most: 4 })).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })
})

describe('compaction of a long log', () => {
  /** Leader 1 of a log of which half a million entries are applied, and what it knows of another member or of itself. */
  const leader = (known: Partial<Progress>) => {
    const progress = { id: 2, match: 600_000, isAlive: true, state: 'replicate', pendingSnapshot: 0, ...known }
    const log = { firstIndex: 1, applied: 500_000, committed: 600_000, lastIndex: 600_000 }
    return { id: 1, role: 'leader', log, tracker: { members: [progress] } } as unknown as Raft
  }

  it.each<readonly [string, Partial<Progress>, object, number]>([
    ['nobody lags', {}, {}, 499_000],
    ['somebody lags by less', { match: 450_000 }, {}, 450_000],
    ['somebody lags by more', { match: 1 }, {}, 400_000],
    ['somebody lags who is silent', { match: 1, isAlive: false }, {}, 499_000],
    ['somebody waits for a snapshot', { match: 1, state: 'snapshot', pendingSnapshot: 450_000 }, {}, 450_000],
    ['the own disk lags', { id: 1, match: 1 }, {}, 499_000],
    ['more than the default of the most is to stay at least', {}, { least: 200_000 }, 300_000],
    ['less than the default of the least is to stay at most', { match: 1 }, { most: 10 }, 499_990],
  ])('keeps by default 1,000 to 100,000 entries: when %s', (_what, known, margin, expected) => {
    expect(compactionIndex(leader(known), 600_000, margin)).toBe(expected)
  })
})
