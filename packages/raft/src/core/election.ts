import type { Index, Term } from '@disruptorx/contracts'
import { RaftInvariantError } from '../errors.ts'
import { NO_DATA } from '../log/entry.ts'
import { NONE } from '../member-id.ts'
import type { MsgPreVote, MsgPreVoteResp, MsgVote, MsgVoteResp } from '../messages/message.ts'
import { MOST_NUMBER } from '../numbers.ts'
import { hasUnappliedConfChanges } from './membership.ts'
import { appendEntries } from './proposals.ts'
import type { Raft } from './raft.ts'
import { broadcastAppend } from './replication.ts'

/**
 * Why an election starts. `pre-election` asks first whether it could be won; `transfer` was asked for by the leader, so nobody protects that one.
 */
type Campaign = 'pre-election' | 'election' | 'transfer'

/**
 * What became of a call to start an election. `not-promotable`: not a voter, or about to take a snapshot. `unapplied-conf-change`: a committed change of the
 * configuration is not applied yet, or that cannot be told because entries are being fetched. `promised`: the leader has a lease that this member took part in giving.
 */
export type CampaignOutcome = 'started' | 'already-leader' | 'not-promotable' | 'unapplied-conf-change' | 'promised'

/** Starts an election, if this member may: by itself when its time-out is over, on demand, or because its leader asks for it. */
export function campaign(raft: Raft, byTransfer = false): CampaignOutcome {
  if (raft.role === 'leader') return 'already-leader'
  if (!raft.isPromotable) return 'not-promotable'
  if (!byTransfer && raft.lease?.isPromised()) return 'promised'
  // The configuration in force may be out of date, and with it the idea of what a quorum is.
  if (hasUnappliedConfChanges(raft)) return 'unapplied-conf-change'
  startCampaign(raft, byTransfer ? 'transfer' : raft.config.preVote ? 'pre-election' : 'election')
  return 'started'
}

/** Whether this member protects a leader from which it has heard of late, by not listening to candidates (Raft thesis, section 4.2.3). */
export function protectsLeader(raft: Raft): boolean {
  if (raft.lease?.isPromised()) return true
  return raft.config.checkQuorum && raft.leader !== NONE && raft.electionElapsed < raft.config.electionTick
}

/** A request for a vote of this term, or for a pre-vote of this or a later one. */
export function handleVoteRequest(raft: Raft, message: MsgVote | MsgPreVote): void {
  const { from, term, index, logTerm } = message
  const isPreVote = message.type === 'MsgPreVote'
  // A promise holds in every term, also in one that this member has come to know of otherwise than by a request.
  const isBound = message.type === 'MsgVote' && !message.transfer && raft.lease?.isPromised() === true
  const isFree = raft.vote === NONE && raft.leader === NONE && !isBound
  const mayVote = raft.vote === from || isFree || (isPreVote && term > raft.term)
  // Learners vote too, when asked: who asks knows of a configuration in which they are voters already.
  const granted = mayVote && raft.log.isUpToDate(index, logTerm)
  // A pre-candidate knows nothing of a newer term here: granted with its own number, or it would drop the answer as old.
  const answer = { to: from, from: raft.id, term: granted ? term : raft.term, reject: !granted, ...knownCommitted(raft) }
  raft.messagesAfterAppend.push(
    isPreVote
      ? { type: 'MsgPreVoteResp', ...answer }
      : { type: 'MsgVoteResp', ...answer, candidateIndex: index, candidateLogTerm: logTerm },
  )
  if (!granted || isPreVote) return
  raft.electionElapsed = 0
  raft.vote = from
}

/** An answer to a pre-candidate. It is granted with the term that was asked for; one of an earlier time may be late. */
export function handlePreVoteResponse(raft: Raft, { from, reject, term }: MsgPreVoteResp): void {
  if (!reject && term !== raft.term + 1) return
  raft.tracker.recordVote(from, !reject)
  const result = raft.tracker.voteResult()
  if (result === 'won') startCampaign(raft, 'election')
  else if (result === 'lost') raft.becomeFollower(raft.term, NONE)
}

