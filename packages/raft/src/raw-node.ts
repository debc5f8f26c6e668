import type { Index } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import type { ConfChange } from './config/conf-change.ts'
import { checkConfChange, encodeConfChange } from './config/conf-change-bytes.ts'
import type { ConfState } from './config/configuration.ts'
import { compactionIndex, type TrailingMargin } from './core/compaction.ts'
import { type CampaignOutcome, campaign } from './core/election.ts'
import { forgetLeader } from './core/follower.ts'
import { broadcastHeartbeat } from './core/heartbeats.ts'
import { checkedTime } from './core/lease.ts'
import { applyConfChange, checkConfIndex } from './core/membership.ts'
import { type ConfChangeOutcome, normalProposals, type ProposeOutcome, propose } from './core/proposals.ts'
import { quiesce, wake } from './core/quiescence.ts'
import { Raft } from './core/raft.ts'
import { type LeaseRead, leaseCovers, leaseRead, type ReadOutcome, readIndex } from './core/reads.ts'
import { durableOnAll, goOnWithEntries, handleSnapshotStatus, handleUnreachable } from './core/replication.ts'
import { type Status, statusOf } from './core/status.ts'
import { type StepOutcome, step } from './core/step.ts'
import { tick } from './core/timers.ts'
import { type TransferOutcome, transferLeadership } from './core/transfer.ts'
import { ConfChangeError, RaftHaltedError, RaftMessageError, RaftUsageError } from './errors.ts'
import type { LogState } from './log/log-state.ts'
import { checkedMemberId, type MemberId } from './member-id.ts'
import { checkMessage, checkResponse } from './messages/check.ts'
import type { Message, PeerMessage } from './messages/message.ts'
import { MOST_NUMBER } from './numbers.ts'
import { type RaftConfig, resolveRaftConfig } from './raft-config.ts'
import { acceptReady, type GivenOut, hasReady, makeReady, type Ready, softStateOf } from './ready.ts'

/**
 * One member of one raft group: a pure state machine. It has no clock, no source of chance, no files and no network of its own; the same calls on the same log
 * give the same answers.
 *
 * Whoever drives it calls {@link tick} at even intervals, gives it messages by {@link step}, and does what {@link ready} says. Everything is done within the call,
 * on one thread. After an error other than `DX_OPTION`, `DX_RAFT_MESSAGE`, `DX_RAFT_USAGE` and `DX_RAFT_CONF_CHANGE(_BYTES)` it can only be looked at (`DX_RAFT_HALTED`).
 *
 * Algorithm: Ongaro and Ousterhout, "In search of an understandable consensus algorithm", and Ongaro's thesis. Names and behaviour follow etcd's raft.
 */
export class RawNode {
  readonly id: MemberId
  private readonly raft: Raft
  private readonly isAsync: boolean
  private given: GivenOut
  /** What `advance()` tells the member; `undefined` while no `Ready` is out. */
  private stepsOnAdvance: readonly Message[] | undefined
  private halted: { readonly cause: unknown } | undefined

  /**
   * A member that goes on from what its log says. One of a new group starts from a snapshot that says who its first members are.
   *
   * @throws {OptionError} names the option, its value and its range
   * @throws {RaftInvariantError} the log contradicts itself
   * @throws {ConfChangeError} the saved configuration cannot be
   */
  constructor(config: RaftConfig, logState: LogState) {
    const resolved = resolveRaftConfig(config)
    this.id = resolved.id
    this.isAsync = resolved.asyncStorageWrites
    this.raft = new Raft(resolved, logState)
    this.given = { softState: softStateOf(this.raft), hardState: this.raft.hardState() }
  }

  /**
   * One tick of time. Never called to make up for ticks that were missed.
   *
   * @param nowMs what a monotonic clock says, in milliseconds; needed with `lease`
   * @throws {OptionError} it is missing
   */
  tick(nowMs?: number): void {
    const atMs = checkedTime(this.raft.lease, nowMs)
    this.run(() => tick(this.raft, atMs))
  }

  // Hot: benchmark `raft/core`.
  /**
   * Takes a message of another member. Who it is from has been made sure of before. Its list of entries or its snapshot, with all in it, is the member's from
   * then on and must not be changed any more; the object around it may be used again.
   *
   * @throws {RaftMessageError} no correct member sends it; nothing was changed
   */
  step(message: PeerMessage): StepOutcome {
    this.mustRun()
    checkMessage(message, this.id)
    return this.stepChecked(message)
  }

