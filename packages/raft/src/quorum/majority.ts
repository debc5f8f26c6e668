import type { MemberId } from '../member-id.ts'

/** What is known of an election: still open, lost for certain, or won. */
export type VoteResult = 'pending' | 'lost' | 'won'

/** How far each member has acknowledged something that only grows: entries of the log, or rounds of heartbeats. */
export interface AckedIndexer {
  /** `undefined` of a member that has not reported. */
  ackedIndex(member: MemberId): number | undefined
}

/** A set of voters that decides by more than half of its members. */
export class MajorityConfig {
  /** Ascending, each once. */
  readonly ids: readonly MemberId[]
  /** What {@link committedIndex} sorts in: it is called with every acknowledgement. */
  private readonly sorted: number[]

  constructor(ids: Iterable<MemberId>) {
    this.ids = [...new Set(ids)].sort((a, b) => a - b)
    this.sorted = this.ids.map(() => 0)
  }

  has(member: MemberId): boolean {
    return this.ids.includes(member)
  }

  // Hot: benchmark `raft/core`. No allocation; groups are small, so insertion sort.
  /**
   * The highest index that more than half of the voters have acknowledged. Infinite without voters, so that joined with another configuration an empty one
   * does not count.
   */
  committedIndex(acked: AckedIndexer): number {
    const { ids, sorted } = this
    if (ids.length === 0) return Number.POSITIVE_INFINITY
    for (let i = 0; i < ids.length; i++) {
      const index = acked.ackedIndex(ids[i] as MemberId) ?? 0
      let place = i
      for (; place > 0 && (sorted[place - 1] as number) < index; place--) sorted[place] = sorted[place - 1] as number
      sorted[place] = index
    }
    return sorted[ids.length >> 1] as number
  }

  /** What votes decide. Without voters an election is won, for the same reason that {@link committedIndex} is infinite. */
  voteResult(votes: ReadonlyMap<MemberId, boolean>): VoteResult {
    if (this.ids.length === 0) return 'won'
    let granted = 0
    let missing = 0
    for (const id of this.ids) {
      const vote = votes.get(id)
      if (vote === undefined) missing++
      else if (vote) granted++
    }
    const needed = (this.ids.length >> 1) + 1
    if (granted >= needed) return 'won'
    return granted + missing >= needed ? 'pending' : 'lost'
  }
}
