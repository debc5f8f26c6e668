import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import type { JournalLog, JournalStep } from '@disruptorx/wal'
import { type Entry, type HardState, MemoryLog, type Snapshot } from '../../../src/index.ts'
import { readSnapshot, SNAPSHOT_DIR } from './snapshot-file.ts'
import type { Write } from './store.ts'

/** The journal's directory. */
export const JOURNAL_DIR = 'd'

/** The member's log in its journal. */
export const LOG_ID = 1

const HARD_STATE = 'hard-state'

/** One change of a journal's log: what it is durable by. `undefined` when there is nothing to change. */
export type Change = (log: JournalLog) => number | undefined

/**
 * A write as changes of a journal's log, in the order in which `Ready` says that things are to be saved: a crash leaves some of them from the front.
 * Snapshots themselves are in files by now.
 */
export function changesOf({ snapshot, entries, hardState, compaction }: Write): Change[] {
  const changes: Change[] = []
  if (snapshot !== undefined) {
    const { index, term } = snapshot
    changes.push(log => (isNewer(log, snapshot) ? log.reset(index, term) : undefined))
    changes.push(log => (isNewer(log, snapshot) ? log.markSnapshot(index, term) : undefined))
  }
  const [first] = entries ?? []
  if (first !== undefined) {
    const before = (log: JournalLog) => Math.max(first.index, log.firstIndex) - 1
    changes.push(log => (before(log) < log.lastIndex ? log.truncateAfter(before(log)) : undefined))
    for (const entry of entries ?? [])
      changes.push(log => (entry.index < log.firstIndex ? undefined : log.append(encodeEntry(entry), entry.term).lsn))
  }
  if (hardState !== undefined) changes.push(log => log.setValue(HARD_STATE, encodeHardState(hardState)))
  if (compaction !== undefined) {
    const { index, term } = compaction.snapshot
    // A snapshot of a leader may have taken the place of all of it.
    const holds = (log: JournalLog) => log.termAt(index) === term
    changes.push(log => (holds(log) ? log.markSnapshot(index, term) : undefined))
    changes.push(log => (holds(log) ? log.truncateBefore(Math.max(log.firstIndex, compaction.upTo + 1)) : undefined))
  }
  return changes
}

function isNewer({ snapshot }: JournalLog, { index }: Snapshot): boolean {
  return index > (snapshot?.index ?? 0)
}

/** Reads what a member's earlier lives have left in its journal. Undefined when there is nothing. */
export function* recoverMember(files: Files, journal: JournalStep): FileTask<MemoryLog | undefined> {
  yield* perform(files, { operation: 'make-directory', path: SNAPSHOT_DIR })
  yield* perform(files, { operation: 'sync-directory', path: '.' })
  const log = journal.log(LOG_ID)
  const value = log.value(HARD_STATE)
  const base = { index: log.firstIndex - 1, term: log.termAt(log.firstIndex - 1) ?? 0 }
  if (base.index === 0 && log.lastIndex === 0 && value === undefined) return undefined
  const mark = log.snapshot
  // A crash may have come between a log's new beginning and the mark that goes with it.
  const named = mark !== undefined && mark.index >= base.index ? mark : base
  const snapshot = named.index === 0 ? undefined : yield* readSnapshot(files, named)
  const found = new MemoryLog(snapshot && base.index > 0 ? { ...snapshot, ...base } : undefined)
  found.append(yield* readEntries(journal, log))
  if (snapshot !== undefined) found.createSnapshot(snapshot.index, snapshot.confState, snapshot.data)
  if (value !== undefined) found.setHardState(decodeHardState(value))
  return found
}

function* readEntries(journal: JournalStep, { firstIndex }: JournalLog): FileTask<Entry[]> {
  const entries: Entry[] = []
  const reader = journal.reader(LOG_ID, firstIndex)
  try {
    for (let outcome = reader.poll(); outcome !== 'end'; outcome = reader.poll()) {
      const { index, term, offset, length } = reader
      if (outcome === 'pending') yield
      else entries.push(decodeEntry(index, term, reader.bytes.slice(offset, offset + length)))
    }
  } finally {
    reader.close()
  }
  return entries
}

function encodeEntry({ type, data }: Entry): Uint8Array {
  const bytes = new Uint8Array(1 + data.length)
  bytes[0] = type === 'conf-change' ? 1 : 0
  bytes.set(data, 1)
  return bytes
}

function decodeEntry(index: number, term: number, bytes: Uint8Array): Entry {
  return { index, term, type: bytes[0] === 1 ? 'conf-change' : 'normal', data: bytes.slice(1) }
}

function encodeHardState({ term, vote, commit }: HardState): Uint8Array {
  return new Uint8Array(Float64Array.of(term, vote, commit).buffer)
}

function decodeHardState(bytes: Uint8Array): HardState {
  const [term = 0, vote = 0, commit = 0] = new Float64Array(bytes.slice().buffer)
  return { term, vote, commit }
}