  /**
   * Takes a response of the append thread or the apply thread that is for this member itself. Those for others are sent to them.
   *
   * @throws {RaftUsageError | RaftMessageError} without `asyncStorageWrites`, where `advance()` does this; it is no response. Nothing was changed
   */
  stepLocal(message: Message): StepOutcome {
    this.mustRun()
    if (!this.isAsync) throw new RaftUsageError('without asyncStorageWrites advance() takes the place of stepLocal()')
    checkResponse(message)
    return this.stepChecked(message)
  }

  // Hot: benchmark `raft/core`.
  /** Proposes entries, at least one: appended as they are, all or none, by whoever is leader. The bytes must not be changed any more. */
  propose(data: readonly Uint8Array[]): ProposeOutcome {
    this.mustRun()
    const entries = normalProposals(data)
    wake(this.raft)
    try {
      // Only configuration changes are refused.
      return propose(this.raft, entries) as ProposeOutcome
    } catch (error) {
      throw this.stoppedBy(error)
    }
  }

  /** Proposes a configuration change. A leader refuses one that cannot be made now. @throws {OptionError} it is no change */
  proposeConfChange(change: ConfChange): ConfChangeOutcome {
    const data = encodeConfChange(change)
    return this.work(() => propose(this.raft, [{ type: 'conf-change', data }]))
  }

  /**
   * Puts a configuration change into force. To be called when its entry is applied, with what `decodeConfChange` reads from it, before `advance()`; on all
   * members or, if the application decides so from the log alone, on none.
   *
   * @param index that of its entry. One that the configuration in force covers changes nothing: an apply thread may be at it still when a snapshot came
   * @returns the configuration in force now, to be kept with snapshots
   * @throws {ConfChangeError} it cannot be made, by no member, and nothing was changed; possible only with `disableConfChangeValidation`
   * @throws {OptionError | RaftUsageError} it is no change, the index none, or that of no committed entry
   */
  applyConfChange(change: ConfChange, index: Index): ConfState {
    checkConfChange(change)
    checkConfIndex(this.raft, index)
    return this.work(() => applyConfChange(this.raft, change, index))
  }

  /**
   * Asks for the index that a linearizable read has to wait for. The answer is a `ReadState` with this number: from 0 to 2^53 - 2, and none that this member has
   * used before, nor in an earlier life, as answers can be late. @throws {OptionError}
   */
  readIndex(context: number): ReadOutcome {
    const request = { to: this.id, from: this.id, term: 0, context: wholeNumber('context', context, 0, MOST_NUMBER) }
    return this.work(() => readIndex(this.raft, { type: 'MsgReadIndex', ...request }))
  }

  /**
   * The index that a linearizable read has to wait for, known at once because this leader has a lease; `undefined` without one: use {@link readIndex}. After the
   * read, and before its result is given to anybody, {@link leaseCovers} must be true.
   *
   * @param nowMs what the clock of {@link tick} says now
   */
  leaseRead(nowMs: number): LeaseRead | undefined {
    this.mustRun()
    return leaseRead(this.raft, nowMs)
  }

  /** Whether the lease still covered a read that has ended. @param nowMs what the clock says after it */
  leaseCovers(read: LeaseRead, nowMs: number): boolean {
    this.mustRun()
    return leaseCovers(this.raft, read, nowMs)
  }

  /** Hands leadership over to another voter, or asks the leader to. @throws {OptionError} the number names no member */
  transferLeadership(transferee: MemberId): TransferOutcome {
    const to = checkedMemberId('transferee', transferee)
    return this.work(() => transferLeadership(this.raft, to))
  }

  /**
   * A follower forgets its leader, and so votes for somebody else at once, for instance because it knows by other means that the leader is gone.
   *
   * @returns false when there is nothing to forget, or a lease forbids it
   */
  forgetLeader(): boolean {
    this.mustRun()
    return forgetLeader(this.raft)
  }

  /** Starts an election now. */
  campaign(): CampaignOutcome {
    return this.work(() => campaign(this.raft))
  }

  /** A message to another member was probably lost. @throws {OptionError} the number names none */
  reportUnreachable(member: MemberId): void {
    this.mustRun()
    handleUnreachable(this.raft, checkedMemberId('member', member))
  }

