/**
 * A write-ahead log for Node.js: many logs in one journal, group commit, recovery that tells a torn tail from corruption.
 *
 * @example
 * import { openLog } from '@disruptorx/wal'
 *
 * await using log = await openLog('./orders')
 * const { lsn } = log.append(new TextEncoder().encode('buy 100 at 42'))
 * await log.durable(lsn)
 * @packageDocumentation
 */
export {
  AbortedError,
  type Appended,
  type Archive,
  ClosedError,
  DisruptorError,
  type Files,
  isDisruptorError,
  type LogEntry,
  type LogJournal,
  type LogReadOptions,
  type LogStore,
  OptionError,
  type SnapshotMark,
  type Step,
} from '@disruptorx/contracts'
export { type FileTask, runBlocking } from '@disruptorx/contracts/internal'
export type { SegmentKeeper } from './archive/archive-gate.ts'
export type { ArchiveReport } from './archive/archiver.ts'
export { ArchiveDamagedError, ArchiveDivergedError, ForeignArchiveError, NoArchiveError, NotArchivedError } from './archive/errors.ts'
export type { JournalArchive, ReadableLogs } from './archive/journal-archive.ts'
export type { ArchiveOptions } from './archive/options.ts'
export {
  DirectoryInUseError,
  DirectoryReadOnlyError,
  DiskFullError,
  EntryOrderError,
  EntryTooLargeError,
  ForeignSegmentError,
  FormatTooNewError,
  FormatTooOldError,
  IndexPastEndError,
  IndexTruncatedError,
  JournalCorruptError,
  JournalFullError,
  JournalStoppedError,
  KeyError,
  LogDroppedError,
  LogFullError,
  LogRewoundError,
  SegmentMissingError,
  TooManyLogsError,
  walErrors,
} from './errors.ts'
export type { KeySet } from './format/keys.ts'
export type { JournalLog } from './journal/journal-log.ts'
export type { JournalStep, Recovery } from './journal/journal-step.ts'
export { openJournalStep } from './journal/open-journal-step.ts'
export type { JournalReader } from './journal/reader.ts'
export type { Scrubber, ScrubberOptions, ScrubReport } from './journal/scrubber.ts'
export { type JournalingOptions, journaling } from './journaling.ts'
export type { Durability, JournalStepOptions } from './options.ts'
export { directoryArchive } from './platform/directory-archive.ts'
export { nodeFiles } from './platform/node-files.ts'
export { type OpenArchiveOptions, openArchive } from './platform/open-archive.ts'
export { openJournal, openLog } from './platform/open-journal.ts'
export { type OverlappedFiles, type OverlappedFilesOptions, overlappedFiles } from './platform/overlapped-files.ts'
export { type Archiving, type ArchivingOptions, startArchiving } from './platform/start-archiving.ts'
export { type SpareSegmentsOptions, startSpareSegments } from './platform/start-spare-segments.ts'
export type { DamagedEntry, RepairAnswer, Repaired, RepairRequest, RepairSource } from './segments/repair.ts'
export type { Cut } from './segments/scan.ts'
export type { SpareSegments } from './segments/spare-segments.ts'
export type { Journal, JournalStats, Log } from './thread/journal.ts'
export type { JournalOptions } from './thread/options.ts'
export { durableBarrier, type JournalProgressHandle } from './thread/progress.ts'
