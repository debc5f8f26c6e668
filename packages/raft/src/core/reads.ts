import type { Index, Term } from '@disruptorx/contracts'
import { type MemberId, NONE } from '../member-id.ts'
import type { MsgReadIndex } from '../messages/message.ts'
import { checkedTime } from './lease.ts'
import type { PendingRead, Raft } from './raft.ts'

/**
 * What became of a read. `accepted`: the answer comes as a `ReadState`, unless leadership changes, a message is lost or the leader that it was passed on to drops
 * it (`read-dropped` there); then ask again. `no-leader`: none is known. `full`: the leader is this member, and `maxPendingReads` wait.
 */
export type ReadOutcome = 'accepted' | 'no-leader' | 'full'

/** A read may be answered by lease: it may look at the state machine once that has applied `index`, and must check the lease again after it. */
export interface LeaseRead {
  /** The read must wait until the state machine has applied this entry. */
  readonly index: Index
  /** The term in which this member leads; in another one `leaseCovers` is false. */
  readonly term: Term
}

/** Asks for the index that a linearizable read must wait for (Raft thesis, section 6.4). A follower asks the leader. */
export function readIndex(raft: Raft, request: MsgReadIndex): ReadOutcome {
  if (raft.role === 'leader') return readAsLeader(raft, request)
  if (raft.leader === NONE) return 'no-leader'
  raft.messages.push({ ...request, to: raft.leader })
  return 'accepted'
}

/** An entry of the term is committed, so the leader knows what is: reads that came before can go on. */
export function answerEarlyReads(raft: Raft): void {
  if (raft.earlyReads.length === 0 || !raft.hasCommittedInTerm) return
  const reads = raft.earlyReads
  raft.earlyReads = []
  for (const read of reads) admit(raft, read.from, read.context)
}

/** Answers the reads whose round a quorum has answered. */
export function confirmReads(raft: Raft): void {
  const { pendingReads } = raft
  if (pendingReads.length === 0) return
  const confirmed = raft.tracker.confirmedRound()
  let count = 0
  for (const read of pendingReads) {
    if (read.round > confirmed) break
    answer(raft, read)
    count++
  }
  if (count > 0) raft.pendingReads = pendingReads.slice(count)
}

/** A read by lease at this time, if the lease holds; else it must go the long way. @throws {OptionError} the time is none */
export function leaseRead(raft: Raft, nowMs: number): LeaseRead | undefined {
  checkedTime(raft.lease, nowMs)
  if (!raft.hasCommittedInTerm || !holdsLease(raft, nowMs)) return undefined
  return { index: raft.log.committed, term: raft.term }
}

/** Whether a read by lease that was begun earlier was still covered at this time. @throws {OptionError} the time is none */
export function leaseCovers(raft: Raft, read: LeaseRead, nowMs: number): boolean {
  checkedTime(raft.lease, nowMs)
  return read.term === raft.term && holdsLease(raft, nowMs)
}

function holdsLease(raft: Raft, nowMs: number): boolean {
  if (raft.role !== 'leader' || raft.transferee !== NONE || raft.lease === undefined) return false
  return raft.lease.notBefore(nowMs) < raft.lease.deadlineMs(raft.tracker.confirmedRound())
}

function readAsLeader(raft: Raft, { from, context }: MsgReadIndex): ReadOutcome {
  if (raft.earlyReads.length + raft.pendingReads.length >= raft.config.maxPendingReads) return 'full'
  // Before the term's first commit the leader may not know of entries that were committed, and acknowledged, before its time.
  if (raft.hasCommittedInTerm) admit(raft, from, context)
  else raft.earlyReads.push({ from, context })
  return 'accepted'
}

/** The next round of heartbeats goes out with the next `ready()`: reads that come together share it. */
function admit(raft: Raft, from: MemberId, context: number): void {
  raft.pendingReads.push({ from, context, index: raft.log.committed, round: raft.round + 1 })
  raft.roundWanted = true
}

function answer(raft: Raft, { from, context, index }: PendingRead): void {
  if (from === raft.id) raft.readStates.push({ context, index })
  else raft.messages.push({ type: 'MsgReadIndexResp', to: from, from: raft.id, term: raft.term, context, index })
}