  /** A snapshot arrived at a member, or was given up: follows every `MsgSnap` that went out, or that member gets nothing more. @throws {OptionError} */
  reportSnapshot(member: MemberId, arrived: boolean): void {
    this.mustRun()
    handleSnapshotStatus(this.raft, checkedMemberId('member', member), arrived)
  }

  /** Entries are in memory that `LogState.entries` could not give. */
  entriesFetched(): void {
    this.run(() => goOnWithEntries(this.raft))
  }

  /** Lets the group sleep, if this is its leader and there is nothing to do. See {@link Status.isQuiesced}. */
  quiesce(): boolean {
    return this.run(() => quiesce(this.raft))
  }

  /** Ends this member's sleep, for instance because the node of its leader is suspected. */
  wake(): void {
    this.mustRun()
    wake(this.raft)
  }

  /** Sets the time-out after which this member starts an election, until the next one is drawn: a shorter one where leadership is wanted. @throws {OptionError} */
  setRandomizedElectionTimeout(ticks: number): void {
    this.mustRun()
    this.raft.randomizedElectionTimeout = wholeNumber('ticks', ticks, 1, Number.MAX_SAFE_INTEGER)
  }

  /** The last entry that can be removed from a log that a snapshot covers up to `snapshotIndex`. @throws {OptionError} */
  compactionIndex(snapshotIndex: Index, margin: TrailingMargin = {}): Index {
    return compactionIndex(this.raft, snapshotIndex, margin)
  }

  /** The index up to which every voter has the log on its disk, so far as this leader knows; 0 at who does not lead. */
  durableOnAll(): Index {
    return durableOnAll(this.raft)
  }

  /** A copy of what this member is and knows. */
  status(): Status {
    return statusOf(this.raft)
  }

  /** Whether {@link ready} has anything to do or say. It may be no more than to have committed entries fetched: only asking tells which are at hand. */
  hasReady(): boolean {
    return hasReady(this.raft, this.given, !this.isAsync)
  }

  // Hot: benchmark `raft/core`.
  /** What is to be done. It must be done. @throws {RaftUsageError} the one before was not followed by {@link advance} */
  ready(): Ready {
    this.mustRun()
    if (this.stepsOnAdvance !== undefined) throw new RaftUsageError('advance() must come between two calls of ready()')
    const { raft, isAsync, given } = this
    try {
      if (raft.roundWanted) broadcastHeartbeat(raft)
      const ready = makeReady(raft, given, isAsync)
      const steps = acceptReady(raft, ready, isAsync)
      this.given = { softState: ready.softState ?? given.softState, hardState: ready.hardState ?? given.hardState }
      if (!isAsync) this.stepsOnAdvance = steps
      return ready
    } catch (error) {
      throw this.stoppedBy(error)
    }
  }

  // Hot: benchmark `raft/core`.
  /** All that the last {@link ready} said is done. Not with `asyncStorageWrites`. @throws {RaftUsageError} */
  advance(): void {
    this.mustRun()
    const steps = this.stepsOnAdvance
    if (this.isAsync) throw new RaftUsageError('with asyncStorageWrites the responses of the storage threads take the place of advance()')
    if (steps === undefined) throw new RaftUsageError('advance() without a ready() before it')
    this.stepsOnAdvance = undefined
    for (const message of steps) this.stepChecked(message)
  }

  private stepChecked(message: Message): StepOutcome {
    try {
      return step(this.raft, message)
    } catch (error) {
      throw this.stoppedBy(error)
    }
  }

  /** Does something that a sleeping group wakes for. */
  private work<T>(what: () => T): T {
    return this.run(() => {
      wake(this.raft)
      return what()
    })
  }

  private run<T>(what: () => T): T {
    this.mustRun()
    try {
      return what()
    } catch (error) {
      throw this.stoppedBy(error)
    }
  }

  private mustRun(): void {
    if (this.halted !== undefined) throw new RaftHaltedError(this.id, this.halted.cause)
  }

  /** Notes an error in the middle of something: what is in memory can no longer be trusted. Some errors are thrown before anything has changed. */
  private stoppedBy(error: unknown): unknown {
    const isHarmless = error instanceof RaftMessageError || error instanceof ConfChangeError
    if (!isHarmless) this.halted = { cause: error }
    return error
  }
}
