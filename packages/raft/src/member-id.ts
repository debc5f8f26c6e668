import { type Branded, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'

/**
 * A member of a raft group: one incarnation of one node.
 *
 * A node that lost its disk has forgotten its votes and its entries, so it must not come back as who it was: it comes back as its next incarnation, which is
 * another member, and joins by a configuration change. A whole number from 1 to 2^53 - 3, made by {@link memberId}; incarnation 0 of node 7 is member 7. No
 * multiple of 2^32, for there is no node 0.
 */
export type MemberId = Branded<'member'>

/** Nobody: no leader is known, no vote was cast. */
export const NONE: MemberId = 0

/** Whom `MsgStorageAppend` is for: what writes the log. */
export const LOCAL_APPEND_THREAD: MemberId = Number.MAX_SAFE_INTEGER

/** Whom `MsgStorageApply` is for: what applies entries to the state machine. */
export const LOCAL_APPLY_THREAD: MemberId = Number.MAX_SAFE_INTEGER - 1

/** The largest number that names a member. */
export const MOST_MEMBER_ID: MemberId = Number.MAX_SAFE_INTEGER - 2

/** What names a member, in words. */
export const A_MEMBER = `a member: a whole number from 1 to ${MOST_MEMBER_ID}, and no multiple of 2^32`

const TWO_32 = 2 ** 32
const MOST_INCARNATION = 2 ** 21 - 2

/**
 * The member that an incarnation of a node is.
 *
 * @param node from 1 to 2^32 - 1
 * @param incarnation from 0 to 2^21 - 2; one more each time the node starts without what it had on its disk
 * @throws {OptionError}
 */
export function memberId(node: number, incarnation = 0): MemberId {
  return wholeNumber('incarnation', incarnation, 0, MOST_INCARNATION) * TWO_32 + wholeNumber('node', node, 1, TWO_32 - 1)
}

// Hot: benchmark `raft/core`. Of every message that arrives.
/** Whether something names a member. */
export function isMemberId(id: unknown): id is MemberId {
  // The lowest 32 bits are the node.
  return Number.isSafeInteger(id) && (id as number) > 0 && (id as number) <= MOST_MEMBER_ID && (id as number) >>> 0 !== 0
}

/** Checks what must name a member. @throws {OptionError} */
export function checkedMemberId(option: string, id: unknown): MemberId {
  if (!isMemberId(id)) throw new OptionError(option, id, A_MEMBER)
  return id
}

/** The node that a member is an incarnation of. @throws {OptionError} the number names no member */
export function nodeOf(member: MemberId): number {
  return checkedMemberId('member', member) % TWO_32
}

/** Which incarnation of its node a member is. @throws {OptionError} the number names no member */
export function incarnationOf(member: MemberId): number {
  return Math.floor(checkedMemberId('member', member) / TWO_32)
}
