import { RaftMessageError } from '../errors.ts'
import { entriesSize } from '../log/entry.ts'
import { NONE } from '../member-id.ts'
import type { Message, MsgPreVote, MsgPreVoteResp, MsgStorageAppendResp, MsgVote, MsgVoteResp } from '../messages/message.ts'
import { MOST_TERMS_AHEAD } from '../numbers.ts'
import { stepCandidate } from './candidate.ts'
import { handleVoteRequest, knownCommitted, learnCommitted, protectsLeader } from './election.ts'
import { stepFollower } from './follower.ts'
import { stepLeader } from './leader.ts'
import { appliedTo } from './membership.ts'
import { propose, reduceUncommitted } from './proposals.ts'
import { wake } from './quiescence.ts'
import type { Raft } from './raft.ts'
import { readIndex } from './reads.ts'
import { appliedSnapshot } from './snapshots.ts'
import { type TransferOutcome, transferLeadership } from './transfer.ts'

/**
 * What became of a message. What another member passed on and is not taken: `proposal-dropped`, see `DropReason`; `read-dropped`, see `ReadOutcome`;
 * `transfer-dropped`, see `TransferOutcome`, also when it was asked of the leader of an earlier term. `unknown-member`: an answer from somebody who is no member
 * here. `not-addressed`: for another member, such as an earlier incarnation of this node.
 */
export type StepOutcome = 'accepted' | 'proposal-dropped' | 'read-dropped' | 'transfer-dropped' | 'unknown-member' | 'not-addressed'

// Hot: benchmark `raft/core`.
/** Takes a message: first its term, then what it says. @throws {RaftMessageError} no correct member can have come to its term */
export function step(raft: Raft, message: Message): StepOutcome {
  // Read once: messages have many shapes.
  const { type, term } = message
  if (message.to !== raft.id) return 'not-addressed'
  if (isAnswer(type) && raft.tracker.get(message.from) === undefined && !isAnswerToNewcomer(raft, message)) return 'unknown-member'
  if (term > raft.term) mustBeNear(raft, message)
  if (raft.isQuiesced && isWork(type)) wake(raft)
  if (isElection(message, type)) learnCommitted(raft, message)
  if (term > raft.term) {
    if (!entersTerm(raft, message)) return 'accepted'
  } else if (term < raft.term && (term !== 0 || type === 'MsgPreVoteResp')) {
    handleOldTerm(raft, message)
    return type === 'MsgTransferLeader' ? 'transfer-dropped' : 'accepted'
  }
  return stepInTerm(raft, message)
}

/** A newer term must be one that a group can have come to. @throws {RaftMessageError} it is not */
function mustBeNear(raft: Raft, { type, from, term }: Message): void {
  if (term - raft.term > MOST_TERMS_AHEAD && raft.log.lastIndex > 0)
    throw new RaftMessageError(type, from, `has term ${term}, too far ahead of ${raft.term}`)
}

function stepInTerm(raft: Raft, message: Message): StepOutcome {
  switch (message.type) {
    case 'MsgProp':
      return propose(raft, message.entries, message.from).kind === 'dropped' ? 'proposal-dropped' : 'accepted'
    case 'MsgReadIndex':
      return readIndex(raft, message) === 'accepted' ? 'accepted' : 'read-dropped'
    case 'MsgTransferLeader':
      return isDropped(transferLeadership(raft, message.transferee)) ? 'transfer-dropped' : 'accepted'
    case 'MsgVote':
    case 'MsgPreVote':
      handleVoteRequest(raft, message)
      break
    case 'MsgStorageAppendResp':
      storageAppended(raft, message)
      break
    case 'MsgStorageApplyResp': {
      const bytes = entriesSize(message.entries)
      appliedTo(raft, message.entries.at(-1)?.index ?? 0, bytes)
      reduceUncommitted(raft, bytes)
      break
    }
    default:
      if (raft.role === 'leader') stepLeader(raft, message)
      else if (raft.role === 'follower') stepFollower(raft, message)
      else stepCandidate(raft, message)
  }
  return 'accepted'
}

