import type { MsgHeartbeat, MsgHeartbeatResp } from '../messages/message.ts'
import type { Progress } from '../progress/progress.ts'
import type { Raft } from './raft.ts'
import { confirmReads } from './reads.ts'
import { sendAppend } from './replication.ts'

/**
 * Sends a round of heartbeats. A quorum's answers to it show that this member was still leader after the round was sent: that is what reads and the lease wait
 * for.
 */
export function broadcastHeartbeat(raft: Raft, quiesce = false): void {
  raft.round++
  raft.roundWanted = false
  raft.lease?.stampRound(raft.round)
  const { id, log, round, term } = raft
  for (const progress of raft.tracker.members) {
    if (progress.id === id) {
      progress.ackedRound = round
      continue
    }
    // A follower may not have all that is committed: it learns only of what it is known to have.
    const commit = Math.min(progress.match, log.committed)
    raft.messages.push({ type: 'MsgHeartbeat', to: progress.id, from: id, term, commit, round, quiesce })
    progress.sentHeartbeat(commit)
  }
  // Where this leader is the only voter, the round is confirmed by that.
  confirmReads(raft)
}

/** A follower's side. The commit index of a heartbeat is never beyond what the leader knows it to have. */
export function handleHeartbeat(raft: Raft, { from, commit, round, quiesce }: MsgHeartbeat): void {
  raft.log.commitTo(commit)
  raft.messages.push({ type: 'MsgHeartbeatResp', to: from, from: raft.id, term: raft.term, round, committed: raft.log.committed })
  raft.isQuiesced = quiesce && commit === raft.log.lastIndex
}

/** A leader's side: the follower lives. If entries wait, one message goes out, also when the window is full, as all in it may have been lost. */
export function handleHeartbeatResponse(raft: Raft, progress: Progress, { round, committed }: MsgHeartbeatResp): void {
  progress.recentActive = true
  progress.knownCommit = Math.max(progress.knownCommit, committed)
  progress.msgAppFlowPaused = false
  if (progress.match < raft.log.lastIndex || progress.state === 'probe') sendAppend(raft, progress, true)
  if (round <= progress.ackedRound || round > raft.round) return
  progress.ackedRound = round
  confirmReads(raft)
}
