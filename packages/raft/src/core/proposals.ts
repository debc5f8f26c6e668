import type { Index, Term } from '@disruptorx/contracts'
import { changeConfiguration } from '../config/changer.ts'
import { type ConfChange, leavesJoint } from '../config/conf-change.ts'
import { decodeConfChange } from '../config/conf-change-bytes.ts'
import { RaftUsageError } from '../errors.ts'
import { type Entry, entriesSize, NO_DATA, type Proposal } from '../log/entry.ts'
import { type MemberId, NONE } from '../member-id.ts'
import type { Raft } from './raft.ts'
import { broadcastAppend } from './replication.ts'

/**
 * Why proposals were not taken.
 *
 * - `no-leader`: none is known, or an election is under way
 * - `forwarding-disabled`: this member is not the leader, and its configuration says not to pass them on
 * - `not-a-member`: this leader has been removed from the group
 * - `transferring`: leadership is being handed over
 * - `full`: what is uncommitted or not applied has reached `maxUncommittedEntriesSize`
 */
export type DropReason = 'no-leader' | 'forwarding-disabled' | 'not-a-member' | 'transferring' | 'full'

/** Why a configuration change was not appended; an entry without data stands in its place. */
export type RefusalReason =
  | 'another change may not be applied yet'
  | 'a joint configuration must be left first'
  | 'there is no joint configuration to leave'
  | 'it cannot be made of the configuration in force'
  | 'its bytes are none of a configuration change'

/** What became of proposals. That they were appended does not mean that they will be committed: another leader may replace them. */
export type ProposeOutcome =
  /** The first one got this index, the others those after it. */
  | { readonly kind: 'appended'; readonly index: Index; readonly term: Term }
  /** Passed on to the leader. Whether they arrive is not told. */
  | { readonly kind: 'forwarded'; readonly to: MemberId }
  | { readonly kind: 'dropped'; readonly reason: DropReason }

/** What became of a proposed configuration change. */
export type ConfChangeOutcome =
  | ProposeOutcome
  /** Not to be made now. At `index` stands an entry without data in its place. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly index: Index }

// Hot: benchmark `raft/core`.
/** Entries for the state machine. @throws {RaftUsageError} there is none, or one is no bytes */
export function normalProposals(data: readonly Uint8Array[]): Proposal[] {
  if (!Array.isArray(data)) throw new RaftUsageError('what is proposed must be a list of Uint8Arrays, as in propose([bytes])')
  if (data.length === 0) throw new RaftUsageError('nothing was proposed; propose at least one entry')
  // Places that were left out too, which map() would pass over.
  for (const bytes of data)
    if (!(bytes instanceof Uint8Array)) throw new RaftUsageError('what is proposed must be Uint8Arrays; encode values first')
  return data.map(normalProposal)
}

/** Takes proposals, as this member's role says: a leader appends them, a follower passes them on. At least one. */
export function propose(raft: Raft, proposals: readonly Proposal[], from: MemberId = raft.id): ConfChangeOutcome {
  if (raft.role === 'leader') return proposeAsLeader(raft, proposals)
  if (raft.leader === NONE) return dropped('no-leader')
  if (raft.config.disableProposalForwarding) return dropped('forwarding-disabled')
  raft.messages.push({ type: 'MsgProp', to: raft.leader, from, term: 0, entries: proposals })
  return { kind: 'forwarded', to: raft.leader }
}

// Hot: benchmark `raft/core`.
/** Appends entries of this leader's term, whatever is uncommitted. */
export function appendEntries(raft: Raft, proposals: readonly Proposal[]): void {
  raft.uncommittedBytes += entriesSize(proposals)
  const { id, log, term } = raft
  const first = log.lastIndex + 1
  const entries: Entry[] = []
  for (let i = 0; i < proposals.length; i++) {
    const { type, data } = proposals[i] as Proposal
    entries.push({ index: first + i, term, type, data })
  }
  log.append(entries)
  // The leader counts itself as it counts followers: once it hears that its entries are durable.
  raft.messagesAfterAppend.push({
    type: 'MsgAppResp',
    to: id,
    from: id,
    term,
    index: first + entries.length - 1,
    reject: false,
    rejectHint: 0,
    logTerm: 0,
  })
}

