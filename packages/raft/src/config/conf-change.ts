import type { MemberId } from '../member-id.ts'

/** What becomes of one member. `update-node` changes nothing that raft knows of; it carries news to the application. */
export type ConfChangeType = 'add-node' | 'remove-node' | 'update-node' | 'add-learner-node'

/** One step of a configuration change. A step for member 0 does nothing. */
export interface ConfChangeSingle {
  readonly type: ConfChangeType
  readonly nodeId: MemberId
}

/**
 * How a change comes into force.
 *
 * - `auto`: in a single step where the change is one step, else jointly and left by itself.
 * - `joint-implicit`: jointly; the leader leaves the joint configuration by itself once it is in force.
 * - `joint-explicit`: jointly; the application leaves it, by a change without steps.
 */
export type ConfChangeTransition = 'auto' | 'joint-implicit' | 'joint-explicit'

/** A change of a group's members, as it is proposed and stands in the log. It comes into force when it is applied, not when it is appended. */
export interface ConfChange {
  readonly transition: ConfChangeTransition
  /** Without any, and with transition `auto`: leaves a joint configuration. */
  readonly changes: readonly ConfChangeSingle[]
  /** Bytes for the application; raft does not look at them. */
  readonly context: Uint8Array
}

/** The change that leaves a joint configuration. */
export const LEAVE_JOINT: ConfChange = { transition: 'auto', changes: [], context: new Uint8Array(0) }

/** Whether a change leaves a joint configuration. */
export function leavesJoint(change: ConfChange): boolean {
  return change.transition === 'auto' && change.changes.length === 0
}

/** Whether a change is made jointly: when it was asked for, and when it has more than one step. */
export function entersJoint(change: ConfChange): boolean {
  return change.transition !== 'auto' || change.changes.length > 1
}

/** Whether the leader leaves the joint configuration by itself that this change enters. */
export function leavesByItself(change: ConfChange): boolean {
  return change.transition !== 'joint-explicit'
}
