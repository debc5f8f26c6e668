import { NONE } from '../member-id.ts'
import { broadcastHeartbeat } from './heartbeats.ts'
import type { Raft } from './raft.ts'

/**
 * Lets a group sleep in which there is nothing to do: ticks do nothing, and no heartbeats are sent, until a message other than a heartbeat's answer comes, or
 * something is asked of a member. That the leader lives is then for somebody else to watch, who wakes the members if it does not.
 *
 * @returns whether it sleeps: only a leader whose members all are heard of and have all of its log, committed and applied, and that has nothing under way
 */
export function quiesce(raft: Raft): boolean {
  if (raft.isQuiesced) return true
  if (!mayQuiesce(raft)) return false
  broadcastHeartbeat(raft, true)
  raft.isQuiesced = true
  return true
}

/** Ends a sleep. No tick was counted in it, so a follower that wakes gives its leader a whole election time-out to show that it lives. */
export function wake(raft: Raft): void {
  if (!raft.isQuiesced) return
  raft.isQuiesced = false
  // A leader that wakes wakes its followers with its next tick.
  raft.heartbeatElapsed = raft.config.heartbeatTick
}

function mayQuiesce({ role, log, tracker, transferee, removedAt, pendingReads, earlyReads, id }: Raft): boolean {
  const { lastIndex } = log
  if (role !== 'leader' || log.applied !== lastIndex || log.unstable.hasEntries) return false
  if (transferee !== NONE || removedAt > 0 || tracker.configuration.voters.isJoint || pendingReads.length + earlyReads.length > 0)
    return false
  return tracker.members.every(
    ({ id: member, recentActive, match, state }) => member === id || (recentActive && match === lastIndex && state === 'replicate'),
  )
}