/** Enters the newer term of a message, if it is one to be entered by. False when the message is to be dropped. */
function entersTerm(raft: Raft, message: Message): boolean {
  switch (message.type) {
    case 'MsgVote':
      if (!message.transfer && protectsLeader(raft)) return false
      break
    case 'MsgPreVote':
      // Asked only whether: terms do not change.
      return !protectsLeader(raft)
    case 'MsgPreVoteResp':
      // Granted with the term that was asked for, which begins only when a quorum has granted it. Refused by somebody who has a newer term.
      if (!message.reject) return true
      break
    default:
  }
  // Who leads the term, if its sender does, comes out when the message is dealt with.
  raft.becomeFollower(message.term, NONE)
  return true
}

/** A message of an earlier term says nothing any more; but its sender may have to learn that there is a newer one. */
function handleOldTerm(raft: Raft, message: Message): void {
  const { term, id } = raft
  switch (message.type) {
    case 'MsgHeartbeat':
    case 'MsgApp':
      // As the Raft paper has it. This member went to a newer term, and makes the leader step down, or it could never come back: its requests for votes are not
      // listened to by those who protect their leader, and do not reach one that it does not know as a member.
      raft.messagesAfterAppend.push({
        type: 'MsgAppResp',
        to: message.from,
        from: id,
        term,
        index: 0,
        reject: false,
        rejectHint: 0,
        logTerm: 0,
      })
      return
    case 'MsgPreVote':
      // Silence could leave a candidate with the longest log in an old term for ever.
      raft.messagesAfterAppend.push({ type: 'MsgPreVoteResp', to: message.from, from: id, term, reject: true, ...knownCommitted(raft) })
      return
    case 'MsgVote':
      // As the Raft paper has it. Silence could leave a candidate behind the terms of one that does not count it as a member, and never wins, for ever.
      raft.messagesAfterAppend.push({
        type: 'MsgVoteResp',
        to: message.from,
        from: id,
        term,
        reject: true,
        candidateIndex: message.index,
        candidateLogTerm: message.logTerm,
        ...knownCommitted(raft),
      })
      return
    case 'MsgStorageAppendResp':
      // The entries may have been replaced since, by a write that is still under way. A snapshot is committed state in any term.
      if (message.snapshot !== undefined) appliedSnapshot(raft, message.snapshot)
      return
    default:
  }
}

function storageAppended(raft: Raft, { index, logTerm, snapshot }: MsgStorageAppendResp): void {
  if (index !== 0) raft.log.savedTo({ index, term: logTerm })
  if (snapshot !== undefined) appliedSnapshot(raft, snapshot)
}

/** Whether nothing comes of a transfer that was asked for: who leads already, or is about to, needs none. */
function isDropped(outcome: TransferOutcome): boolean {
  return outcome === 'no-leader' || outcome === 'unknown-member' || outcome === 'learner'
}

/** Whether a message answers one of this member, so that only members can have sent it. */
function isAnswer(type: Message['type']): boolean {
  return (
    type === 'MsgAppResp' ||
    type === 'MsgVoteResp' ||
    type === 'MsgPreVoteResp' ||
    type === 'MsgHeartbeatResp' ||
    type === 'MsgReadIndexResp'
  )
}

/** Whether the leader answers a read: one that a newcomer follows before it has a configuration, so that nobody is a member as far as it knows. */
function isAnswerToNewcomer(raft: Raft, { type, from }: Message): boolean {
  return type === 'MsgReadIndexResp' && from === raft.leader
}

/** Whether a message is part of an election. */
function isElection(_message: Message, type: Message['type']): _message is MsgVote | MsgPreVote | MsgVoteResp | MsgPreVoteResp {
  return type === 'MsgVote' || type === 'MsgPreVote' || type === 'MsgVoteResp' || type === 'MsgPreVoteResp'
}

/** Whether a message ends a sleep. A heartbeat says itself whether it does; what is being saved and applied goes on in a sleep. */
function isWork(type: Message['type']): boolean {
  return type !== 'MsgHeartbeat' && type !== 'MsgHeartbeatResp' && type !== 'MsgStorageAppendResp' && type !== 'MsgStorageApplyResp'
}
