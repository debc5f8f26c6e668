import type { Index, Term } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { restoreConfiguration } from '../config/configuration.ts'
import { ProgressTracker } from '../config/tracker.ts'
import { RaftInvariantError } from '../errors.ts'
import { checkedInitialState } from '../log/initial-state.ts'
import type { HardState, LogState } from '../log/log-state.ts'
import { RaftLog } from '../log/raft-log.ts'
import { isMemberId, type MemberId, NONE } from '../member-id.ts'
import type { PeerMessage } from '../messages/message.ts'
import { isNumber } from '../numbers.ts'
import type { ResolvedRaftConfig } from '../raft-config.ts'
import { Lease } from './lease.ts'
import type { LookedThrough } from './membership.ts'

/** What a member is in its term. */
export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader'

/** A linearizable read is answered: it may look at the state machine once that has applied `index`. */
export interface ReadState {
  /** What the asker gave to `readIndex`. */
  readonly context: number
  readonly index: Index
}

/** A read that came to the leader: all that is kept of its message, which is the caller's. */
export interface AskedRead {
  readonly from: MemberId
  readonly context: number
}

/** A read that waits for a quorum to answer a round of heartbeats that was sent after it came. */
export interface PendingRead extends AskedRead {
  readonly index: Index
  readonly round: number
}

/**
 * The state of one member. What it does with messages and time lies beside it, one file for each matter: `step` and the roles, elections, replication, reads,
 * membership, proposals, quiescence.
 */
export class Raft {
  readonly id: MemberId
  readonly config: ResolvedRaftConfig
  readonly log: RaftLog
  readonly tracker: ProgressTracker
  readonly lease: Lease | undefined

  term: Term = 0
  /** Whom this member voted for in its term. */
  vote: MemberId = NONE
  role: Role = 'follower'
  leader: MemberId = NONE

  /** May be sent at once, whatever is durable. */
  messages: PeerMessage[] = []
  /** To be sent, or to be heard by this member itself, once everything before them is durable. */
  messagesAfterAppend: PeerMessage[] = []
  readStates: ReadState[] = []

  /** The entry up to which the configuration in force has all changes. */
  confIndex: Index
  /** How far behind what is applied the log was looked through for changes of the configuration. */
  lookedThrough: LookedThrough = { index: 0, term: 0, changes: [] }

  /** Ticks since the leader was heard; as a leader, since it last looked whether it has a quorum. */
  electionElapsed = 0
  heartbeatElapsed = 0
  /** Ticks after which this member starts an election. */
  randomizedElectionTimeout = 0
  /** The group sleeps: ticks do nothing. */
  isQuiesced = false

  /** Leader: who is to take over. */
  transferee: MemberId = NONE
  /** Leader: ticks since that was asked for. */
  transferElapsed = 0
  /** Leader: a configuration change may stand in the log up to here, so the next one waits until this is applied. */
  pendingConfIndex: Index = 0
  /** Leader that is no voter any more: where it was removed. It leads on until a quorum knows that this is committed. 0 otherwise. */
  removedAt: Index = 0
  /** Leader: bytes of entries that it appended and that are not applied. */
  uncommittedBytes = 0
  /** Leader: its first entry of this term. Until that is committed it does not know what is. */
  termStart: Index = 0
  /** Leader: rounds of heartbeats sent in this term. */
  round = 0
  /** Leader: whether a read waits for a round that has not been sent. */
  roundWanted = false
  /** Leader: reads that came before the term's first entry was committed. */
  earlyReads: AskedRead[] = []
  /** Leader: reads in the order of their rounds. */
  pendingReads: PendingRead[] = []

