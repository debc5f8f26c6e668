import type { Index, Term } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { type ConfState, checkConfState, EMPTY_CONF_STATE } from '../config/configuration.ts'
import { RaftUsageError } from '../errors.ts'
import { MOST_NUMBER } from '../numbers.ts'
import { checkEntries, checkHardState, checkSnapshot } from './check.ts'
import { type Entry, NO_DATA, sliceWithin } from './entry.ts'
import type { HardState, InitialState, LogState, Snapshot } from './log-state.ts'

const NOTHING: Snapshot = { index: 0, term: 0, confState: EMPTY_CONF_STATE, data: NO_DATA }

/**
 * A log in memory: for tests, for trying things out, and as the part of a log on disk that is at hand.
 *
 * It starts with nothing, or from a snapshot; that is also how a group begins: each of its first members starts from the same snapshot, which says who they are.
 */
export class MemoryLog implements LogState {
  private hardState: HardState | undefined
  private newestSnapshot: Snapshot = NOTHING
  /** The entry before the first one that is held. */
  private before: { index: Index; term: Term } = { index: 0, term: 0 }
  private held: Entry[] = []
  /** Where the state machine was when it was last heard of, and the configuration in force there. */
  private reached: { readonly index: Index; readonly confState: ConfState } = NOTHING

  /** @throws {OptionError} the snapshot is none: it is of an entry, so index and term are at least 1 @throws {ConfChangeError} its configuration cannot be */
  constructor(snapshot?: Snapshot) {
    if (snapshot === undefined) return
    checkSnapshot(snapshot)
    this.startFrom(snapshot)
  }

  /** Starts a member behind what {@link setApplied} noted, or behind the newest snapshot if that is newer. */
  initialState(): InitialState {
    const { hardState, reached, newestSnapshot } = this
    const { index, confState } = reached.index > newestSnapshot.index ? reached : newestSnapshot
    return { hardState, applied: index, confState }
  }

  get firstIndex(): Index {
    return this.before.index + 1
  }

  get lastIndex(): Index {
    return this.before.index + this.held.length
  }

  term(index: Index): Term | undefined {
    if (index === this.before.index) return this.before.term
    return this.held[index - this.firstIndex]?.term
  }

  entries(from: Index, to: Index, maxBytes: number): Entry[] {
    return sliceWithin(this.held, Math.max(0, from - this.firstIndex), Math.max(0, to - this.firstIndex), maxBytes)
  }

  snapshot(): Snapshot | undefined {
    return this.newestSnapshot.index === 0 ? undefined : this.newestSnapshot
  }

  /** Saves term, vote and commit index. @throws {OptionError} */
  setHardState(hardState: HardState): void {
    checkHardState(hardState)
    this.hardState = hardState
  }

  /**
   * Notes what the state machine has applied and keeps by itself, so that it need not be handed that again: the entry, and the configuration that
   * `applyConfChange` returned last up to there. Of an entry before those that are held nothing is noted, as a snapshot that is newer came meanwhile.
   *
   * @throws {RaftUsageError} there is no such entry yet, or none was applied
   * @throws {OptionError} @throws {ConfChangeError} the configuration is none, or cannot be
   */
  setApplied(index: Index, confState: ConfState): void {
    wholeNumber('index', index, 0, MOST_NUMBER)
    checkConfState('confState', confState)
    const { firstIndex, lastIndex } = this
    if (index > lastIndex || (index === 0 && firstIndex > 1))
      throw new RaftUsageError(`entry ${index} cannot have been applied: the log holds ${firstIndex} to ${lastIndex}`, {
        index,
        firstIndex,
        lastIndex,
      })
    if (index >= this.before.index) this.reached = { index, confState }
  }

  // Hot: benchmark `raft/core`.
  /** Saves entries, in place of all that there are from the first one's index on. @throws {OptionError} they are none @throws {RaftUsageError} they would leave a gap */
  append(entries: readonly Entry[]): void {
    checkEntries(entries)
    const { firstIndex, lastIndex } = this
    const index = entries[0]?.index
    if (index === undefined) return
    if (index > lastIndex + 1) throw new RaftUsageError(`entry ${index} does not follow the last one, ${lastIndex}`, { index, lastIndex })
    const from = Math.max(0, firstIndex - index)
    if (from >= entries.length) return
    this.held.length = index + from - firstIndex
    for (let i = from; i < entries.length; i++) this.held.push(entries[i] as Entry)
  }

  /** Puts a snapshot that came from a leader in place of everything. One that is not newer than what there is changes nothing. @throws {OptionError} @throws {ConfChangeError} */
  applySnapshot(snapshot: Snapshot): void {
    checkSnapshot(snapshot)
    if (snapshot.index > this.newestSnapshot.index) this.startFrom(snapshot)
  }

  /**
   * Notes a snapshot that the application made itself, at an applied entry. Removes nothing.
   *
   * @throws {RaftUsageError} the entry is not held
   * @throws {OptionError} @throws {ConfChangeError} configuration or data are none
   */
  createSnapshot(index: Index, confState: ConfState, data: Uint8Array): Snapshot {
    wholeNumber('index', index, 1, MOST_NUMBER)
    const { firstIndex, lastIndex } = this
    const term = this.term(index)
    if (term === undefined)
      throw new RaftUsageError(`no snapshot can be made at ${index}: the log holds ${firstIndex} to ${lastIndex}`, {
        index,
        firstIndex,
        lastIndex,
      })
    const snapshot = { index, term, confState, data }
    checkSnapshot(snapshot)
    this.newestSnapshot = snapshot
    return snapshot
  }

  /** Removes entries up to and including `index`, which is not above the newest snapshot's. @throws {RaftUsageError} it is @throws {OptionError} it is no index */
  compact(index: Index): void {
    wholeNumber('index', index, 0, MOST_NUMBER)
    if (index <= this.before.index) return
    const term = this.term(index)
    const snapshotIndex = this.newestSnapshot.index
    if (term === undefined || index > snapshotIndex)
      throw new RaftUsageError(`entries up to ${index} are still needed: the newest snapshot covers ${snapshotIndex}`, {
        index,
        snapshotIndex,
      })
    this.held = this.held.slice(index - this.before.index)
    this.before = { index, term }
  }

  private startFrom(snapshot: Snapshot): void {
    this.newestSnapshot = snapshot
    this.reached = NOTHING
    this.before = { index: snapshot.index, term: snapshot.term }
    this.held = []
  }
}
