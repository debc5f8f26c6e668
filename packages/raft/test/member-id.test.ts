import { incarnationOf, LOCAL_APPEND_THREAD, LOCAL_APPLY_THREAD, MOST_MEMBER_ID, memberId, nodeOf } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'

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
