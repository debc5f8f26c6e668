import { OptionError, type Random } from '@disruptorx/contracts'
import { oneOf, wholeNumber } from '@disruptorx/contracts/internal'
import { checkedMemberId, type MemberId } from './member-id.ts'

/**
 * What reads by lease rest on. A follower promises to elect nobody else for its own time-out, and the leader relies on that for its own: **`tickMs` and
 * {@link RaftConfig.electionTick} must be the same for all members of the group, at every moment.** A leader with a longer time-out than its followers would
 * answer stale reads when these have elected somebody else. So neither can be changed by restarting one member after the other: all must be stopped first.
 */
export interface LeaseOptions {
  /** Milliseconds between two calls of `tick(nowMs)`. 1 to 60,000. The same for all members of the group, also while they are restarted one by one. */
  readonly tickMs: number
  /**
   * The most that any member's monotonic clock runs too fast or too slow, in parts per million: 0 to 500,000. Reads by lease are stale if a clock is worse than
   * this. Quartz is within 100; a virtual machine that is moved or stopped can be far outside.
   */
  readonly maxClockDriftPpm: number
}

/** How a member behaves. The limits may be `Infinity`; `null` counts as left out, but for `lease`; fields that are not known are passed over. Names as in etcd's raft. */
export interface RaftConfig {
  readonly id: MemberId
  /**
   * Ticks without a leader after which an election starts; the real time-out is drawn anew each time from here to twice as much. More than {@link heartbeatTick}, to
   * 10,000,000. With {@link lease} the same for all members of the group, also while they are restarted one by one: see {@link LeaseOptions}.
   * @default 10 heartbeatTick
   */
  readonly electionTick?: number
  /** Ticks between two rounds of heartbeats. 1 to 1,000,000. @default 1 */
  readonly heartbeatTick?: number
  /**
   * Where election time-outs are drawn from: `u32()` gives whole numbers from 0 to 2^32 - 1, each as likely as the others (`Math.floor(Math.random() * 2 ** 32)`;
   * not `Math.random`, which gives parts of 1). Without chance in them elections may never end.
   */
  readonly random: Random
  /** Whether storage work is handed out as messages to an append thread and an apply thread. See `Ready`. @default false */
  readonly asyncStorageWrites?: boolean
  /** Most bytes of entries in one `MsgApp`, each counted with 24 bytes beside its data; one entry always goes. 0: one entry a message. @default 1 MiB */
  readonly maxSizePerMsg?: number
  /** Most bytes of committed entries that are handed out to be applied and not applied yet. At least 1. @default 16 MiB */
  readonly maxCommittedSizePerReady?: number
  /**
   * Most bytes of entries that a leader has taken and that are not applied, each counted with 24 bytes beside its data. A proposal that goes over it is dropped,
   * unless nothing else is unapplied: then one of any size is taken. At least 1. @default 64 MiB
   */
  readonly maxUncommittedEntriesSize?: number
  /** Most `MsgApp`s on their way to one follower. At least 1. @default 256 */
  readonly maxInflightMsgs?: number
  /** Bytes of data on their way to one follower, from which on no more are sent. At least {@link maxSizePerMsg}. @default 16 MiB */
  readonly maxInflightBytes?: number
  /** Most reads that wait for a round of heartbeats. At least 1. @default 65,536 */
  readonly maxPendingReads?: number
  /** Whether a leader that hears from no quorum for an election time-out steps down, and who hears from a leader refuses to vote. @default true */
  readonly checkQuorum?: boolean
  /** Whether a candidate asks first whether it could win, so that one that was cut off disturbs nobody when it comes back. @default true */
  readonly preVote?: boolean
  /** Reads without a round of heartbeats, by the leader's lease. Needs {@link checkQuorum}; either all members of a group have it or none. @default off */
  readonly lease?: LeaseOptions
  /** Whether a follower drops proposals instead of passing them on to the leader. @default false */
  readonly disableProposalForwarding?: boolean
  /**
   * Whether a leader appends any configuration change that is proposed; all members of a group do or none, as the others conclude from two changes in a log that
   * the first is committed. Only for whoever checks and orders them by other means: one that cannot be applied is committed like any entry, and at every member
   * `applyConfChange` throws `DX_RAFT_CONF_CHANGE` of it and changes nothing. The members go on. @default false
   */
  readonly disableConfChangeValidation?: boolean
  /**
   * When a leader steps down that is no voter any more: `when-known`, once the others know of it, and with a request to one of them to take over; `at-once`; or
   * `never`. At once is not safe for progress: the others may need its vote in the configuration that they know of. One that was removed and
   * never does so takes no proposals (`not-a-member`), and the others go on to pass theirs to it: nothing is written any more until it stops or somebody hands
   * leadership over (`transferLeadership`). @default 'when-known'
   */
  readonly stepDownOnRemoval?: 'when-known' | 'at-once' | 'never'
}

