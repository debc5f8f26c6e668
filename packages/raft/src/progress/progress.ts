import type { Index } from '@disruptorx/contracts'
import type { MemberId } from '../member-id.ts'
import { Inflights } from './inflights.ts'

/**
 * How a leader treats a follower.
 *
 * - `probe`: it does not know where their logs agree, and sends one message at a time until it does.
 * - `replicate`: it does, and sends ahead within the in-flight window.
 * - `snapshot`: the follower needs entries that are compacted, a snapshot is on its way, and nothing else is sent.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot'

/** What a leader knows of one member. 0 <= match < next. */
export class Progress {
  readonly id: MemberId
  /** The follower's log agrees with the leader's up to here. */
  match: Index = 0
  /** The next entry to send. What lies between `match` and it is on its way. */
  next: Index
  state: ProgressState = 'probe'
  /** In state `snapshot`: the last index that the snapshot covers. */
  pendingSnapshot: Index = 0
  /** Whether it was heard of since the leader last looked whether it has a quorum. */
  recentActive = false
  /** The same of the time before; at first of nobody it is known that they are silent. */
  private activeBefore = true
  /** Whether entries wait: for the answer to a probe, or for room in the window. A heartbeat's answer lets one message through. */
  msgAppFlowPaused = false
  isLearner = false
  /** The newest round of heartbeats that it answered. */
  ackedRound = 0
  /** How far it knows what is committed, so far as it has said. */
  knownCommit: Index = 0
  readonly inflights: Inflights
  /** The highest commit index on its way to the follower. */
  private sentCommit: Index = 0

  constructor(id: MemberId, next: Index, maxInflightMsgs: number, maxInflightBytes: number) {
    this.id = id
    this.next = next
    this.inflights = new Inflights(maxInflightMsgs, maxInflightBytes)
  }

  /** Starts afresh, as at the beginning of a term: nothing is known but that probing starts at `next`. */
  restart(next: Index): void {
    this.resetState('probe')
    this.match = 0
    this.next = next
    this.recentActive = false
    this.activeBefore = true
    this.ackedRound = 0
    this.knownCommit = 0
    this.sentCommit = 0
  }

  /** The leader has looked: what was heard of this member counts no more, but for {@link isAlive}. */
  markInactive(): void {
    this.activeBefore = this.recentActive
    this.recentActive = false
  }

  /** Whether it was heard of within one or two election time-outs, so that the moment at which the leader looks makes no difference. */
  get isAlive(): boolean {
    return this.recentActive || this.activeBefore
  }

  /** Goes to probing from the last known match, or from behind a snapshot that was sent. */
  becomeProbe(): void {
    const from = this.state === 'snapshot' ? Math.max(this.match, this.pendingSnapshot) : this.match
    this.resetState('probe')
    this.next = from + 1
    this.sentCommit = Math.min(this.sentCommit, from)
  }

  /** Goes to sending ahead, from the last known match on. */
  becomeReplicate(): void {
    this.resetState('replicate')
    this.next = this.match + 1
  }

  /** Goes to waiting for a snapshot that covers everything up to `index`. */
  becomeSnapshot(index: Index): void {
    this.resetState('snapshot')
    this.pendingSnapshot = index
    this.next = index + 1
    this.sentCommit = index
  }

  /** Notes that a `MsgApp` with so many entries from `next` on, and with this commit index, was sent. */
  sentAppend(entries: number, bytes: number, commit: Index): void {
    this.sentCommit = commit
    if (this.state === 'replicate') {
      if (entries > 0) {
        this.next += entries
        this.inflights.add(this.next - 1, bytes)
      }
      // With the window full, this message is the one that goes through until a heartbeat is answered.
      this.msgAppFlowPaused = this.inflights.isFull()
    } else if (entries > 0) {
      this.msgAppFlowPaused = true
    }
  }

  /** Notes that a heartbeat with this commit index was sent. */
  sentHeartbeat(commit: Index): void {
    this.sentCommit = commit
  }

  /** Whether telling the follower this commit index can move its own: not when it was told one that covers all that it was sent. */
  canBumpCommit(commit: Index): boolean {
    return commit > this.sentCommit && this.sentCommit < this.next - 1
  }

  /** The follower says that its log agrees up to `index`. False when that was known. */
  maybeUpdate(index: Index): boolean {
    if (index <= this.match) return false
    this.match = index
    this.next = Math.max(this.next, index + 1)
    this.msgAppFlowPaused = false
    return true
  }

  /**
   * The follower refused entries after `rejected`, and thinks that the logs may agree at `hint`. False when the refusal is of no use any more: it is about
   * what has been acknowledged since, or about another probe than the last one.
   */
  maybeDecrTo(rejected: Index, hint: Index): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false
      this.next = this.match + 1
    } else {
      if (this.next - 1 !== rejected) return false
      this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1)
      this.msgAppFlowPaused = false
    }
    this.sentCommit = Math.min(this.sentCommit, this.next - 1)
    return true
  }

  /** Whether entries are to wait. */
  isPaused(): boolean {
    return this.state === 'snapshot' || this.msgAppFlowPaused
  }

  private resetState(state: ProgressState): void {
    this.msgAppFlowPaused = false
    this.pendingSnapshot = 0
    this.state = state
    this.inflights.reset()
  }
}
