import { type Index, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { MOST_NUMBER } from '../numbers.ts'
import type { Raft } from './raft.ts'

/** How many entries stay behind a snapshot, for followers that lag. */
export interface TrailingMargin {
  /** Entries that always stay. @default 1,000 */
  readonly least?: number
  /** Entries that stay at most: a follower that is further behind gets a snapshot. @default 100,000 */
  readonly most?: number
}

/**
 * Up to where a log can be freed that a snapshot covers up to `snapshotIndex`: a leader keeps what its slowest living follower still needs, within the margin;
 * anybody else, who knows nothing of followers, the least. Sending some more entries is cheaper than a snapshot.
 *
 * @returns the last index that can go; below the log's first one when nothing can
 */
export function compactionIndex(raft: Raft, snapshotIndex: Index, margin: TrailingMargin): Index {
  if (typeof margin !== 'object' || margin === null) throw new OptionError('margin', margin, 'an object with least and most, or left out')
  const most = wholeNumber('margin.most', margin.most ?? Math.max(100_000, margin.least ?? 0), 0, Number.MAX_SAFE_INTEGER)
  const least = wholeNumber('margin.least', margin.least ?? Math.min(1_000, most), 0, most)
  const end = Math.min(wholeNumber('snapshotIndex', snapshotIndex, 0, MOST_NUMBER), raft.log.applied)
  const lag = Math.max(0, end - slowestMatch(raft))
  // A snapshot that is on its way in may already stand in the place of what is to be freed.
  return Math.min(end, Math.max(raft.log.firstIndex - 1, end - Math.min(Math.max(lag, least), most)))
}

/** How far the slowest follower is that lives and is not waiting for a snapshot; that one continues from behind the snapshot that it gets. */
function slowestMatch(raft: Raft): Index {
  let slowest = Number.POSITIVE_INFINITY
  if (raft.role !== 'leader') return slowest
  for (const { id, match, isAlive, state, pendingSnapshot } of raft.tracker.members)
    if (id !== raft.id && isAlive) slowest = Math.min(slowest, state === 'snapshot' ? Math.max(match, pendingSnapshot) : match)
  return slowest
}
