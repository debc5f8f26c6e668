import {
  type ConfChangeSingle,
  type ConfState,
  changeSimply,
  confStateOf,
  enterJoint,
  leaveJoint,
  MemoryLog,
  type PeerMessage,
  RawNode,
  restoreConfiguration,
} from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'

const MOST = 1_000
const ids = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i)
const steps = (type: ConfChangeSingle['type'], members: readonly number[]) => members.map(nodeId => ({ type, nodeId }))
const tooMany = expect.objectContaining({ code: 'DX_RAFT_CONF_CHANGE', fault: 'too-many-members' })

/** Groups of one member too many, each of them in another role. */
const tooLarge: readonly (readonly [string, ConfState])[] = [
  ['voters', confState(ids(MOST + 1))],
  ['learners', confState([MOST + 2], ids(MOST))],
  ['learners alone', confState([1], ids(MOST + 1, 2))],
  ['voters that go', { ...confState([MOST + 1]), votersOutgoing: ids(MOST) }],
  ['learners to be', { ...confState([MOST + 1]), votersOutgoing: ids(MOST), learnersNext: ids(MOST) }],
]

function step(state: ConfState): RawNode {
  const { node } = new Cluster().member(1)
  const message: PeerMessage = { type: 'MsgSnap', from: 2, to: 1, term: 2, snapshot: { ...startOf(state), index: 9 } }
  expect(node.step(message)).toBe('accepted')
  return node
}

describe('a group', () => {
  it.each(tooLarge)('has at most 1,000 members: no more %s', (_role, state) => {
    expect(() => step(state)).toThrow(expect.objectContaining({ code: 'DX_RAFT_MESSAGE' }))
    expect(() => restoreConfiguration(state)).toThrow(tooMany)
    expect(() => new RawNode({ id: 1, random: { u32: () => 0 } }, new MemoryLog(startOf(state)))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^DX_(OPTION|RAFT_CONF_CHANGE)$/) }),
    )
  })

  it.each<readonly [string, ConfState]>([
    ['voters', confState(ids(MOST))],
    ['learners', confState([MOST], ids(MOST - 1))],
    ['learners to be', { ...confState([MOST]), votersOutgoing: ids(MOST), learnersNext: ids(MOST - 1) }],
  ])('may have 1,000: %s', (_role, state) => {
    expect(step(state).ready().snapshot?.confState).toEqual(state)
    expect(confStateOf(restoreConfiguration(state))).toEqual(state)
  })

  it('does not grow beyond that by a change', () => {
    const full = restoreConfiguration(confState(ids(MOST - 1), [MOST]))
    for (const type of ['add-node', 'add-learner-node'] as const) {
      expect(() => changeSimply(full, steps(type, [MOST + 1]))).toThrow(tooMany)
      expect(() => enterJoint(full, steps(type, [MOST + 1]), true)).toThrow(tooMany)
    }
    const swap = [...steps('remove-node', [MOST]), ...steps('add-learner-node', [MOST + 1])]
    expect(confStateOf(changeSimply(full, swap)).learners).toEqual([MOST + 1])
    // Who goes counts until it is gone.
    expect(() => enterJoint(full, [...steps('remove-node', [1]), ...steps('add-node', [MOST + 1])], true)).toThrow(tooMany)
  })

  it('can always leave a joint configuration', () => {
    const full = restoreConfiguration(confState(ids(MOST - 1), [MOST]))
    const joint = enterJoint(full, [...steps('add-learner-node', ids(MOST - 2)), ...steps('add-node', [MOST])], true)
    expect(confStateOf(leaveJoint(joint))).toEqual(confState([MOST - 1, MOST], ids(MOST - 2)))
  })

  it('is not read from lists that are longer, whoever is named in them', () => {
    for (const list of ['voters', 'learners', 'votersOutgoing', 'learnersNext'])
      expect(() => step({ ...confState([1]), [list]: new Array(MOST + 1).fill(1) })).toThrow('has a snapshot with members that are none')
  })

  it('has no members whose places in a list were left out', () => {
    for (const state of [confState(new Array(3)), { ...confState([1]), learnersNext: new Array(1) }])
      expect(() => step(state)).toThrow(expect.objectContaining({ code: 'DX_RAFT_MESSAGE' }))
  })
})
