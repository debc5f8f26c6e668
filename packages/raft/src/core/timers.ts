import { NONE } from '../member-id.ts'
import { campaign } from './election.ts'
import { broadcastHeartbeat } from './heartbeats.ts'
import { checkLeadership } from './leader.ts'
import { learnFromChanges } from './membership.ts'
import type { Raft } from './raft.ts'
import { giveUpTransfer } from './transfer.ts'

/** One tick of time. */
export function tick(raft: Raft, nowMs: number): void {
  raft.lease?.tick(nowMs)
  if (raft.isQuiesced) return
  raft.electionElapsed++
  if (raft.role === 'leader') tickLeader(raft)
  else tickElection(raft)
}

/** Starts an election when no leader was heard for this member's time-out. */
function tickElection(raft: Raft): void {
  if (raft.electionElapsed < raft.randomizedElectionTimeout || raft.lease?.isPromised()) return
  if (!raft.isPromotable) {
    // It may be the only voter by now, and not know it.
    learnFromChanges(raft)
    return
  }
  raft.electionElapsed = 0
  campaign(raft)
}

function tickLeader(raft: Raft): void {
  raft.heartbeatElapsed++
  if (raft.electionElapsed >= raft.config.electionTick) {
    raft.electionElapsed = 0
    checkLeadership(raft)
  }
  if (raft.transferee !== NONE && ++raft.transferElapsed >= raft.config.electionTick) giveUpTransfer(raft)
  if (raft.role !== 'leader' || raft.heartbeatElapsed < raft.config.heartbeatTick) return
  raft.heartbeatElapsed = 0
  broadcastHeartbeat(raft)
}
