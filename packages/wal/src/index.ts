/**
 * A write-ahead log for Node.js: many logs in one journal, group commit, recovery that tells a torn tail from corruption.
 *
 * @example
 * import { runBlocking } from '@disruptorx/contracts/internal'
 * import { nodeFiles, openJournal } from '@disruptorx/wal'
 *
 * const journal = runBlocking(openJournal(nodeFiles(), { dir: './journal' }))
 * const lsn = journal.append(0, journal.log(0).lastIndex + 1, 1, new Uint8Array([1, 2, 3]))
 * while (journal.durableLsn < lsn) journal.step()
 * runBlocking(journal.close())
 * @packageDocumentation
 */
export {
  DirectoryInUseError,
  EntryOrderError,
  EntryTooLargeError,
  ForeignSegmentError,
  FormatTooNewError,
  IndexReleasedError,
  JournalCorruptError,
  JournalFullError,
  JournalStoppedError,
  SegmentMissingError,
  TooManyLogsError,
  walErrors,
} from './errors.ts'
export type { Journal, Recovery } from './journal/journal.ts'
export type { LogPosition } from './journal/log-table.ts'
export { openJournal } from './journal/open-journal.ts'
export type { JournalReader } from './journal/reader.ts'
export type { Durability, JournalOptions } from './options.ts'
export { nodeFiles } from './platform/node-files.ts'
export type { Cut } from './segments/scan.ts'
export type { SpareSegments } from './segments/spare-segments.ts'
