import type { Index, Term } from '@disruptorx/contracts'

/** What an entry is for: the state machine, or the group's own configuration. */
export type EntryType = 'normal' | 'conf-change'

/** What is proposed: an entry without a place in the log. The bytes must not be changed any more. */
export interface Proposal {
  readonly type: EntryType
  readonly data: Uint8Array
}

/** One entry of the replicated log. A leader puts one without data at the start of its term. */
export interface Entry extends Proposal {
  readonly index: Index
  readonly term: Term
}

/** What names an entry. Two entries of one name are the same (log matching, Raft paper section 5.3). */
export interface EntryId {
  readonly index: Index
  readonly term: Term
}

/** What an entry costs beside its data, in bytes: index, term, type and length. */
export const ENTRY_OVERHEAD_BYTES = 24

/** No data. */
export const NO_DATA: Uint8Array = new Uint8Array(0)

/** What an entry counts for where the size of messages, of reads and of what is uncommitted is limited, in bytes. */
export function entrySize(entry: Proposal): number {
  return entry.data.length + ENTRY_OVERHEAD_BYTES
}

/** {@link entrySize} of several entries. */
export function entriesSize(entries: readonly Proposal[]): number {
  let size = 0
  for (const entry of entries) size += entrySize(entry)
  return size
}

/** Bytes of data alone: what the limit on entries in flight counts, beside that on messages. An empty entry counts nothing. */
export function payloadSize(entries: readonly Proposal[]): number {
  let size = 0
  for (const entry of entries) size += entry.data.length
  return size
}

/**
 * Entries from place `from` of a list up to but not including `to`, as many as fit into a size; at least one if there is any. Looks at no more than it gives and
 * one: a follower that is far behind asks for a little of a long list, again and again.
 */
export function sliceWithin(entries: readonly Entry[], from: number, to: number, maxBytes: number): Entry[] {
  if (maxBytes === Number.POSITIVE_INFINITY) return entries.slice(from, to)
  const last = Math.min(to, entries.length)
  let size = 0
  let end = from
  while (end < last) {
    size += entrySize(entries[end] as Entry)
    if (size > maxBytes && end > from) break
    end++
  }
  return entries.slice(from, end)
}
