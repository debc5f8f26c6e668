import type { Index, Term } from '@disruptorx/contracts'
import { RaftInvariantError } from '../errors.ts'
import { type Entry, type EntryId, entriesSize } from './entry.ts'
import type { LogState, Snapshot } from './log-state.ts'
import { Unstable } from './unstable.ts'

/**
 * The whole log of a member: what is saved, and behind it what is not yet.
 *
 * Three indexes move over it, and never back: applied <= applying <= committed.
 */
export class RaftLog {
  /** Known to be on a quorum. */
  committed: Index
  /** Handed out to be applied. */
  applying: Index
  /** Applied. */
  applied: Index
  readonly unstable: Unstable
  private readonly state: LogState
  private readonly maxApplyingBytes: number
  private applyingBytes = 0
  private applyingPaused = false
  /** Whether entries that are to be applied are being fetched. */
  private fetching = false

  /** @param maxApplyingBytes most bytes of entries that are handed out to be applied and are not applied */
  constructor(state: LogState, maxApplyingBytes: number) {
    this.state = state
    this.maxApplyingBytes = maxApplyingBytes
    this.unstable = new Unstable(state.lastIndex + 1)
    this.committed = this.applying = this.applied = state.firstIndex - 1
  }

  get firstIndex(): Index {
    const { snapshot } = this.unstable
    return snapshot === undefined ? this.state.firstIndex : snapshot.index + 1
  }

  get lastIndex(): Index {
    return this.unstable.lastIndex ?? this.state.lastIndex
  }

  /** The term of the last entry; 0 of a log that was never written. */
  get lastTerm(): Term {
    const term = this.term(this.lastIndex)
    if (term === undefined)
      throw new RaftInvariantError(`the log has no term for its last entry ${this.lastIndex}`, { index: this.lastIndex })
    return term
  }

  /** The term of an entry from `firstIndex - 1` to `lastIndex`; `undefined` of any other. */
  term(index: Index): Term | undefined {
    const term = this.unstable.term(index)
    if (term !== undefined) return term
    if (index + 1 < this.firstIndex || index > this.lastIndex) return undefined
    return this.state.term(index)
  }

  /** Whether the log has this very entry. */
  matchTerm(index: Index, term: Term): boolean {
    return this.term(index) === term
  }

  /** Whether a candidate whose log ends so has all that may be committed here: the later term wins, then the longer log (Raft paper, section 5.4.1). */
  isUpToDate(index: Index, term: Term): boolean {
    const { lastTerm } = this
    return term > lastTerm || (term === lastTerm && index >= this.lastIndex)
  }

  /** The snapshot to send to a follower that needs entries that are gone; `undefined` when none can be had just now. */
  snapshot(): Snapshot | undefined {
    const snapshot = this.unstable.snapshot ?? this.state.snapshot()
    // An older one would leave a gap to the first entry.
    return snapshot === undefined || snapshot.index + 1 < this.firstIndex ? undefined : snapshot
  }

  /** Appends a leader's own entries. */
  append(entries: readonly Entry[]): void {
    const first = entries[0]
    if (first === undefined) return
    if (first.index <= this.committed)
      throw new RaftInvariantError(`entry ${first.index} would replace a committed one`, { index: first.index, committed: this.committed })
    if (first.index + entries.length > Number.MAX_SAFE_INTEGER)
      throw new RaftInvariantError('the last index is used up', { index: first.index })
    this.unstable.truncateAndAppend(entries)
  }

  /**
   * Appends what a leader sent after the entry (`index`, `term`), and learns its commit index as far as the logs are known to agree. An existing entry is only
   * replaced by one of another term: a message may be late, and what follows it may have been acknowledged.
   *
   * @returns the last index that agrees with the leader's log; `undefined` when the logs do not agree before the first entry, and nothing was taken
   */
  maybeAppend(index: Index, term: Term, entries: readonly Entry[], commit: Index): Index | undefined {
    if (!this.matchTerm(index, term)) return undefined
    const known = this.countKnown(entries)
    if (known < entries.length) this.append(known === 0 ? entries : entries.slice(known))
    const last = index + entries.length
    this.commitTo(Math.min(commit, last))
    return last
  }

  /** How many entries from the front the log has. */
  private countKnown(entries: readonly Entry[]): number {
    const { lastIndex } = this
    let known = 0
    for (const { index, term } of entries) {
      if (index > lastIndex || !this.matchTerm(index, term)) break
      known++
    }
    return known
  }

  /**
   * A guess where this log stops agreeing with another one of which a single entry (`index`, `term`) is known: the last entry up to `index` of a term not above
   * `term`. Skips the whole terms that cannot agree, so that logs which went apart find together in one round for each term instead of each entry.
   *
   * @returns the entry; with term 0 when it is not known here
   */
  findConflictByTerm(index: Index, term: Term): EntryId {
    if (this.term(index) === undefined) return { index, term: 0 }
    // By halves, as terms in a log never go back: with each message a peer may ask for this, in a log of millions of entries. The place before the first one that
    // is known stands for all that is not.
    let low = Math.max(0, this.firstIndex - 2)
    let high = index
    while (low < high) {
      const middle = high - Math.floor((high - low) / 2)
      const ours = this.term(middle)
      if (ours !== undefined && ours <= term) low = middle
      else high = middle - 1
    }
    return { index: low, term: this.term(low) ?? 0 }
  }

