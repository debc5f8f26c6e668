import { OptionError } from '@disruptorx/contracts'
import { type LogState, MemoryLog, RawNode, type Snapshot } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'

const random = { u32: () => 0 }

describe('a start', () => {
  const start = startOf(confState([1, 2, 3]))

  it.each([undefined, null, {}, 'log'])('from %j, which is no log, is refused', log => {
    expect(() => new RawNode({ id: 1, random }, log as unknown as LogState)).toThrow(OptionError)
  })

  it.each([
    [{ term: Number.NaN, vote: 0, commit: 1 }],
    [{ term: 1, vote: -1, commit: 1 }],
    [{ term: 1, vote: 0, commit: Number.NaN }],
    [{ term: 1, vote: 0, commit: 2 }],
  ])('from a hard state that cannot be, %j, is refused', hardState => {
    const log = new MemoryLog(start)
    log.setHardState(hardState)
    expect(() => new RawNode({ id: 1, random }, log)).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
  })

  it.each([
    {},
    { ...start, index: 0 },
    { ...start, term: 0.5 },
    { ...start, confState: undefined },
    { ...start, confState: confState([0]) },
  ])('of a log in memory from a snapshot that is none, %j, is refused', snapshot => {
    expect(() => new MemoryLog(snapshot as Snapshot)).toThrow(OptionError)
  })

  it('of a group from a snapshot of a late term leads to a leader', () => {
    const cluster = new Cluster({ voters: [] })
    for (const id of [1, 2, 3]) cluster.add(id, { ...start, index: 9, term: 57 })
    cluster.elect(1)
    expect(cluster.leaders()).toEqual([1])
    cluster.propose(2, 'a')
    for (const id of [1, 2, 3]) expect(cluster.member(id).applied).toEqual(['a'])
  })

  it('from entries of a term that was not saved in time goes on in that term, having voted for nobody', () => {
    const cluster = new Cluster({ logs: { 1: [2, 7] } })
    cluster.member(1).log.setHardState({ term: 2, vote: 3, commit: 1 })
    cluster.stop(1)
    cluster.start(1)
    expect(cluster.member(1).node.status()).toMatchObject({ term: 6, vote: 0 })
    cluster.elect(1)
    expect(cluster.leaders()).toEqual([1])
  })
})