/** A configuration with the defaults filled in. */
export type ResolvedRaftConfig = Required<Omit<RaftConfig, 'lease'>> & {
  readonly lease: LeaseOptions | undefined
}

const MIB = 1024 * 1024

/** Checks a configuration once and fills in the defaults. @throws {OptionError} names the option, its value and its range */
export function resolveRaftConfig(config: RaftConfig): ResolvedRaftConfig {
  mustBeObject('config', config, 'an object with at least id and random')
  const heartbeatTick = wholeNumber('heartbeatTick', config.heartbeatTick ?? 1, 1, 1_000_000)
  const maxSizePerMsg = limit('maxSizePerMsg', config.maxSizePerMsg ?? MIB, 0)
  const checkQuorum = flag('checkQuorum', config.checkQuorum ?? true)
  if (config.lease !== undefined && !checkQuorum) throw new OptionError('checkQuorum', false, 'true with lease')
  return {
    id: checkedMemberId('id', config.id),
    heartbeatTick,
    electionTick: wholeNumber('electionTick', config.electionTick ?? 10 * heartbeatTick, heartbeatTick + 1, 10_000_000),
    random: source(config.random),
    asyncStorageWrites: flag('asyncStorageWrites', config.asyncStorageWrites ?? false),
    maxSizePerMsg,
    maxCommittedSizePerReady: limit('maxCommittedSizePerReady', config.maxCommittedSizePerReady ?? 16 * MIB, 1),
    maxUncommittedEntriesSize: limit('maxUncommittedEntriesSize', config.maxUncommittedEntriesSize ?? 64 * MIB, 1),
    maxInflightMsgs: limit('maxInflightMsgs', config.maxInflightMsgs ?? 256, 1),
    maxInflightBytes: limit('maxInflightBytes', config.maxInflightBytes ?? Math.max(16 * MIB, maxSizePerMsg), Math.max(1, maxSizePerMsg)),
    maxPendingReads: limit('maxPendingReads', config.maxPendingReads ?? 65_536, 1),
    checkQuorum,
    preVote: flag('preVote', config.preVote ?? true),
    lease: config.lease === undefined ? undefined : resolveLease(config.lease),
    disableProposalForwarding: flag('disableProposalForwarding', config.disableProposalForwarding ?? false),
    disableConfChangeValidation: flag('disableConfChangeValidation', config.disableConfChangeValidation ?? false),
    stepDownOnRemoval: oneOf('stepDownOnRemoval', config.stepDownOnRemoval ?? 'when-known', ['when-known', 'at-once', 'never']),
  }
}

function source(random: Random): Random {
  if (typeof random?.u32 !== 'function') throw new OptionError('random', random, 'a source of chance: an object with u32()')
  return random
}

function resolveLease(lease: LeaseOptions): LeaseOptions {
  mustBeObject('lease', lease, 'an object with tickMs and maxClockDriftPpm')
  return {
    tickMs: wholeNumber('lease.tickMs', lease.tickMs, 1, 60_000),
    maxClockDriftPpm: wholeNumber('lease.maxClockDriftPpm', lease.maxClockDriftPpm, 0, 500_000),
  }
}

function mustBeObject(option: string, value: unknown, allowed: string): void {
  if (typeof value !== 'object' || value === null) throw new OptionError(option, value, allowed)
}

/** A word such as 'false' must not be taken for yes. */
function flag(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new OptionError(option, value, 'true or false')
  return value
}

function limit(option: string, value: number, least: number): number {
  return value === Number.POSITIVE_INFINITY ? value : wholeNumber(option, value, least, Number.MAX_SAFE_INTEGER)
}
