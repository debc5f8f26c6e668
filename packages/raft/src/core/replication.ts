import { type Index, OptionError } from '@disruptorx/contracts'
import { type Entry, payloadSize } from '../log/entry.ts'
import type { MemberId } from '../member-id.ts'
import type { MsgAppResp } from '../messages/message.ts'
import type { Progress } from '../progress/progress.ts'
import type { Raft } from './raft.ts'
import { answerEarlyReads } from './reads.ts'

/** Sends everybody what there is for them: entries, or the commit index alone. */
export function broadcastAppend(raft: Raft): void {
  for (const progress of raft.tracker.members) if (progress.id !== raft.id) sendAppend(raft, progress, true)
}

// Hot: benchmark `raft/core`.
/**
 * Sends a follower the next entries, or a snapshot if the leader does not have those any more.
 *
 * @param evenEmpty whether to send a message without entries, for the sake of the commit index or as a probe
 * @returns whether something was sent
 */
export function sendAppend(raft: Raft, progress: Progress, evenEmpty: boolean): boolean {
  if (progress.isPaused()) return false
  const { log, config } = raft
  const index = progress.next - 1
  const logTerm = log.term(index)
  if (logTerm === undefined) return sendSnapshot(raft, progress)
  let entries: readonly Entry[] | undefined = []
  // With a full window only empty messages go out, when a heartbeat was answered: if all in the window were lost, one of them is what finds out.
  if (progress.state !== 'replicate' || !progress.inflights.isFull())
    entries = log.slice(progress.next, log.lastIndex + 1, config.maxSizePerMsg)
  if (entries === undefined || (entries.length === 0 && !evenEmpty)) return false
  raft.messages.push({ type: 'MsgApp', to: progress.id, from: raft.id, term: raft.term, index, logTerm, entries, commit: log.committed })
  progress.sentAppend(entries.length, payloadSize(entries), log.committed)
  return true
}

/** Sends as many messages with entries as limits allow. */
function sendAllAppends(raft: Raft, progress: Progress): void {
  while (sendAppend(raft, progress, false));
}

/** Entries are in memory that had to be fetched: what waited for them goes on. */
export function goOnWithEntries(raft: Raft): void {
  raft.log.entriesFetched()
  if (raft.role === 'leader') for (const progress of raft.tracker.members) if (progress.id !== raft.id) sendAllAppends(raft, progress)
}

/** The index up to which every voter has the log on its disk, so far as a leader knows; 0 at who does not lead. */
export function durableOnAll({ role, tracker }: Raft): Index {
  return role === 'leader' ? Math.min(...tracker.configuration.voters.ids().map(id => tracker.ackedIndex(id) ?? 0)) : 0
}

/** Commits what quorums have by now, and tells everybody. True when that moved the commit index. */
export function commitAcknowledged(raft: Raft): boolean {
  if (!raft.log.maybeCommit(raft.tracker.committed(), raft.term)) return false
  answerEarlyReads(raft)
  broadcastAppend(raft)
  return true
}

/**
 * A follower answered `MsgApp` or `MsgSnap`; or this leader's own entries are durable, which it tells itself in the same way.
 *
 * @returns whether it said something new
 */
export function handleAppendResponse(raft: Raft, progress: Progress, message: MsgAppResp): boolean {
  progress.recentActive = true
  if (message.reject) return handleRejection(raft, progress, message)
  // A probe may be answered with what is known already; also then the follower can be sent ahead again. Entry 0 is what a message of an earlier term is answered
  // with, by whoever has the term of this leader by now: that says nothing of a log.
  const isProbed = progress.state === 'probe' && progress.match === message.index && message.index > 0
  const isNews = progress.maybeUpdate(message.index) || isProbed
  if (!isNews) return false
  leaveSpecialState(raft, progress, message)
  const isSelf = progress.id === raft.id
  if (!commitAcknowledged(raft) && !isSelf && progress.canBumpCommit(raft.log.committed)) sendAppend(raft, progress, true)
  if (!isSelf) sendAllAppends(raft, progress)
  return true
}

/** A snapshot arrived at a member, or did not. Either way the next message waits for a sign of life. @throws {OptionError} */
export function handleSnapshotStatus(raft: Raft, member: MemberId, arrived: boolean): void {
  if (typeof arrived !== 'boolean') throw new OptionError('arrived', arrived, 'true or false')
  const progress = followed(raft, member)
  if (progress?.state !== 'snapshot') return
  if (!arrived) progress.pendingSnapshot = 0
  progress.becomeProbe()
  progress.msgAppFlowPaused = true
}

/** The network says that a message to a member was probably lost: what was sent ahead may be missing. */
export function handleUnreachable(raft: Raft, member: MemberId): void {
  const progress = followed(raft, member)
  if (progress?.state === 'replicate') progress.becomeProbe()
}

/** How far another member is, at who leads. */
function followed(raft: Raft, member: MemberId): Progress | undefined {
  return raft.role === 'leader' && member !== raft.id ? raft.tracker.get(member) : undefined
}

/**
 * Moves the place to probe to where the logs may agree.
 *
 * The follower says where its log ends, or where the last of its entries is whose term is not above the one that was probed. Of the leader's entries those with
 * a term above that one's cannot be in the follower's log there, as terms in a log never go back; so they are passed over.
 */
function handleRejection(raft: Raft, progress: Progress, { index, rejectHint, logTerm }: MsgAppResp): boolean {
  const hint = logTerm > 0 ? raft.log.findConflictByTerm(rejectHint, logTerm).index : rejectHint
  if (!progress.maybeDecrTo(index, hint)) return false
  if (progress.state === 'replicate') progress.becomeProbe()
  sendAppend(raft, progress, true)
  return true
}

/** An acknowledgement ends probing; it ends waiting for a snapshot when the follower can go on from the log, whichever snapshot it got and from whom. */
function leaveSpecialState(raft: Raft, progress: Progress, { index }: MsgAppResp): void {
  if (progress.state === 'probe') {
    progress.becomeReplicate()
  } else if (progress.state === 'replicate') {
    progress.inflights.freeUpTo(index)
  } else if (progress.match + 1 >= raft.log.firstIndex) {
    progress.becomeProbe()
    progress.becomeReplicate()
  }
}

/** Sends a snapshot to a follower that is heard of: nobody else would take it. */
function sendSnapshot(raft: Raft, progress: Progress): boolean {
  if (!progress.recentActive) return false
  const snapshot = raft.log.snapshot()
  if (snapshot === undefined) return false
  progress.becomeSnapshot(snapshot.index)
  raft.messages.push({ type: 'MsgSnap', to: progress.id, from: raft.id, term: raft.term, snapshot })
  return true
}