/**
 * An answer to a candidate, itself included.
 *
 * Requests go out before the candidate's own term, vote and last entries are durable. If it loses them in a crash, it may be a candidate of the same term once
 * more, with a shorter log; so it counts only votes that were given to the log that it has. And it leads only when its own vote is durable, even if the others'
 * are enough: else it could lead the same term a second time, and fill it with other entries.
 */
export function handleVoteResponse(raft: Raft, { from, reject, candidateIndex, candidateLogTerm }: MsgVoteResp): void {
  const { tracker, log } = raft
  if (!reject && (candidateIndex !== log.lastIndex || candidateLogTerm !== log.lastTerm)) return
  tracker.recordVote(from, !reject)
  const result = tracker.voteResult()
  if (result === 'won' && tracker.hasVote(raft.id)) lead(raft)
  else if (result === 'lost') raft.becomeFollower(raft.term, NONE)
}

function startCampaign(raft: Raft, kind: Campaign): void {
  const { id, log } = raft
  // The others refuse a request for a term after the last one; so it must not be sent, for a pre-vote neither.
  if (raft.term >= MOST_NUMBER) throw new RaftInvariantError('the last term is over', { term: raft.term })
  const isPre = kind === 'pre-election'
  if (isPre) raft.becomePreCandidate()
  else raft.becomeCandidate()
  const term = isPre ? raft.term + 1 : raft.term
  const { lastIndex: index, lastTerm: logTerm } = log
  const committed = knownCommitted(raft)
  for (const to of raft.tracker.configuration.voters.ids()) {
    // Its own vote counts as any other does: once it is durable.
    if (to === id) raft.messagesAfterAppend.push(ownVote(raft, isPre, term))
    else if (isPre) raft.messages.push({ type: 'MsgPreVote', to, from: id, term, index, logTerm, ...committed })
    else raft.messages.push({ type: 'MsgVote', to, from: id, term, index, logTerm, transfer: kind === 'transfer', ...committed })
  }
}

/** What everybody says of itself in elections: how far it knows what is committed. */
export function knownCommitted({ log }: Raft): { readonly committed: Index; readonly committedTerm: Term } {
  return { committed: log.committed, committedTerm: log.term(log.committed) ?? 0 }
}

/**
 * Whoever speaks in an election says how far it knows what is committed. Who has that entry knows it from now on, in any term: a committed entry stays.
 *
 * Without this a group can stand still for good: the last of the others to know that a change of the configuration is committed may be one that was removed by
 * it, or became a learner, and so never leads again; and the others need its vote, so far as they know, which it does not give to shorter logs.
 */
export function learnCommitted(raft: Raft, { committed, committedTerm }: MsgVote | MsgPreVote | MsgVoteResp | MsgPreVoteResp): void {
  if (raft.role === 'leader' || !raft.log.maybeCommit(committed, committedTerm)) return
  // Its election may be in a configuration that is out of date, so far as it now knows.
  if (raft.role !== 'follower' && hasUnappliedConfChanges(raft)) raft.becomeFollower(raft.term, NONE)
}

function ownVote(raft: Raft, isPre: boolean, term: Term): MsgVoteResp | MsgPreVoteResp {
  const { id, log } = raft
  const vote = { to: id, from: id, term, reject: false, ...knownCommitted(raft) }
  if (isPre) return { type: 'MsgPreVoteResp', ...vote }
  return { type: 'MsgVoteResp', ...vote, candidateIndex: log.lastIndex, candidateLogTerm: log.lastTerm }
}

/** The election is won. The first entry of the term has no data: with it, all that came before is committed. */
function lead(raft: Raft): void {
  raft.becomeLeader()
  appendEntries(raft, [{ type: 'normal', data: NO_DATA }])
  broadcastAppend(raft)
}
