import { restoreConfiguration } from '../config/configuration.ts'
import { RaftMessageError } from '../errors.ts'
import type { Entry } from '../log/entry.ts'
import type { Snapshot } from '../log/log-state.ts'
import { isMemberId, type MemberId } from '../member-id.ts'
import { isNumber, MOST_NUMBER } from '../numbers.ts'
import type { MsgApp, MsgPreVote, MsgPreVoteResp, MsgVote, MsgVoteResp, PeerMessage } from './message.ts'

// Hot: benchmark `raft/core`.
/**
 * Holds a message to what every correct member sends, before anything is changed by it. Its fields have the right types: that is for whoever decoded it.
 *
 * @throws {RaftMessageError}
 */
export function checkMessage(message: PeerMessage, self: MemberId): void {
  // Read once: messages have many shapes.
  const { type, term, from } = message
  const isTermless = type === 'MsgProp' || type === 'MsgReadIndex'
  if (!isNumber(term) || isTermless !== (term === 0)) throw bad(message, `has term ${term}`)
  // What was passed on names who asked first, and may come back to that one.
  if (!isMemberId(from) || (from === self && !isTermless)) throw bad(message, 'names a sender that cannot have sent it')
  switch (message.type) {
    case 'MsgApp':
      checkAppend(message)
      return
    case 'MsgAppResp':
      if (!isNumber(message.index) || !isNumber(message.rejectHint) || !isNumber(message.logTerm))
        throw bad(message, 'has an index that is none')
      return
    case 'MsgVote':
    case 'MsgPreVote':
      if (!isNumber(message.index) || !isNumber(message.logTerm)) throw bad(message, 'has a last entry that is none')
      if (message.logTerm > message.term) throw bad(message, 'asks for a term that its log has passed')
      checkCommitted(message)
      return
    case 'MsgHeartbeat':
      if (!isNumber(message.commit) || !isNumber(message.round)) throw bad(message, 'has a number that is none')
      return
    case 'MsgHeartbeatResp':
      if (!isNumber(message.round) || !isNumber(message.committed)) throw bad(message, 'has a number that is none')
      return
    case 'MsgReadIndexResp':
      if (!isNumber(message.index)) throw bad(message, `has index ${message.index}`)
      return
    case 'MsgSnap':
      checkSnapshot(message, message.snapshot)
      return
    case 'MsgProp':
      if (message.entries.length === 0) throw bad(message, 'proposes nothing')
      return
    case 'MsgTransferLeader':
      if (!isMemberId(message.transferee)) throw bad(message, `names member ${message.transferee}`)
      return
    case 'MsgVoteResp':
      if (!isNumber(message.candidateIndex) || !isNumber(message.candidateLogTerm)) throw bad(message, 'has a last entry that is none')
      checkCommitted(message)
      return
    case 'MsgPreVoteResp':
      checkCommitted(message)
      return
    case 'MsgTimeoutNow':
    case 'MsgReadIndex':
      return
    default:
      throw bad(message, 'is of a type that is not known')
  }
}

function checkCommitted(message: MsgVote | MsgVoteResp | MsgPreVote | MsgPreVoteResp): void {
  if (!isNumber(message.committed) || !isNumber(message.committedTerm)) throw bad(message, 'has a committed entry that is none')
}

function checkAppend(message: MsgApp): void {
  const { index, logTerm, term, entries, commit } = message
  if (!isNumber(index) || !isNumber(logTerm) || !isNumber(commit)) throw bad(message, 'has a number that is none')
  if (logTerm > term) throw bad(message, `follows an entry of term ${logTerm}, after its own`)
  if (index + entries.length > MOST_NUMBER) throw bad(message, 'goes past the last index')
  let before = logTerm
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as Entry
    if (entry.index !== index + i + 1) throw bad(message, `has entry ${entry.index} in place of ${index + i + 1}`)
    if (!(entry.term >= before && entry.term <= term)) throw bad(message, `has term ${entry.term} at entry ${entry.index}`)
    before = entry.term
  }
}

function checkSnapshot(message: PeerMessage, snapshot: Snapshot): void {
  const { index, term, confState } = snapshot
  if (!isNumber(index) || index === 0) throw bad(message, `has a snapshot at ${index}`)
  if (!isNumber(term) || term > message.term) throw bad(message, `has a snapshot of term ${term}`)
  const ids = [...confState.voters, ...confState.learners, ...confState.votersOutgoing, ...confState.learnersNext]
  if (!ids.every(isMemberId)) throw bad(message, 'has a snapshot with a member that is none')
  try {
    restoreConfiguration(confState)
  } catch (error) {
    throw bad(message, `has a snapshot with a configuration that cannot be: ${(error as Error).message}`)
  }
}

function bad(message: PeerMessage, what: string): RaftMessageError {
  return new RaftMessageError(message.type, message.from, what)
}