/** Appends what leaves a joint configuration, which is never too much: there is one at a time. Not while leadership is being handed over. */
export function proposeLeave(raft: Raft): void {
  if (whyDropped(raft) !== undefined) return
  raft.pendingConfIndex = raft.log.lastIndex + 1
  appendEntries(raft, [{ type: 'conf-change', data: NO_DATA }])
  broadcastAppend(raft)
}

/** Entries of so many bytes are applied. They may be another leader's, so what is left may be too little, never too much. */
export function reduceUncommitted(raft: Raft, bytes: number): void {
  raft.uncommittedBytes = Math.max(0, raft.uncommittedBytes - bytes)
}

function proposeAsLeader(raft: Raft, proposals: readonly Proposal[]): ConfChangeOutcome {
  const reason = whyDropped(raft)
  if (reason !== undefined) return dropped(reason)
  const index = raft.log.lastIndex + 1
  const pendingBefore = raft.pendingConfIndex
  const { accepted, refused } = withoutRefused(raft, proposals, index)
  if (isTooMuch(raft, accepted)) {
    raft.pendingConfIndex = pendingBefore
    return dropped('full')
  }
  appendEntries(raft, accepted)
  broadcastAppend(raft)
  return refused ?? { kind: 'appended', index, term: raft.term }
}

/** Why this leader takes nothing at all now. */
function whyDropped(raft: Raft): DropReason | undefined {
  if (raft.tracker.get(raft.id) === undefined) return 'not-a-member'
  return raft.transferee !== NONE || raft.removedAt > 0 ? 'transferring' : undefined
}

/** Whether entries would go over the limit on what is uncommitted. Nothing does when nothing else is uncommitted. */
function isTooMuch({ uncommittedBytes, config }: Raft, proposals: readonly Proposal[]): boolean {
  return uncommittedBytes > 0 && uncommittedBytes + entriesSize(proposals) > config.maxUncommittedEntriesSize
}

interface Checked {
  readonly accepted: readonly Proposal[]
  readonly refused?: { readonly kind: 'refused'; readonly reason: RefusalReason; readonly index: Index }
}

/** Puts entries without data in place of configuration changes that cannot be made, and notes where one stands that can. */
function withoutRefused(raft: Raft, proposals: readonly Proposal[], firstIndex: Index): Checked {
  if (!proposals.some(({ type }) => type === 'conf-change')) return { accepted: proposals }
  let refused: Checked['refused']
  const accepted = proposals.map((proposal, i) => {
    if (proposal.type !== 'conf-change') return proposal
    const reason = refusalOf(raft, proposal.data)
    const index = firstIndex + i
    if (reason === undefined) {
      raft.pendingConfIndex = index
      return proposal
    }
    refused = { kind: 'refused', reason, index }
    return { type: 'normal' as const, data: NO_DATA }
  })
  return refused === undefined ? { accepted } : { accepted, refused }
}

/**
 * Why a configuration change cannot be made now. As long as one is applied before the next is proposed, the configuration in force is the one that it will be
 * applied to, so the change can be tried out.
 */
function refusalOf(raft: Raft, data: Uint8Array): RefusalReason | undefined {
  const change = decoded(data)
  if (change === undefined) return 'its bytes are none of a configuration change'
  if (raft.config.disableConfChangeValidation) return undefined
  const { configuration } = raft.tracker
  if (raft.pendingConfIndex > raft.log.applied) return 'another change may not be applied yet'
  const { isJoint } = configuration.voters
  if (isJoint && !leavesJoint(change)) return 'a joint configuration must be left first'
  if (!isJoint && leavesJoint(change)) return 'there is no joint configuration to leave'
  try {
    changeConfiguration(configuration, change)
    return undefined
  } catch {
    return 'it cannot be made of the configuration in force'
  }
}

function decoded(data: Uint8Array): ConfChange | undefined {
  try {
    return decodeConfChange(data)
  } catch {
    return undefined
  }
}

function normalProposal(data: Uint8Array): Proposal {
  return { type: 'normal', data }
}

function dropped(reason: DropReason): ProposeOutcome {
  return { kind: 'dropped', reason }
}
