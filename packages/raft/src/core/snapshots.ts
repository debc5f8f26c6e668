import { restoreConfiguration } from '../config/configuration.ts'
import type { Snapshot } from '../log/log-state.ts'
import { appliedTo } from './membership.ts'
import type { Raft } from './raft.ts'

/**
 * A follower puts a snapshot in place of its log, unless it says nothing new. The snapshot need not name this member: it may have been made before the change
 * that added it, which then follows as an entry.
 *
 * @returns whether it did
 */
export function restoreSnapshot(raft: Raft, snapshot: Snapshot): boolean {
  const { index, term } = snapshot
  if (index <= raft.log.committed) return false
  if (raft.log.matchTerm(index, term)) {
    // The log has the snapshot's last entry, and so all before it: it only learns that they are committed.
    raft.log.commitTo(index)
    return false
  }
  raft.log.restore(snapshot)
  return true
}

/**
 * A snapshot is saved, and applied with that. Only now its configuration is in force: until then entries from before it may still be applied, with changes that
 * belong to the configuration before.
 */
export function appliedSnapshot(raft: Raft, { index, confState }: Snapshot): void {
  // Heard before: what was applied since may have changed the configuration.
  if (index <= raft.log.applied) return
  raft.log.snapshotSavedTo(index)
  raft.tracker.restore(restoreConfiguration(confState), index)
  raft.confIndex = index
  appliedTo(raft, index, 0)
}
