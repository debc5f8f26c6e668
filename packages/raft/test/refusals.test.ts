import { MemoryLog, type RaftConfig, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'

const log = () => new MemoryLog(startOf(confState([1])))
const make = (config: object) => new RawNode({ id: 1, random: { u32: () => 0 }, ...config }, log())

describe('a member is refused', () => {
  const flags = ['asyncStorageWrites', 'preVote', 'checkQuorum', 'disableProposalForwarding', 'disableConfChangeValidation']

  it.each(flags)('for %s that is neither true nor false', option => {
    for (const value of ['false', 'no', 0, 1, {}])
      expect(() => make({ [option]: value })).toThrow(
        expect.objectContaining({ code: 'DX_OPTION', details: expect.objectContaining({ option }) }),
      )
    for (const value of [true, false, undefined]) expect(() => make({ [option]: value })).not.toThrow()
  })

  it.each([null, 'yes', 5])('for a lease that is %j', lease => {
    expect(() => make({ lease })).toThrow('an object with tickMs and maxClockDriftPpm')
  })

  it.each([undefined, null, 'id', 5])('for a configuration that is %j', config => {
    expect(() => new RawNode(config as unknown as RaftConfig, log())).toThrow('an object with at least id and random')
  })
})

describe('a call is refused, and the member goes on', () => {
  it.each([null, 'most', 5])('with a margin for compaction that is %j', margin => {
    const { node } = new Cluster().elect(1)
    expect(() => node.compactionIndex(1, margin as object)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    expect(node.compactionIndex(2, { least: 0 })).toBe(2)
  })
})
