import {
  type ConfChange,
  incarnationOf,
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  MemoryLog,
  MOST_MEMBER_ID,
  memberId,
  nodeOf,
  RawNode,
} from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'

describe('a member', () => {
  it.each([
    [1, 0],
    [2 ** 32 - 1, 0],
    [1, 2 ** 21 - 2],
    [2 ** 32 - 1, 2 ** 21 - 2],
  ])('names node %i and its incarnation %i, both ways', (node, incarnation) => {
    const id = memberId(node, incarnation)
    expect([nodeOf(id), incarnationOf(id)]).toEqual([node, incarnation])
    expect(Number.isSafeInteger(id) && id <= MOST_MEMBER_ID).toBe(true)
  })

  it('of a first incarnation has the number of its node', () => {
    expect(memberId(7)).toBe(7)
  })

  it('is never a storage thread', () => {
    expect(new Set([LOCAL_APPEND_THREAD, LOCAL_APPLY_THREAD, MOST_MEMBER_ID]).size).toBe(3)
    expect(memberId(2 ** 32 - 1, 2 ** 21 - 2)).toBeLessThan(LOCAL_APPLY_THREAD)
  })

  it.each([2 ** 32, 5 * 2 ** 32, 2 ** 53 - 2 ** 32])('is never of a node 0, as %d would be', id => {
    const random = { u32: () => 0 }
    const start = startOf(confState([1, 2, 3]))
    expect(() => new RawNode({ id, random }, new MemoryLog(start))).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    expect(() => new MemoryLog(startOf(confState([1], [id])))).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    const { node } = new Cluster().elect(1)
    expect(() => node.transferLeadership(id)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    const change: ConfChange = { transition: 'auto', changes: [{ type: 'add-node', nodeId: id }], context: new Uint8Array(0) }
    expect(() => node.proposeConfChange(change)).toThrow(`changes[0].nodeId is ${id}`)
    expect(() => node.step({ type: 'MsgTimeoutNow', from: id, to: 1, term: 1 })).toThrow('a sender that cannot have sent it')
    for (const neighbour of [id - 1, id + 1]) expect(node.step({ type: 'MsgTimeoutNow', from: neighbour, to: 1, term: 1 })).toBe('accepted')
  })

  it.each([0, -1, 2 ** 32, Number.NaN, '7', undefined])('is none of number %j, which has no node and no incarnation', id => {
    for (const of of [nodeOf, incarnationOf]) expect(() => of(id as number)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })

  it.each([
    [0, 0],
    [2 ** 32, 0],
    [1, -1],
    [1, 2 ** 21 - 1],
    [1.5, 0],
  ])('cannot be made of node %d and incarnation %d', (node, incarnation) => {
    expect(() => memberId(node, incarnation)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })
})
