import type { Index, Term } from '@disruptorx/contracts'
import { type ConfState, confStateOf } from '../config/configuration.ts'
import type { MemberId } from '../member-id.ts'
import type { ProgressState } from '../progress/progress.ts'
import type { Raft, Role } from './raft.ts'

/** What a leader knows of a member. */
export interface MemberStatus {
  readonly id: MemberId
  readonly match: Index
  readonly next: Index
  readonly state: ProgressState
  readonly isLearner: boolean
  readonly isPaused: boolean
  readonly pendingSnapshot: Index
  readonly recentActive: boolean
  readonly inflightMsgs: number
  readonly inflightBytes: number
  readonly isInflightFull: boolean
}

/** What a member is and knows, at one moment. */
export interface Status {
  readonly id: MemberId
  readonly role: Role
  readonly term: Term
  readonly vote: MemberId
  readonly leader: MemberId
  readonly firstIndex: Index
  readonly lastIndex: Index
  readonly committed: Index
  readonly applied: Index
  readonly isLearner: boolean
  readonly isQuiesced: boolean
  /** Who is to take over; 0 for nobody. */
  readonly transferee: MemberId
  /** Of entries that this leader appended and that are not applied, each counted with 24 bytes beside its data. */
  readonly uncommittedBytes: number
  readonly pendingReads: number
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
