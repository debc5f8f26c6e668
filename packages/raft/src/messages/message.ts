import type { Index, Term } from '@disruptorx/contracts'
import type { Entry, Proposal } from '../log/entry.ts'
import type { HardState, Snapshot } from '../log/log-state.ts'
import type { MemberId } from '../member-id.ts'

/** What every message says. */
interface Envelope {
  readonly to: MemberId
  readonly from: MemberId
  /** The sender's term, in which the receiver takes the message or learns that there is a newer one. 0: the message belongs to no term. */
  readonly term: Term
}

/** Proposals on their way to the leader. */
export interface MsgProp extends Envelope {
  readonly type: 'MsgProp'
  readonly entries: readonly Proposal[]
}

/** What everybody says in elections besides: an entry of which the sender knows that it is committed. Who has it too knows that from now on. */
interface WithCommitted extends Envelope {
  readonly committed: Index
  /** 0: not known any more. */
  readonly committedTerm: Term
}

/** A leader's entries after the entry (`index`, `logTerm`), and its commit index. Without entries it is a probe, or news of the commit index. */
export interface MsgApp extends Envelope {
  readonly type: 'MsgApp'
  readonly index: Index
  readonly logTerm: Term
  readonly entries: readonly Entry[]
  readonly commit: Index
}

/**
 * What a follower says to `MsgApp` and `MsgSnap`. Taken: its log agrees with the leader's up to `index`, and is durable. Refused (`reject`): it has no entry like
 * the one at `index`; the logs may agree at (`rejectHint`, `logTerm`).
 */
export interface MsgAppResp extends Envelope {
  readonly type: 'MsgAppResp'
  readonly index: Index
  readonly reject: boolean
  readonly rejectHint: Index
  readonly logTerm: Term
}

/** A candidate asks for a vote; its log ends with the entry (`index`, `logTerm`). */
export interface MsgVote extends WithCommitted {
  readonly type: 'MsgVote'
  readonly index: Index
  readonly logTerm: Term
  /** Whether the leader asked for this election, so that nobody has to protect it. */
  readonly transfer: boolean
}

/** A vote, or its refusal. It repeats with which last entry the candidate asked: only to a candidate with that log it was given. */
export interface MsgVoteResp extends WithCommitted {
  readonly type: 'MsgVoteResp'
  readonly reject: boolean
  readonly candidateIndex: Index
  readonly candidateLogTerm: Term
}

/** Asks whether a vote would be granted, for the term after the sender's. Changes nothing at the receiver (Raft thesis, section 9.6). */
export interface MsgPreVote extends WithCommitted {
  readonly type: 'MsgPreVote'
  readonly index: Index
  readonly logTerm: Term
}

/** Granted with the term that was asked for, refused with the receiver's own. */
export interface MsgPreVoteResp extends WithCommitted {
  readonly type: 'MsgPreVoteResp'
  readonly reject: boolean
}

/** A snapshot for a follower that needs entries which the leader no longer has. */
export interface MsgSnap extends Envelope {
  readonly type: 'MsgSnap'
  readonly snapshot: Snapshot
}

/** The leader lives. Has no entries and only numbers, so that those of many groups can share a frame. */
export interface MsgHeartbeat extends Envelope {
  readonly type: 'MsgHeartbeat'
  /** Never beyond what the follower is known to have. */
  readonly commit: Index
  /** Counts the leader's rounds in this term; the answer repeats it. */
  readonly round: number
  /** Whether the group goes to sleep: no heartbeats follow until there is work. */
  readonly quiesce: boolean
}

export interface MsgHeartbeatResp extends Envelope {
  readonly type: 'MsgHeartbeatResp'
  readonly round: number
  /** How far the follower knows what is committed. */
  readonly committed: Index
}

/** Asks the leader to hand over to `transferee`. */
export interface MsgTransferLeader extends Envelope {
  readonly type: 'MsgTransferLeader'
  readonly transferee: MemberId
}

/** The leader asks the receiver to start an election at once. */
export interface MsgTimeoutNow extends Envelope {
  readonly type: 'MsgTimeoutNow'
}

/** Asks the leader for the index up to which a linearizable read must have applied. */
export interface MsgReadIndex extends Envelope {
  readonly type: 'MsgReadIndex'
  /** The asker's own number for the read. */
  readonly context: number
}

export interface MsgReadIndexResp extends Envelope {
  readonly type: 'MsgReadIndexResp'
  readonly context: number
  readonly index: Index
}

/** What one member sends to another. */
export type PeerMessage =
  | MsgProp
  | MsgApp
  | MsgAppResp
  | MsgVote
  | MsgVoteResp
  | MsgPreVote
  | MsgPreVoteResp
  | MsgSnap
  | MsgHeartbeat
  | MsgHeartbeatResp
  | MsgTransferLeader
  | MsgTimeoutNow
  | MsgReadIndex
  | MsgReadIndexResp

/** The append thread to its member: everything up to the entry (`index`, `logTerm`) is durable, and the snapshot, if there is one. */
export interface MsgStorageAppendResp extends Envelope {
  readonly type: 'MsgStorageAppendResp'
  /** 0: says nothing of entries. */
  readonly index: Index
  readonly logTerm: Term
  readonly snapshot: Snapshot | undefined
}

/** The apply thread to its member: these entries are applied. */
export interface MsgStorageApplyResp extends Envelope {
  readonly type: 'MsgStorageApplyResp'
  readonly entries: readonly Entry[]
}

/** What `RawNode.step` takes: from peers, from the member's own storage threads, and what it has to hear from itself once something is durable. */
export type Message = PeerMessage | MsgStorageAppendResp | MsgStorageApplyResp

/**
 * A member to its append thread: save the snapshot and put it in place of the state machine, then the entries in place of all from the first one's index on, and the hard state, all in one write; then
 * deliver the responses. They must be durable before, unless there are no responses.
 */
export interface MsgStorageAppend extends Envelope {
  readonly type: 'MsgStorageAppend'
  readonly hardState: HardState | undefined
  readonly entries: readonly Entry[]
  readonly snapshot: Snapshot | undefined
  /** In order, each to its `to`: this member itself or another one. */
  readonly responses: readonly Message[]
}

/**
 * A member to its apply thread: apply these entries, then deliver the responses. Nothing has to be durable. Entries that the state machine has already, because
 * the append thread has put a snapshot in its place, are passed over.
 */
export interface MsgStorageApply extends Envelope {
  readonly type: 'MsgStorageApply'
  readonly entries: readonly Entry[]
  readonly responses: readonly Message[]
}
