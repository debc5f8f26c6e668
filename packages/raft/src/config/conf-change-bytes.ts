import { OptionError } from '@disruptorx/contracts'
import { oneOf, wholeNumber } from '@disruptorx/contracts/internal'
import { ConfChangeBytesError } from '../errors.ts'
import { A_MEMBER, isMemberId, type MemberId, NONE } from '../member-id.ts'
import {
  type ConfChange,
  type ConfChangeSingle,
  type ConfChangeTransition,
  type ConfChangeType,
  LEAVE_JOINT,
  leavesJoint,
} from './conf-change.ts'

/*
 * The bytes of a configuration change, little-endian:
 *
 *   0         1            2        4                            4 + 9 n
 *   +---------+------------+--------+----------------------------+---------
 *   | version | transition | n steps| n x (type u8, member f64)  | context
 *   +---------+------------+--------+----------------------------+---------
 *
 * The change that leaves a joint configuration has no bytes at all, so that no limit on sizes can ever refuse it.
 */
const VERSION = 1
const HEADER_BYTES = 4
const STEP_BYTES = 9

const transitions: readonly ConfChangeTransition[] = ['auto', 'joint-implicit', 'joint-explicit']
const types: readonly ConfChangeType[] = ['add-node', 'remove-node', 'update-node', 'add-learner-node']

/** Most steps of one change. */
const MOST_CHANGES = 1_000

/** Holds a change to its shape. @throws {OptionError} names the first part that is wrong */
export function checkConfChange(change: ConfChange): void {
  if (typeof change !== 'object' || change === null)
    throw new OptionError('change', change, 'an object with transition, changes and context')
  const { changes, context, transition } = change
  oneOf('transition', transition, transitions)
  if (!Array.isArray(changes)) throw new OptionError('changes', changes, 'a list of steps')
  if (!(context instanceof Uint8Array)) throw new OptionError('context', context, 'a Uint8Array')
  wholeNumber('changes.length', changes.length, 0, MOST_CHANGES)
  for (let i = 0; i < changes.length; i++) {
    const { type, nodeId }: Partial<ConfChangeSingle> = changes[i] ?? {}
    oneOf(`changes[${i}].type`, type, types)
    if (!isMemberOrNone(nodeId)) throw new OptionError(`changes[${i}].nodeId`, nodeId, `${A_MEMBER}; or 0, for nobody`)
  }
}

/** The bytes of a change, for the log. @throws {OptionError} it is no change */
export function encodeConfChange(change: ConfChange): Uint8Array {
  checkConfChange(change)
  const { changes, context, transition } = change
  if (leavesJoint(change) && context.length === 0) return new Uint8Array(0)
  const bytes = new Uint8Array(HEADER_BYTES + changes.length * STEP_BYTES + context.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, VERSION)
  view.setUint8(1, transitions.indexOf(transition))
  view.setUint16(2, changes.length, true)
  let offset = HEADER_BYTES
  for (const { type, nodeId } of changes) {
    view.setUint8(offset, types.indexOf(type))
    view.setFloat64(offset + 1, nodeId, true)
    offset += STEP_BYTES
  }
  bytes.set(context, offset)
  return bytes
}

/** The change that bytes of the log say: the caller's own. The context is a view of them. @throws {ConfChangeBytesError} @throws {OptionError} they are no Uint8Array */
export function decodeConfChange(bytes: Uint8Array): ConfChange {
  if (!(bytes instanceof Uint8Array)) throw new OptionError('bytes', bytes, 'a Uint8Array')
  if (bytes.length === 0) return { ...LEAVE_JOINT, changes: [] }
  if (bytes.length < HEADER_BYTES) throw new ConfChangeBytesError(`it has ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint8(0) !== VERSION) throw new ConfChangeBytesError(`it has version ${view.getUint8(0)}, and this program reads ${VERSION}`)
  const transition = transitions[view.getUint8(1)]
  if (transition === undefined) throw new ConfChangeBytesError(`its transition is ${view.getUint8(1)}`)
  const count = view.getUint16(2, true)
  const end = HEADER_BYTES + count * STEP_BYTES
  if (count > MOST_CHANGES || end > bytes.length) throw new ConfChangeBytesError(`it says ${count} steps and has ${bytes.length} bytes`)
  const changes: ConfChangeSingle[] = []
  for (let offset = HEADER_BYTES; offset < end; offset += STEP_BYTES) {
    const type = types[view.getUint8(offset)]
    if (type === undefined) throw new ConfChangeBytesError(`a step has type ${view.getUint8(offset)}`)
    const nodeId = view.getFloat64(offset + 1, true)
    if (!isMemberOrNone(nodeId)) throw new ConfChangeBytesError(`a step is for member ${nodeId}`)
    changes.push({ type, nodeId })
  }
  return { transition, changes, context: bytes.subarray(end) }
}

function isMemberOrNone(id: unknown): id is MemberId {
  return id === NONE || isMemberId(id)
}
