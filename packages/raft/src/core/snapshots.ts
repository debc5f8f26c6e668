import { isMember, restoreConfiguration } from '../config/configuration.ts'
import type { Snapshot } from '../log/log-state.ts'
import { appliedTo } from './membership.ts'
import type { Raft } from './raft.ts'

/**
 * A follower puts a snapshot in place of its log, unless it says nothing new or is none for this member.
 *
 * @returns whether it did
 */
export function restoreSnapshot(raft: Raft, snapshot: Snapshot): boolean {
  const { index, term, confState } = snapshot
  if (index <= raft.log.committed || !isMember(confState, raft.id)) return false
  if (raft.log.matchTerm(index, term)) {
    // The log has the snapshot's last entry, and so all before it: it only learns that they are committed.
    raft.log.commitTo(index)
    return false
  }
  const configuration = restoreConfiguration(confState)
  raft.log.restore(snapshot)
  raft.tracker.restore(configuration, index)
  return true
}

/** A snapshot is saved, and applied with that. */
export function appliedSnapshot(raft: Raft, { index }: Snapshot): void {
  raft.log.unstable.stableSnapshotTo(index)
  appliedTo(raft, index, 0)
}
