import { OptionError } from '@disruptorx/contracts'
import type { LeaseOptions } from '../raft-config.ts'

/** Rounds of heartbeats from `round` on were sent when this member's clock said at least `atMs`. */
interface Stamp {
  readonly round: number
  readonly atMs: number
}

/**
 * Both sides of a leader's lease (Raft thesis, section 6.4.1), in times of this member's own monotonic clock.
 *
 * A follower that hears from its leader promises to help nobody else to become leader for a while. A leader to which a quorum has promised may answer reads by
 * itself until the promises end. What makes it sound, with clocks that differ:
 *
 * - the promise lasts (electionTick - 1) ticks from the first tick *after* the leader was heard, and is judged by the newest tick, so that late and bunched
 *   ticks only make it longer;
 * - the lease counts from the newest tick *before* the round was sent that the quorum answered, and is shorter by the drift that the clocks may have;
 * - who starts makes a promise, because it may have made one and forgotten it;
 * - a transfer of leadership breaks promises, so a leader that has asked for one has no lease in this term any more: the request may still be on its way.
 */
export class Lease {
  /** What the clock said at the newest tick. */
  private nowMs = Number.NEGATIVE_INFINITY
  /** Whether the leader was heard since the newest tick. */
  private heard = true
  private promisedUntilMs = Number.NEGATIVE_INFINITY
  private stamps: Stamp[] = []
  private isVoid = false
  private readonly promiseMs: number
  private readonly leaseMs: number

  constructor({ tickMs, maxClockDriftPpm }: LeaseOptions, electionTick: number) {
    const drift = maxClockDriftPpm / 1e6
    this.promiseMs = (electionTick - 1) * tickMs
    this.leaseMs = (this.promiseMs * (1 - drift)) / (1 + drift)
  }

  /** A tick. The clock never goes back; a time that does is taken for the one before. */
  tick(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs)
    if (!this.heard) return
    this.heard = false
    this.promisedUntilMs = this.nowMs + this.promiseMs
  }

  /** A time that the clock says now, or that of the newest tick if that is later: the time of a read was asked for too early. */
  notBefore(nowMs: number): number {
    return Math.max(this.nowMs, nowMs)
  }

  /** The leader was heard: the promise is renewed. */
  hear(): void {
    this.heard = true
  }

  /** Whether this member has promised to help nobody else. */
  isPromised(): boolean {
    return this.heard || this.nowMs < this.promisedUntilMs
  }

  /** A new term begins: what was promised to this member as leader of another one counts no more. */
  newTerm(): void {
    this.stamps = []
    this.isVoid = false
  }

  /** The leader is about to send this round. */
  stampRound(round: number): void {
    if (this.stamps.at(-1)?.atMs === this.nowMs) return
    const oldest = this.nowMs - this.leaseMs
    this.stamps = this.stamps.filter(({ atMs }) => atMs > oldest)
    this.stamps.push({ round, atMs: this.nowMs })
  }

  /** This leader has asked somebody else to take over: no lease for the rest of the term. */
  cancel(): void {
    this.isVoid = true
  }

  /** When the lease ends that a quorum gave by answering this round. */
  deadlineMs(confirmedRound: number): number {
    if (this.isVoid) return Number.NEGATIVE_INFINITY
    const stamp = this.stamps.findLast(({ round }) => round <= confirmedRound)
    return stamp === undefined ? Number.NEGATIVE_INFINITY : stamp.atMs + this.leaseMs
  }
}

/** A time that a member with a lease is told, and 0 for one without. @throws {OptionError} it is none */
export function checkedTime(lease: Lease | undefined, nowMs: number | undefined): number {
  if (lease === undefined) return 0
  if (!Number.isFinite(nowMs)) throw new OptionError('nowMs', nowMs, 'the time of a monotonic clock, with lease')
  return nowMs as number
}
