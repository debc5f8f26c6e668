import type { Index, Term } from '@disruptorx/contracts'
import { type ConfState, confStateOf } from '../config/configuration.ts'
import type { MemberId } from '../member-id.ts'
import type { ProgressState } from '../progress/progress.ts'
import type { Raft, Role } from './raft.ts'

/** What a leader knows of a member, itself among them. */
export interface MemberStatus {
  readonly id: MemberId
  /** Its log agrees with the leader's up to here, and is durable; 0: nothing is known in this term. */
  readonly match: Index
  /** The next entry that it is sent. What lies between `match` and this is on its way. */
  readonly next: Index
  /** `probe`: where the logs agree is being found out; `replicate`: entries are sent ahead of its answers; `snapshot`: one is on its way, and entries wait for it. */
  readonly state: ProgressState
  /** Whether it gets the log and has no vote. */
  readonly isLearner: boolean
  /** Whether it is sent no entries just now: a probe, a snapshot or a full window waits for an answer. */
  readonly isPaused: boolean
  /** In state `snapshot`: the last index that the snapshot covers, which goes on until `reportSnapshot`; else 0. */
  readonly pendingSnapshot: Index
  /** Whether it was heard of since the leader last looked whether it has a quorum, which it does every `electionTick` ticks. */
  readonly recentActive: boolean
  /** `MsgApp`s on their way to it. */
  readonly inflightMsgs: number
  /** Bytes of data in them. */
  readonly inflightBytes: number
  /** Whether `maxInflightMsgs` or `maxInflightBytes` is reached. */
  readonly isInflightFull: boolean
}

/** What a member is and knows, at one moment. */
export interface Status {
  readonly id: MemberId
  readonly role: Role
  readonly term: Term
  /** Whom it voted for in this term; 0 for nobody. */
  readonly vote: MemberId
  /** Who leads in this term, so far as it knows; 0 for nobody. */
  readonly leader: MemberId
  /** The lowest index whose entry it has, one more than `lastIndex` without any. */
  readonly firstIndex: Index
  /** The highest index of its log, saved or not. */
  readonly lastIndex: Index
  /** Up to here it knows entries to be on a quorum. */
  readonly committed: Index
  /** Up to here its state machine has applied them, as it was told by `advance()` or the responses of `storageApply`. */
  readonly applied: Index
  /** Whether it gets the log and has no vote, in the configuration below. */
  readonly isLearner: boolean
  /** Whether the group sleeps: ticks do nothing and the leader sends no heartbeats, until there is work or `wake()` is called. */
  readonly isQuiesced: boolean
  /** Leader: who is to take over; 0 for nobody. Back at 0 with the same leader, the transfer has failed, and is not tried again. */
  readonly transferee: MemberId
  /** Of entries that this leader appended and that are not applied, each counted with 24 bytes beside its data. */
  readonly uncommittedBytes: number
  /** Leader: reads that wait for a round of heartbeats, or for the term's first commit. */
  readonly pendingReads: number
  /** The configuration in force. */
  readonly configuration: ConfState
  /** By ascending id; only of a leader. */
  readonly members: readonly MemberStatus[]
}

/** A copy of what a member is and knows. */
export function statusOf(raft: Raft): Status {
  const { log } = raft
  return {
    id: raft.id,
    role: raft.role,
    term: raft.term,
    vote: raft.vote,
    leader: raft.leader,
    firstIndex: log.firstIndex,
    lastIndex: log.lastIndex,
    committed: log.committed,
    applied: log.applied,
    isLearner: raft.isLearner,
    isQuiesced: raft.isQuiesced,
    transferee: raft.transferee,
    uncommittedBytes: raft.uncommittedBytes,
    pendingReads: raft.pendingReads.length + raft.earlyReads.length,
    configuration: confStateOf(raft.tracker.configuration),
    members: raft.role === 'leader' ? membersOf(raft) : [],
  }
}

function membersOf(raft: Raft): MemberStatus[] {
  return raft.tracker.members.map(progress => ({
    id: progress.id,
    match: progress.match,
    next: progress.next,
    state: progress.state,
    isLearner: progress.isLearner,
    isPaused: progress.isPaused(),
    pendingSnapshot: progress.pendingSnapshot,
    recentActive: progress.recentActive,
    inflightMsgs: progress.inflights.count,
    inflightBytes: progress.inflights.bytes,
    isInflightFull: progress.inflights.isFull(),
  }))
}
