import type { PackedEntries } from '../thread/thread-messages.ts'
import { entryCrc } from './entry-crc.ts'
import { DatabaseCorruptError } from './errors.ts'
import type { EntryRow } from './log-table.ts'

/** Makes sure that a row is the entry at an index, as it was written. @throws {DatabaseCorruptError} */
export function checkRow(path: string, logId: number, { idx, term, crc, data }: EntryRow, expected: number): void {
  if (idx !== expected) throw missing(path, logId, expected)
  if (crc !== entryCrc(idx, term, data)) throw new DatabaseCorruptError(path, `entry ${idx} of log ${logId} does not have its check sum`)
}

/** An entry that should be there is not. */
export function missing(path: string, logId: number, index: number): DatabaseCorruptError {
  return new DatabaseCorruptError(path, `entry ${index} of log ${logId} is missing`)
}

/** Checked rows as they cross to another thread. `length` is that of all their data. */
export function packed(from: number, rows: readonly EntryRow[], length: number): PackedEntries {
  const entries = { from, terms: new Float64Array(rows.length), lengths: new Uint32Array(rows.length), bytes: new Uint8Array(length) }
  let at = 0
  for (const [i, { term, data }] of rows.entries()) {
    entries.terms[i] = term
    entries.lengths[i] = data.length
    entries.bytes.set(data, at)
    at += data.length
  }
  return entries
}
