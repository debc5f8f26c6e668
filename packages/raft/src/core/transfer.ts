import { type MemberId, NONE } from '../member-id.ts'
import type { Progress } from '../progress/progress.ts'
import { leaveJointIfDue } from './membership.ts'
import type { Raft } from './raft.ts'
import { sendAppend } from './replication.ts'

/**
 * What became of a request to hand leadership over. `started`: proposals are dropped until it is over, one election time-out at most unless another is asked for. `forwarded`: the leader
 * was asked, and drops it if it cannot (`transfer-dropped` there). `unknown-member`, `learner`, `already-leader`, `already-transferring` (to the same member):
 * nothing was done.
 */
export type TransferOutcome =
  | 'started'
  | 'forwarded'
  | 'no-leader'
  | 'unknown-member'
  | 'learner'
  | 'already-leader'
  | 'already-transferring'

/** Hands leadership over, or asks the leader to (Raft thesis, section 3.10). A request for another member than before replaces that one. */
export function transferLeadership(raft: Raft, transferee: MemberId): TransferOutcome {
  if (raft.role === 'leader') return startTransfer(raft, transferee)
  if (raft.leader === NONE) return 'no-leader'
  raft.messages.push({ type: 'MsgTransferLeader', to: raft.leader, from: raft.id, term: raft.term, transferee })
  return 'forwarded'
}

/** The member that is to take over has the whole log now: it may start. */
export function transferIfCaughtUp(raft: Raft, progress: Progress): void {
  if (progress.id === raft.transferee && progress.match === raft.log.lastIndex) sendTimeoutNow(raft, progress.id)
}

/** A leader that was removed steps down once quorums know of it, and asks the one with the longest log to take over. */
export function stepDownIfKnown(raft: Raft): void {
  const { removedAt, tracker } = raft
  if (removedAt === 0) return
  const { voters } = tracker.configuration
  const knowing = new Map(tracker.members.map(({ id, knownCommit }) => [id, knownCommit >= removedAt]))
  if (voters.voteResult(knowing) !== 'won') return
  let heir: Progress | undefined
  for (const progress of tracker.members)
    if (voters.has(progress.id) && knowing.get(progress.id) && progress.match > (heir?.match ?? 0)) heir = progress
  if (heir !== undefined) sendTimeoutNow(raft, heir.id)
  raft.becomeFollower(raft.term, NONE)
}

function startTransfer(raft: Raft, transferee: MemberId): TransferOutcome {
  const progress = raft.tracker.get(transferee)
  if (progress === undefined) return 'unknown-member'
  if (raft.removedAt > 0) return 'already-transferring'
  if (progress.isLearner) return 'learner'
  if (raft.transferee === transferee) return 'already-transferring'
  if (transferee === raft.id) {
    giveUpTransfer(raft)
    return 'already-leader'
  }
  raft.transferElapsed = 0
  raft.transferee = transferee
  if (progress.match === raft.log.lastIndex) sendTimeoutNow(raft, transferee)
  else sendAppend(raft, progress, true)
  return 'started'
}

/** A transfer has gone on for an election time-out, or is taken back. */
export function giveUpTransfer(raft: Raft): void {
  raft.transferee = NONE
  // It had to wait, as nothing is appended meanwhile.
  leaveJointIfDue(raft)
}

function sendTimeoutNow(raft: Raft, to: MemberId): void {
  // The message may arrive at any time, and then nobody protects this leader: it can rely on no promise any more.
  raft.lease?.cancel()
  raft.messages.push({ type: 'MsgTimeoutNow', to, from: raft.id, term: raft.term })
}