  constructor(config: ResolvedRaftConfig, logState: LogState) {
    const { hardState, applied, confState } = checkedInitialState(logState)
    this.id = config.id
    this.config = config
    this.log = new RaftLog(logState, config.maxCommittedSizePerReady)
    this.tracker = new ProgressTracker(config.maxInflightMsgs, config.maxInflightBytes)
    this.lease = config.lease === undefined ? undefined : new Lease(config.lease, config.electionTick)
    this.tracker.switchTo(restoreConfiguration(confState), this.log.lastIndex)
    if (hardState !== undefined) this.load(hardState)
    this.reachLastTerm()
    // The commit index need not have been saved in time: what was applied, or is behind a snapshot, had been committed.
    this.log.startApplied(wholeNumber('logState.initialState().applied', applied, this.log.firstIndex - 1, Number.MAX_SAFE_INTEGER))
    this.confIndex = applied
    this.becomeFollower(this.term, NONE)
  }

  hardState(): HardState {
    return { term: this.term, vote: this.vote, commit: this.log.committed }
  }

  /** Whether this member gets the log and has no vote. */
  get isLearner(): boolean {
    return this.tracker.get(this.id)?.isLearner ?? false
  }

  /** Whether this member could become leader: a voter, so far as it knows, that is not about to replace its log by a snapshot. */
  get isPromotable(): boolean {
    return this.tracker.get(this.id)?.isLearner === false && this.log.unstable.snapshot === undefined
  }

  becomeFollower(term: Term, leader: MemberId): void {
    this.reset(term)
    this.role = 'follower'
    this.leader = leader
  }

  becomePreCandidate(): void {
    this.mustNotLead('pre-candidate')
    this.tracker.resetVotes()
    this.leader = NONE
    this.role = 'pre-candidate'
  }

  becomeCandidate(): void {
    this.mustNotLead('candidate')
    this.reset(this.term + 1)
    this.vote = this.id
    this.role = 'candidate'
  }

  /** The new leader knows of nobody where their log agrees with its own, except of itself. Its first entry is for `proposals` to append. */
  becomeLeader(): void {
    this.reset(this.term)
    this.leader = this.id
    this.role = 'leader'
    const own = this.tracker.get(this.id)
    own?.becomeReplicate()
    if (own !== undefined) own.recentActive = true
    // A change of an earlier term may stand anywhere in the log: until all of it is applied, none is proposed.
    this.pendingConfIndex = this.log.lastIndex
    this.termStart = this.log.lastIndex + 1
  }

  /** Whether this leader has committed an entry of its term, and with it knows all that is committed. */
  get hasCommittedInTerm(): boolean {
    return this.log.committed >= this.termStart
  }

  /** Draws a new time-out. @throws {OptionError} without chance in it, members that start elections together would do so for ever */
  resetElectionTimeout(): void {
    const { electionTick, random } = this.config
    this.randomizedElectionTimeout = electionTick + (wholeNumber('random.u32()', random.u32(), 0, 2 ** 32 - 1) % electionTick)
  }

  private load({ term, vote, commit }: HardState): void {
    if (!isNumber(term) || !isNumber(commit) || (vote !== NONE && !isMemberId(vote)))
      throw new RaftInvariantError('the saved hard state has a number that is none', { term, vote, commit })
    this.log.commitTo(commit)
    this.term = term
    this.vote = vote
  }

  /**
   * No term is asked for that the log has passed, or nobody would ever vote: a group may start from a snapshot of a late term, and a crash may leave entries that
   * were saved without their term. Nothing that was said rests on such a term, so no vote in it was lost.
   */
  private reachLastTerm(): void {
    const least = this.log.lastTerm - 1
    if (this.term >= least) return
    this.term = least
    this.vote = NONE
  }

  private reset(term: Term): void {
    if (this.term !== term) {
      this.term = term
      this.vote = NONE
    }
    this.leader = NONE
    this.electionElapsed = 0
    this.heartbeatElapsed = 0
    this.isQuiesced = false
    this.resetElectionTimeout()
    this.transferee = NONE
    this.tracker.restart(this.id, this.log.lastIndex)
    this.pendingConfIndex = 0
    this.removedAt = 0
    this.uncommittedBytes = 0
    this.round = 0
    this.roundWanted = false
    this.earlyReads = []
    this.pendingReads = []
    this.lease?.newTerm()
  }

  private mustNotLead(next: Role): void {
    if (this.role === 'leader') throw new RaftInvariantError(`a leader would become ${next} in its own term`, { term: this.term })
  }
}
