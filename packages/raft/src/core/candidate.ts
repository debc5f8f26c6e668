import type { Message } from '../messages/message.ts'
import { handlePreVoteResponse, handleVoteResponse } from './election.ts'
import { followLeader } from './follower.ts'
import type { Raft } from './raft.ts'

/** A message to a candidate or a pre-candidate. It counts the answers to what it asked for; whoever leads its term ends its candidacy. */
export function stepCandidate(raft: Raft, message: Message): void {
  switch (message.type) {
    case 'MsgApp':
    case 'MsgHeartbeat':
    case 'MsgSnap':
      raft.becomeFollower(message.term, message.from)
      followLeader(raft, message)
      return
    case 'MsgPreVoteResp':
      if (raft.role === 'pre-candidate') handlePreVoteResponse(raft, message)
      return
    case 'MsgVoteResp':
      if (raft.role === 'candidate') handleVoteResponse(raft, message)
      return
    default:
  }
}
