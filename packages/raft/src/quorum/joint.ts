import type { MemberId } from '../member-id.ts'
import { type AckedIndexer, MajorityConfig, type VoteResult } from './majority.ts'

/**
 * Two majorities of which both must agree (Raft thesis, section 4.3): the voters of the configuration that is coming in, and those of the one that is going
 * out. The second is empty when no change is under way.
 */
export class JointConfig {
  readonly incoming: MajorityConfig
  readonly outgoing: MajorityConfig

  constructor(incoming: Iterable<MemberId>, outgoing: Iterable<MemberId> = []) {
    this.incoming = new MajorityConfig(incoming)
    this.outgoing = new MajorityConfig(outgoing)
  }

  /** Whether a change is under way. */
  get isJoint(): boolean {
    return this.outgoing.ids.length > 0
  }

  /** Whether one voter alone decides everything. */
  get isSingleton(): boolean {
    return this.incoming.ids.length === 1 && !this.isJoint
  }

  /** All voters of either half, ascending, each once. */
  ids(): readonly MemberId[] {
    return this.isJoint ? new MajorityConfig([...this.incoming.ids, ...this.outgoing.ids]).ids : this.incoming.ids
  }

  has(member: MemberId): boolean {
    return this.incoming.has(member) || this.outgoing.has(member)
  }

  /** The highest index that both majorities have acknowledged. */
  committedIndex(acked: AckedIndexer): number {
    return Math.min(this.incoming.committedIndex(acked), this.outgoing.committedIndex(acked))
  }

  /** Won when both halves are, lost when either is. */
  voteResult(votes: ReadonlyMap<MemberId, boolean>): VoteResult {
    const incoming = this.incoming.voteResult(votes)
    const outgoing = this.outgoing.voteResult(votes)
    if (incoming === 'lost' || outgoing === 'lost') return 'lost'
    return incoming === 'won' && outgoing === 'won' ? 'won' : 'pending'
  }
}
