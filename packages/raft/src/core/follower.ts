import { type MemberId, NONE } from '../member-id.ts'
import type { Message, MsgApp, MsgHeartbeat, MsgSnap } from '../messages/message.ts'
import { campaign } from './election.ts'
import { handleHeartbeat } from './heartbeats.ts'
import { wake } from './quiescence.ts'
import type { Raft } from './raft.ts'
import { restoreSnapshot } from './snapshots.ts'

/** What only the leader of the term sends. */
export type FromLeader = MsgApp | MsgHeartbeat | MsgSnap

/** A message to a follower. What is for leaders and candidates is out of date, and dropped. */
export function stepFollower(raft: Raft, message: Message): void {
  switch (message.type) {
    case 'MsgApp':
    case 'MsgHeartbeat':
    case 'MsgSnap':
      raft.electionElapsed = 0
      raft.leader = message.from
      followLeader(raft, message)
      return
    case 'MsgTimeoutNow':
      campaign(raft, true)
      return
    case 'MsgReadIndexResp':
      raft.readStates.push({ context: message.context, index: message.index })
      return
    default:
  }
}

/** A follower takes its leader for gone. False when there is nothing to forget, or a lease forbids it. */
export function forgetLeader(raft: Raft): boolean {
  if (raft.role !== 'follower' || raft.leader === NONE || raft.lease !== undefined) return false
  wake(raft)
  raft.leader = NONE
  return true
}

/** What a follower does with what its leader sends. */
export function followLeader(raft: Raft, message: FromLeader): void {
  raft.lease?.hear()
  if (message.type === 'MsgHeartbeat') handleHeartbeat(raft, message)
  else if (message.type === 'MsgApp') handleAppend(raft, message)
  else acknowledge(raft, message.from, restoreSnapshot(raft, message.snapshot) ? raft.log.lastIndex : raft.log.committed)
}

// Hot: benchmark `raft/core`.
function handleAppend(raft: Raft, message: MsgApp): void {
  const { index, logTerm, entries, commit, from } = message
  const { committed } = raft.log
  // What is committed here agrees with the leader's log, whatever an old message says.
  const last = index < committed ? committed : raft.log.maybeAppend(index, logTerm, entries, commit)
  if (last === undefined) refuse(raft, message)
  else acknowledge(raft, from, last)
}

/** The log has no such entry as these are to follow. The hint is the last one that can be in the leader's log: of a term not above the one it named. */
function refuse(raft: Raft, { from, index, logTerm }: MsgApp): void {
  const { log, id, term } = raft
  const hint = log.findConflictByTerm(Math.min(index, log.lastIndex), logTerm)
  raft.messagesAfterAppend.push({
    type: 'MsgAppResp',
    to: from,
    from: id,
    term,
    index,
    reject: true,
    rejectHint: hint.index,
    logTerm: hint.term,
  })
}

/** Tells the leader, once it is durable, that the log agrees with its own up to `index`. */
function acknowledge(raft: Raft, to: MemberId, index: number): void {
  raft.messagesAfterAppend.push({
    type: 'MsgAppResp',
    to,
    from: raft.id,
    term: raft.term,
    index,
    reject: false,
    rejectHint: 0,
    logTerm: 0,
  })
}
