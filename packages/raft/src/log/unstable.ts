import type { Index, Term } from '@disruptorx/contracts'
import { RaftInvariantError } from '../errors.ts'
import { type Entry, type EntryId, sliceWithin } from './entry.ts'
import type { Snapshot } from './log-state.ts'

/**
 * What is not known to be saved: the log's tail, and a snapshot that came from the leader.
 *
 * Some of it is new, some has been handed out to be written. Both stay here until the write has been reported, because only then a read of the saved log is
 * sure to show it. `entries[i]` has index `offset + i`; `offset` may lie inside the saved log, which is then to be cut there by the next write.
 */
export class Unstable {
  snapshot: Snapshot | undefined
  offset: Index
  private entries: Entry[] = []
  private snapshotInProgress = false
  /** Entries before this index have been handed out. */
  private offsetInProgress: Index

  constructor(offset: Index) {
    this.offset = offset
    this.offsetInProgress = offset
  }

  get hasEntries(): boolean {
    return this.entries.length > 0
  }

  /** The last index, if it is here. */
  get lastIndex(): Index | undefined {
    if (this.entries.length > 0) return this.offset + this.entries.length - 1
    return this.snapshot?.index
  }

  /** The term of an entry, if it is here. */
  term(index: Index): Term | undefined {
    if (index < this.offset) return this.snapshot?.index === index ? this.snapshot.term : undefined
    return this.entries[index - this.offset]?.term
  }

  /** Whether there is something to write that was not handed out. */
  get hasNextEntries(): boolean {
    return this.offset + this.entries.length > this.offsetInProgress
  }

  /** Entries that were not handed out to be written. */
  nextEntries(): Entry[] {
    return this.hasNextEntries ? this.entries.slice(this.offsetInProgress - this.offset) : []
  }

  /** The snapshot, if it was not handed out to be written. */
  nextSnapshot(): Snapshot | undefined {
    return this.snapshotInProgress ? undefined : this.snapshot
  }

  /** Everything has been handed out. */
  acceptInProgress(): void {
    this.offsetInProgress = this.offset + this.entries.length
    this.snapshotInProgress = this.snapshot !== undefined
  }

  /** Whether this very entry is here, and not only in the saved log. */
  holds({ index, term }: EntryId): boolean {
    return index >= this.offset && this.term(index) === term
  }

  /**
   * Everything up to an entry is saved, and no write under way can replace it. News of an entry that is not here is dropped: it has been replaced since, and
   * what replaced it is not saved.
   */
  stableTo({ index, term }: EntryId): void {
    if (!this.holds({ index, term })) return
    const saved = index + 1 - this.offset
    this.entries = saved === this.entries.length ? [] : this.entries.slice(saved)
    this.offset = index + 1
    this.offsetInProgress = Math.max(this.offsetInProgress, this.offset)
  }

  /** The snapshot that ends at `index` is saved. */
  stableSnapshotTo(index: Index): void {
    if (this.snapshot?.index !== index) return
    this.snapshot = undefined
    this.snapshotInProgress = false
  }

  /** Puts a snapshot in place of everything. */
  restore(snapshot: Snapshot): void {
    this.offset = snapshot.index + 1
    this.offsetInProgress = this.offset
    this.entries = []
    this.snapshot = snapshot
    this.snapshotInProgress = false
  }

  /** Appends entries, in place of all that there are from the first one's index on. */
  truncateAndAppend(added: readonly Entry[]): void {
    const from = (added[0] as Entry).index
    const end = this.offset + this.entries.length
    if (from > end) throw new RaftInvariantError(`entry ${from} would leave a gap after ${end - 1}`, { index: from, lastIndex: end - 1 })
    if (from <= this.offset) {
      this.entries = []
      this.offset = from
      this.offsetInProgress = from
    } else if (from < end) {
      this.entries = this.entries.slice(0, from - this.offset)
      this.offsetInProgress = Math.min(this.offsetInProgress, from)
    }
    for (const entry of added) this.entries.push(entry)
  }

  /** Entries from `from`, which is not below the offset, up to but not including `to`, as many as fit into `maxBytes` but at least one. */
  slice(from: Index, to: Index, maxBytes: number): Entry[] {
    return sliceWithin(this.entries, from - this.offset, to - this.offset, maxBytes)
  }
}
