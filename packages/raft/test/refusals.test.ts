import { type ConfChange, MemoryLog, type RaftConfig, RawNode } from '@disruptorx/raft'
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
    expect(() => node.compactionIndex(1, margin as unknown as object)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    expect(node.compactionIndex(2, { least: 0 })).toBe(2)
  })

  it.each<readonly [string, readonly Uint8Array[]]>([
    ['nothing but places that were left out', new Array(3)],
    ['one place that was left out', Object.assign(new Array(2), [new Uint8Array(1)])],
  ])('that proposes %s', (_what, data) => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    expect(() => node.propose(data)).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    cluster.propose(1, 'a')
    expect(cluster.member(2).applied).toEqual(['a'])
  })

  const addFour: ConfChange = { transition: 'auto', changes: [{ type: 'add-node', nodeId: 4 }], context: new Uint8Array(0) }

  it.each<readonly [string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['another transition', { ...addFour, transition: 'soon' }],
    ['no steps', { ...addFour, changes: undefined }],
    ['a step that was left out', { ...addFour, changes: new Array(1) }],
    ['a step of another type', { ...addFour, changes: [{ type: 'add', nodeId: 4 }] }],
    ['no member', { ...addFour, changes: [{ type: 'add-node' }] }],
    ['a member without a text', { ...addFour, changes: [{ type: 'add-node', nodeId: Object.create(null) }] }],
    ['no context', { ...addFour, context: undefined }],
  ])('that proposes or applies a change with %s', (_what, wrong) => {
    const refused = expect.objectContaining({ code: expect.stringMatching(/^DX_(OPTION|RAFT_CONF_CHANGE_BYTES)$/) })
    const { node } = new Cluster().elect(1)
    expect(() => node.proposeConfChange(wrong as ConfChange)).toThrow(refused)
    expect(() => node.applyConfChange(wrong as ConfChange, 2)).toThrow(refused)
    expect(node.applyConfChange(addFour, 2).voters).toEqual([1, 2, 3, 4])
  })
})
