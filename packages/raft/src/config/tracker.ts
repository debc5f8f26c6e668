import type { Index } from '@disruptorx/contracts'
import type { MemberId } from '../member-id.ts'
import { Progress } from '../progress/progress.ts'
import type { AckedIndexer, VoteResult } from '../quorum/majority.ts'
import { ascending, type Configuration, EMPTY_CONF_STATE, restoreConfiguration } from './configuration.ts'

/** The configuration in force, what is known of each of its members, and the votes of the election under way. */
export class ProgressTracker implements AckedIndexer {
  configuration: Configuration = restoreConfiguration(EMPTY_CONF_STATE)
  /** Everybody who takes part, by ascending id: the order in which messages go out. */
  members: readonly Progress[] = []
  private byId: ReadonlyMap<MemberId, Progress> = new Map()
  private readonly votes = new Map<MemberId, boolean>()
  private readonly rounds: AckedIndexer = { ackedIndex: member => this.byId.get(member)?.ackedRound }
  private readonly maxInflightMsgs: number
  private readonly maxInflightBytes: number

  constructor(maxInflightMsgs: number, maxInflightBytes: number) {
    this.maxInflightMsgs = maxInflightMsgs
    this.maxInflightBytes = maxInflightBytes
  }

  get(member: MemberId): Progress | undefined {
    return this.byId.get(member)
  }

  /** Puts a configuration into force. Members that stay keep their progress; new ones are probed from the leader's last index. */
  switchTo(configuration: Configuration, lastIndex: Index): void {
    const ids = ascending([...configuration.voters.ids(), ...configuration.learners])
    const members = ids.map(id => this.byId.get(id) ?? this.newcomer(id, lastIndex))
    for (const progress of members) progress.isLearner = configuration.learners.includes(progress.id)
    this.configuration = configuration
    this.members = members
    this.byId = new Map(members.map(progress => [progress.id, progress]))
  }

  /** Puts a configuration into force of whose members nothing is known. */
  restore(configuration: Configuration, lastIndex: Index): void {
    this.byId = new Map()
    this.switchTo(configuration, lastIndex)
  }

  /** Forgets what is known of everybody, as a new term does. */
  restart(self: MemberId, lastIndex: Index): void {
    this.votes.clear()
    for (const progress of this.members) {
      progress.restart(lastIndex + 1)
      if (progress.id === self) progress.match = lastIndex
    }
  }

  ackedIndex(member: MemberId): Index | undefined {
    return this.byId.get(member)?.match
  }

  /** The highest index that is on quorums, so far as members have said. */
  committed(): Index {
    return this.configuration.voters.committedIndex(this)
  }

  /** The newest round of heartbeats that quorums answered. */
  confirmedRound(): number {
    return this.configuration.voters.committedIndex(this.rounds)
  }

  /** Whether quorums were heard of since members were last marked as inactive. */
  isQuorumActive(): boolean {
    const votes = new Map(this.members.map(progress => [progress.id, progress.recentActive]))
    return this.configuration.voters.voteResult(votes) === 'won'
  }

  /** Begins a new count of votes. */
  resetVotes(): void {
    this.votes.clear()
  }

  /** Counts a vote. The first one of a member counts. */
  recordVote(member: MemberId, granted: boolean): void {
    if (!this.votes.has(member)) this.votes.set(member, granted)
  }

  /** Whether a member's vote has been counted. */
  hasVote(member: MemberId): boolean {
    return this.votes.has(member)
  }

  voteResult(): VoteResult {
    return this.configuration.voters.voteResult(this.votes)
  }

  private newcomer(id: MemberId, lastIndex: Index): Progress {
    const progress = new Progress(id, Math.max(lastIndex, 1), this.maxInflightMsgs, this.maxInflightBytes)
    // Who was added a moment ago cannot have spoken yet; the leader must not take it for silent.
    progress.recentActive = true
    return progress
  }
}