  /**
   * Entries from `from` up to but not including `to`, as many as fit into `maxBytes` but at least one; `undefined` while they are being fetched. `from` is not
   * below `firstIndex`, `to` not above `lastIndex + 1`.
   */
  slice(from: Index, to: Index, maxBytes: number): Entry[] | undefined {
    if (from >= to) return []
    const { offset } = this.unstable
    if (from >= offset) return this.unstable.slice(from, to, maxBytes)
    const savedTo = Math.min(to, offset)
    const saved = this.state.entries(from, savedTo, maxBytes)
    if (saved !== undefined && (saved[0]?.index !== from || saved.length > savedTo - from))
      throw new RaftInvariantError(`the log was asked for entries ${from} to ${savedTo - 1} and gave others`, { from, to: savedTo - 1 })
    if (saved === undefined || to <= offset || saved.length < savedTo - from) return saved
    const room = maxBytes - entriesSize(saved)
    if (room <= 0) return saved
    const fitting = this.unstable.slice(offset, to, room)
    // A first entry that is too large by itself comes along only when nothing else does.
    if (fitting.length === 1 && entriesSize(fitting) > room) return saved
    return saved.concat(fitting)
  }

  /** Everything up to an entry is saved. @throws {RaftInvariantError} the saved log does not have it: others may have been told that it does */
  savedTo(entry: EntryId): void {
    const { index, term } = entry
    const { state, unstable } = this
    // What is behind the saved log's first entry was removed from it already.
    if (unstable.holds(entry) && index + 1 >= state.firstIndex && state.term(index) !== term)
      throw notSaved(`entry ${index} of term ${term}`, state)
    unstable.stableTo(entry)
  }

  /** The snapshot that ends at `index` is saved. @throws {RaftInvariantError} the saved log is not that far */
  snapshotSavedTo(index: Index): void {
    const { state, unstable } = this
    if (unstable.snapshot?.index === index && state.lastIndex < index) throw notSaved(`a snapshot at ${index}`, state)
    unstable.stableSnapshotTo(index)
  }

  /** Moves the commit index on; never back. */
  commitTo(index: Index): void {
    if (index <= this.committed) return
    if (index > this.lastIndex)
      throw new RaftInvariantError(`entry ${index} is committed, and the log ends at ${this.lastIndex}`, {
        index,
        lastIndex: this.lastIndex,
      })
    this.committed = index
  }

  /** Commits up to `index` if that entry is of `term`: one of an earlier term is committed only by one of the leader's own after it (Raft paper, figure 8). */
  maybeCommit(index: Index, term: Term): boolean {
    if (index <= this.committed || !this.matchTerm(index, term)) return false
    this.commitTo(index)
    return true
  }

  /** At a start: entries up to `index` have been applied, in an earlier life. */
  startApplied(index: Index): void {
    this.commitTo(index)
    this.applying = this.applied = Math.max(this.applied, index)
  }

  /** Puts a snapshot in place of the log. */
  restore(snapshot: Snapshot): void {
    this.committed = snapshot.index
    // What is being fetched will not be there any more.
    this.fetching = false
    this.unstable.restore(snapshot)
  }

  /** Whether {@link nextCommitted} may have something. */
  hasNextCommitted(allowUnstable: boolean): boolean {
    if (this.applyingPaused || this.fetching || this.unstable.snapshot !== undefined) return false
    return this.applying < this.appliableTo(allowUnstable)
  }

  /** Committed entries to apply next, within the limit on what is being applied. None while a snapshot is to be applied: that comes first. */
  nextCommitted(allowUnstable: boolean): Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return []
    const room = this.maxApplyingBytes - this.applyingBytes
    const entries = this.slice(this.applying + 1, this.appliableTo(allowUnstable) + 1, room)
    this.fetching = entries === undefined
    return entries ?? []
  }

  /** Entries that were being fetched are in memory. */
  entriesFetched(): void {
    this.fetching = false
  }

  /** Entries up to `index`, of so many bytes, were handed out to be applied. Pauses at the limit, and when the next entry would go over it. */
  acceptApplying(index: Index, bytes: number, allowUnstable: boolean): void {
    this.applying = index
    this.applyingBytes += bytes
    this.applyingPaused = this.applyingBytes >= this.maxApplyingBytes || index < this.appliableTo(allowUnstable)
  }

  /** Entries up to `index`, of so many bytes, were applied. */
  appliedTo(index: Index, bytes: number): void {
    if (index < this.applied || index > this.committed)
      throw new RaftInvariantError(`entry ${index} was applied, outside of ${this.applied} to ${this.committed}`, {
        index,
        applied: this.applied,
        committed: this.committed,
      })
    this.applied = index
    this.applying = Math.max(this.applying, index)
    this.applyingBytes = Math.max(0, this.applyingBytes - bytes)
    this.applyingPaused = this.applyingBytes >= this.maxApplyingBytes
  }

  /** Up to where committed entries can be applied: as far as they are saved, or also those that are being saved with them. */
  private appliableTo(allowUnstable: boolean): Index {
    return allowUnstable ? this.committed : Math.min(this.committed, this.unstable.offset - 1)
  }
}

function notSaved(what: string, { firstIndex, lastIndex }: LogState): RaftInvariantError {
  const details = { firstIndex, lastIndex }
  return new RaftInvariantError(
    `${what} was said to be saved, and is not in the saved log, which has ${firstIndex} to ${lastIndex}`,
    details,
  )
}
