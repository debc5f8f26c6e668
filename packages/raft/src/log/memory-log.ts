import { type Index, OptionError, type Term } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { type ConfState, EMPTY_CONF_STATE, isConfState, MOST_MEMBERS } from '../config/configuration.ts'
import { RaftUsageError } from '../errors.ts'
import { MOST_NUMBER } from '../numbers.ts'
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

  /** @throws {OptionError} the snapshot is none: it is of an entry, so index and term are at least 1 */
  constructor(snapshot?: Snapshot) {
    if (snapshot !== undefined) this.startFrom(checkedSnapshot(snapshot))
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
    return sliceWithin(this.held, Math.max(0, from - this.firstIndex), to - this.firstIndex, maxBytes)
  }

  snapshot(): Snapshot | undefined {
    return this.newestSnapshot.index === 0 ? undefined : this.newestSnapshot
  }

  /** Saves term, vote and commit index. */
  setHardState(hardState: HardState): void {
    this.hardState = hardState
  }

  /**
   * Notes what the state machine has applied and keeps by itself, so that it need not be handed that again: the entry, and the configuration that
   * `applyConfChange` returned last up to there.
   *
   * @throws {RaftUsageError} the entry is not held
   */
  setApplied(index: Index, confState: ConfState): void {
    if (this.term(index) === undefined)
      throw new RaftUsageError(`entry ${index} cannot have been applied: the log holds ${this.firstIndex} to ${this.lastIndex}`)
    this.reached = { index, confState }
  }

  /** Saves entries, in place of all that there are from the first one's index on. @throws {RaftUsageError} they would leave a gap */
  append(entries: readonly Entry[]): void {
    const kept = entries.filter(entry => entry.index >= this.firstIndex)
    const first = kept[0]
    if (first === undefined) return
    if (first.index > this.lastIndex + 1) throw new RaftUsageError(`entry ${first.index} does not follow the last one, ${this.lastIndex}`)
    this.held.length = first.index - this.firstIndex
    for (const entry of kept) this.held.push(entry)
  }

  /** Puts a snapshot that came from a leader in place of everything. One that is not newer than what there is changes nothing. */
  applySnapshot(snapshot: Snapshot): void {
    if (snapshot.index > this.newestSnapshot.index) this.startFrom(snapshot)
  }

  /** Notes a snapshot that the application made itself, at an applied entry. Removes nothing. @throws {RaftUsageError} the entry is not held */
  createSnapshot(index: Index, confState: ConfState, data: Uint8Array): Snapshot {
    const term = this.term(index)
    if (term === undefined)
      throw new RaftUsageError(`no snapshot can be made at ${index}: the log holds ${this.firstIndex} to ${this.lastIndex}`)
    this.newestSnapshot = { index, term, confState, data }
    return this.newestSnapshot
  }

  /** Removes entries up to and including `index`, which is not above the newest snapshot's. @throws {RaftUsageError} it is */
  compact(index: Index): void {
    if (index <= this.before.index) return
    const term = this.term(index)
    if (term === undefined || index > this.newestSnapshot.index)
      throw new RaftUsageError(`entries up to ${index} are still needed: the newest snapshot covers ${this.newestSnapshot.index}`)
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

function checkedSnapshot(snapshot: Snapshot): Snapshot {
  wholeNumber('snapshot.index', snapshot.index, 1, MOST_NUMBER)
  wholeNumber('snapshot.term', snapshot.term, 1, MOST_NUMBER)
  if (!isConfState(snapshot.confState))
    throw new OptionError('snapshot.confState', snapshot.confState, `lists of members, at most ${MOST_MEMBERS} each`)
  return snapshot
}
