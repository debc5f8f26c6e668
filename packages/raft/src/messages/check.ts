import { isConfState, restoreConfiguration } from '../config/configuration.ts'
import { RaftMessageError, short, shown } from '../errors.ts'
import type { Entry, Proposal } from '../log/entry.ts'
import type { Snapshot } from '../log/log-state.ts'
import { isMemberId, type MemberId } from '../member-id.ts'
import { isNumber, MOST_NUMBER } from '../numbers.ts'
import type { Message, MsgApp, MsgPreVote, MsgPreVoteResp, MsgVote, MsgVoteResp, PeerMessage } from './message.ts'

// Hot: benchmark `raft/core`.
/**
 * Holds a message to what every correct member sends, before anything is changed by it, whatever a decoder made of the bytes. Fields that are not known are
 * passed over.
 *
 * @throws {RaftMessageError}
 */
export function checkMessage(message: PeerMessage, self: MemberId): void {
  // Read once: messages have many shapes.
  const { type, term, from, to } = message ?? {}
  const isTermless = type === 'MsgProp' || type === 'MsgReadIndex'
  if (!isNumber(term) || (isTermless !== (term === 0) && !isRefusalInTerm0(message))) throw bad(message, `has term ${shown(term)}`)
  if (!isMemberId(to)) throw bad(message, `is for member ${shown(to)}`)
  // What was passed on names who asked first, and may come back to that one.
  if (!isMemberId(from) || (from === self && !isTermless)) throw bad(message, 'names a sender that cannot have sent it')
  switch (message.type) {
    case 'MsgApp':
      checkAppend(message)
      return
    case 'MsgAppResp':
      if (!isNumber(message.index) || !isNumber(message.rejectHint) || !isNumber(message.logTerm))
        throw bad(message, 'has an index that is none')
      checkFlag(message, message.reject)
      return
    case 'MsgVote':
      checkFlag(message, message.transfer)
      checkCandidate(message)
      return
    case 'MsgPreVote':
      checkCandidate(message)
      return
    case 'MsgHeartbeat':
      if (!isNumber(message.commit) || !isNumber(message.round)) throw bad(message, 'has a number that is none')
      checkFlag(message, message.quiesce)
      return
    case 'MsgHeartbeatResp':
      if (!isNumber(message.round) || !isNumber(message.committed)) throw bad(message, 'has a number that is none')
      return
    case 'MsgReadIndex':
      if (!isNumber(message.context)) throw bad(message, `has context ${shown(message.context)}`)
      return
    case 'MsgReadIndexResp':
      if (!isNumber(message.index) || !isNumber(message.context))
        throw bad(message, `has index ${shown(message.index)}, context ${shown(message.context)}`)
      return
    case 'MsgSnap':
      checkSnapshot(message, message.snapshot)
      return
    case 'MsgProp':
      if (!Array.isArray(message.entries) || message.entries.length === 0) throw bad(message, 'proposes nothing')
      for (const proposal of message.entries) checkPayload(message, proposal)
      return
    case 'MsgTransferLeader':
      if (!isMemberId(message.transferee)) throw bad(message, `names member ${shown(message.transferee)}`)
      return
    case 'MsgVoteResp':
      if (!isNumber(message.candidateIndex) || !isNumber(message.candidateLogTerm)) throw bad(message, 'has a last entry that is none')
      checkFlag(message, message.reject)
      checkCommitted(message)
      return
    case 'MsgPreVoteResp':
      checkFlag(message, message.reject)
      checkCommitted(message)
      return
    case 'MsgTimeoutNow':
      return
    default:
      throw bad(message, 'is of a type that is not known')
  }
}

/**
 * The same for what the storage threads answer to the member itself: the member made it, so only its shape is looked at.
 *
 * @throws {RaftMessageError}
 */
export function checkResponse(message: Message): void {
  const { type, term } = message ?? {}
  if (!isNumber(term)) throw bad(message, `has term ${shown(term)}`)
  switch (message.type) {
    case 'MsgStorageApplyResp':
      if (!Array.isArray(message.entries)) throw bad(message, 'has no list of entries')
      return
    case 'MsgStorageAppendResp':
    case 'MsgAppResp':
    case 'MsgVoteResp':
    case 'MsgPreVoteResp':
      return
    default:
      throw bad(message, `is ${shown(type)}, and no answer of a storage thread`)
  }
}

/** Who lost its term in a crash, and has entries of the first one, refuses pre-votes in term 0. */
function isRefusalInTerm0(message: PeerMessage): boolean {
  return message.type === 'MsgPreVoteResp' && message.term === 0 && message.reject
}

/** What is missing must not be taken for no: an answer without `reject` is no vote. */
function checkFlag(message: PeerMessage, flag: boolean): void {
  if (typeof flag !== 'boolean') throw bad(message, 'has a yes or no that is neither')
}

function checkCandidate(message: MsgVote | MsgPreVote): void {
  if (!isNumber(message.index) || !isNumber(message.logTerm)) throw bad(message, 'has a last entry that is none')
  if (message.logTerm > message.term) throw bad(message, 'asks for a term that its log has passed')
  checkCommitted(message)
}

function checkCommitted(message: MsgVote | MsgVoteResp | MsgPreVote | MsgPreVoteResp): void {
  if (!isNumber(message.committed) || !isNumber(message.committedTerm)) throw bad(message, 'has a committed entry that is none')
}

function checkAppend(message: MsgApp): void {
  const { index, logTerm, term, entries, commit } = message
  if (!isNumber(index) || !isNumber(logTerm) || !isNumber(commit)) throw bad(message, 'has a number that is none')
  if (logTerm > term) throw bad(message, `follows an entry of term ${logTerm}, after its own`)
  if (!Array.isArray(entries) || index + entries.length > MOST_NUMBER) throw bad(message, 'goes past the last index')
  // Only the place before the first entry has term 0.
  let before = Math.max(logTerm, 1)
  for (let i = 0; i < entries.length; i++) {
    const entry: Entry | undefined = entries[i]
    if (entry?.index !== index + i + 1) throw bad(message, `has entry ${shown(entry?.index)} in place of ${index + i + 1}`)
    if (!(Number.isSafeInteger(entry.term) && entry.term >= before && entry.term <= term))
      throw bad(message, `has term ${shown(entry.term)} at entry ${entry.index}`)
    checkPayload(message, entry)
    before = entry.term
  }
}

/** What this program does not know it must not append: others would apply it as something else. */
function checkPayload(message: PeerMessage, proposal: Proposal): void {
  if (!(proposal?.data instanceof Uint8Array)) throw bad(message, 'has an entry without bytes')
  if (proposal.type !== 'normal' && proposal.type !== 'conf-change') throw bad(message, 'has an entry of a type that is not known')
}

function checkSnapshot(message: PeerMessage, snapshot: Snapshot): void {
  const { index, term, confState, data } = snapshot ?? {}
  if (!isNumber(index) || index === 0) throw bad(message, `has a snapshot at ${shown(index)}`)
  if (!isNumber(term) || term === 0 || term > message.term) throw bad(message, `has a snapshot of term ${shown(term)}`)
  if (!(data instanceof Uint8Array)) throw bad(message, 'has a snapshot without bytes')
  if (!isConfState(confState) || confState.voters.length === 0) throw bad(message, 'has a snapshot with members that are none')
  try {
    restoreConfiguration(confState)
  } catch (error) {
    throw bad(message, `has a snapshot with a configuration that cannot be: ${short((error as Error).message)}`)
  }
}

function bad(message: Message, what: string): RaftMessageError {
  return new RaftMessageError(message?.type, message?.from, what)
}
