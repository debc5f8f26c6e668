import {
  type ConfChange,
  type ConfChangeSingle,
  decodeConfChange,
  encodeConfChange,
  LEAVE_JOINT,
  MemoryLog,
  RawNode,
} from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { confState, startOf } from './support/cluster.ts'

const context = new Uint8Array([7, 8])
const change: ConfChange = {
  transition: 'joint-explicit',
  changes: [
    { type: 'add-learner-node', nodeId: 2 ** 52 + 3 },
    { type: 'remove-node', nodeId: 1 },
  ],
  context,
}

/** The bytes of that change, one of them another. */
function changedAt(offset: number, value: number): Uint8Array {
  const bytes = encodeConfChange(change)
  bytes[offset] = value
  return bytes
}

function withMember(nodeId: number): Uint8Array {
  const bytes = encodeConfChange(change)
  new DataView(bytes.buffer).setFloat64(5, nodeId, true)
  return bytes
}

describe('the bytes of a configuration change', () => {
  it('are as they are documented, little-endian', () => {
    const bytes = encodeConfChange(change)
    const view = new DataView(bytes.buffer)
    expect([bytes.length, view.getUint8(0), view.getUint8(1), view.getUint16(2, true)]).toEqual([24, 1, 2, 2])
    expect([view.getUint8(4), view.getFloat64(5, true)]).toEqual([3, 2 ** 52 + 3])
    expect([view.getUint8(13), view.getFloat64(14, true)]).toEqual([1, 1])
    expect(bytes.subarray(22)).toEqual(context)
  })

  it.each([
    ['of another version', changedAt(0, 2), 'it has version 2, and this program reads 1'],
    ['with a transition that is not known', changedAt(1, 3), 'its transition is 3'],
    ['with a step of a type that is not known', changedAt(4, 4), 'a step has type 4'],
    ['with more steps than there are bytes', changedAt(2, 3), 'it says 3 steps and has 24 bytes'],
    [
      'with more steps than a change may have',
      new Uint8Array(4 + 9 * 1_001).fill(1, 0, 1).fill(0xe9, 2, 3).fill(3, 3, 4),
      'it says 1001 steps',
    ],
    ['for a member that is none', withMember(-1), 'a step is for member -1'],
    ['for a member that no number tells apart', withMember(2 ** 53), 'a step is for member 9007199254740992'],
    ['for a storage thread', withMember(2 ** 53 - 2), 'a step is for member 9007199254740990'],
    ['for half a member', withMember(0.5), 'a step is for member 0.5'],
  ])('%s are refused', (_what, bytes, why) => {
    expect(() => decodeConfChange(bytes)).toThrow(expect.objectContaining({ code: 'DX_RAFT_CONF_CHANGE_BYTES' }))
    expect(() => decodeConfChange(bytes)).toThrow(why)
  })

  it.each([undefined, null, 'bytes', [1, 0, 0, 0]])('are not read from %j', bytes => {
    expect(() => decodeConfChange(bytes as unknown as Uint8Array)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })

  const step: ConfChangeSingle = { type: 'add-node', nodeId: 1 }

  it.each([
    ['change', undefined],
    ['change', null],
    ['change', 'add 4'],
    ['transition', {}],
    ['changes', { ...change, changes: undefined }],
    ['changes.length', { ...change, changes: new Array(1_001).fill(step) }],
    ['changes[0].type', { ...change, changes: [null, step] }],
    ['changes[1].type', { ...change, changes: [step, { ...step, type: 'ADD' }] }],
    ['changes[0].nodeId', { ...change, changes: [{ ...step, nodeId: '4' }] }],
    ['changes[1].nodeId', { ...change, changes: [step, { ...step, nodeId: -4 }] }],
    ['changes[0].nodeId', { ...change, changes: [{ ...step, nodeId: 2 ** 53 - 2 }] }],
    ['context', { ...change, context: 'why' }],
  ])('are not made of a change whose %s is wrong', (option, wrong) => {
    const refused = expect.objectContaining({ code: 'DX_OPTION', details: expect.objectContaining({ option }) })
    expect(() => encodeConfChange(wrong as ConfChange)).toThrow(refused)
    const node = new RawNode({ id: 1, random: { u32: () => 0 } }, new MemoryLog(startOf(confState([1]))))
    expect(() => node.proposeConfChange(wrong as ConfChange)).toThrow(refused)
    expect(() => node.applyConfChange(wrong as ConfChange, 1)).toThrow(refused)
  })

  it('are made of steps for nobody, and of as many as a change may have', () => {
    const most = { ...change, changes: new Array<ConfChangeSingle>(1_000).fill({ ...step, nodeId: 0 }) }
    expect(decodeConfChange(encodeConfChange(most))).toEqual(most)
  })

  it("make a change of the reader's own each time, also when there are none", () => {
    for (const bytes of [encodeConfChange(LEAVE_JOINT), encodeConfChange(change)]) {
      const whole = decodeConfChange(bytes)
      const first = decodeConfChange(bytes)
      ;(first.changes as ConfChangeSingle[]).push({ type: 'remove-node', nodeId: 9 })
      Object.assign(first, { transition: 'auto', context: new Uint8Array(1) })
      expect(decodeConfChange(bytes)).toEqual(whole)
    }
    expect(encodeConfChange(LEAVE_JOINT)).toHaveLength(0)
  })

  it('are found wherever they lie, and the context is a view of them', () => {
    const bytes = encodeConfChange(change)
    const page = new Uint8Array(100)
    page.set(bytes, 30)
    const decoded = decodeConfChange(page.subarray(30, 30 + bytes.length))
    expect(decoded).toEqual(change)
    page[30 + 22] = 99
    expect(decoded.context[0]).toBe(99)
  })
})
