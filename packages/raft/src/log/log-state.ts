import type { Index, Term } from '@disruptorx/contracts'
import type { ConfState } from '../config/configuration.ts'
import type { MemberId } from '../member-id.ts'
import type { Entry } from './entry.ts'

/** What a member must not forget beside its entries. Term and vote must be durable before an answer that rests on them is sent; the commit index need not be. */
export interface HardState {
  readonly term: Term
  /** Whom it voted for in this term; 0 for nobody. */
  readonly vote: MemberId
  readonly commit: Index
}

/** The state after an entry was applied, in place of all entries up to it. */
export interface Snapshot {
  /** The last entry that it covers. */
  readonly index: Index
  readonly term: Term
  /** The configuration in force at that entry. */
  readonly confState: ConfState
  /** The application's own: the state itself, or a note by which the receiver fetches it. Raft does not look at it. */
  readonly data: Uint8Array
}

/** What a member starts from. */
export interface InitialState {
  /** What was saved last; `undefined` before the first time. */
  readonly hardState: HardState | undefined
  /** The last entry that the state machine has applied, from which on it is handed all again: that of the newest snapshot, if it keeps nothing else. */
  readonly applied: Index
  /** The configuration in force there, and at no other entry: with an older one a member could lead beside the leader. */
  readonly confState: ConfState
}

/**
 * The saved log, as a member reads it. It is written by whoever drives the member, from what `Ready` says, and shows a write as soon as the member has been
 * told of it (`advance()`, or the answer to `MsgStorageAppend`).
 *
 * Terms are at hand at once. Entries may have to be fetched: see {@link entries}.
 */
export interface LogState {
  /** Asked once, when a member is made. Entries from `applied` on are held, and so is that one, or it is the last before them. */
  initialState(): InitialState
  /** The lowest index whose entry is held; one more than {@link lastIndex} without entries. */
  readonly firstIndex: Index
  /** The highest index; that of the snapshot without entries; 0 of a log that was never written. */
  readonly lastIndex: Index
  /** The term of an entry from `firstIndex - 1` to `lastIndex`; `undefined` of any other. That of entry 0 is 0. */
  term(index: Index): Term | undefined
  /**
   * Entries from `from` up to but not including `to`, which all are held; only as many as fit into `maxBytes`, but at least one. The array is the caller's.
   *
   * `undefined` when they are not in memory: they are being fetched from now on, and `RawNode.entriesFetched()` is called when they are there.
   */
  entries(from: Index, to: Index, maxBytes: number): Entry[] | undefined
  /**
   * The newest snapshot, which covers at least everything before `firstIndex`; `undefined` when none can be had just now. A follower that needs one is served
   * at a later heartbeat.
   */
  snapshot(): Snapshot | undefined
}
