import { RaftMessageError } from '../errors.ts'
import { NONE } from '../member-id.ts'
import type { Message } from '../messages/message.ts'
import { handleHeartbeatResponse } from './heartbeats.ts'
import type { Raft } from './raft.ts'
import { handleAppendResponse } from './replication.ts'
import { stepDownIfKnown, transferIfCaughtUp } from './transfer.ts'

/** A message to a leader. From members only: who was removed counts no more. @throws {RaftMessageError} it acknowledges what there is not */
export function stepLeader(raft: Raft, message: Message): void {
  const progress = raft.tracker.get(message.from)
  if (progress === undefined) return
  switch (message.type) {
    case 'MsgAppResp':
      if (message.index > raft.log.lastIndex && !message.reject)
        throw new RaftMessageError(
          message.type,
          message.from,
          `acknowledges entry ${message.index} of a log that ends at ${raft.log.lastIndex}`,
        )
      if (handleAppendResponse(raft, progress, message)) transferIfCaughtUp(raft, progress)
      return
    case 'MsgHeartbeatResp':
      handleHeartbeatResponse(raft, progress, message)
      stepDownIfKnown(raft)
      return
    default:
  }
}

/** An election time-out has passed for a leader: it steps down if it has heard from no quorum in it, as a new leader may exist (Raft thesis, section 6.2). */
export function checkLeadership(raft: Raft): void {
  if (!raft.config.checkQuorum) return
  if (!raft.tracker.isQuorumActive()) {
    raft.becomeFollower(raft.term, NONE)
    return
  }
  for (const progress of raft.tracker.members) if (progress.id !== raft.id) progress.markInactive()
}
