import { DisruptorError } from '@disruptorx/contracts'

const grouped = new Intl.NumberFormat('en-US')

/** How a segment is named: in a directory with `.seg` behind it, and in messages. At least six digits. */
export function segmentName(segment: number): string {
  return String(segment).padStart(6, '0')
}

/** Where damage was found, and whose entry it hit as far as that can still be told. */
export interface Damage {
  /** Number of the segment. */
  readonly segment: number
  /** Offset in the segment's file, in bytes. */
  readonly offset: number
  readonly logId?: number | undefined
  readonly index?: number | undefined
  readonly term?: number | undefined
  /** What is wrong there. */
  readonly reason: string
}

/** Bytes that were durable are damaged: a later batch proves it. Nothing was cut, and nothing changed but what the option `repair` made good. */
export class JournalCorruptError extends DisruptorError {
  constructor(damage: Damage) {
    const { segment, offset, logId, index, term, reason } = damage
    const place = `segment ${segmentName(segment)} at ${grouped.format(offset)}`
    const ofTerm = term === undefined ? '' : ` (term ${term})`
    const what = index === undefined ? reason : `entry ${grouped.format(index)}${ofTerm} of log ${logId} was durable and is damaged`
    super(
      'DX_JOURNAL_CORRUPT',
      `${place}: ${what}; nothing was changed; repair it from a peer or an archive (option repair), or restore a backup of this directory`,
      {
        segment,
        offset,
        logId,
        index,
        term,
        reason,
      },
    )
  }
}

/** The disk shows something else than when this place was read before: an error as the operating system reports it. The next look decides what counts. */
export function otherwiseError(segment: number, offset: number): Error {
  const place = `segment ${segmentName(segment)} at ${grouped.format(offset)}`
  return Object.assign(new Error(`EIO: ${place} reads otherwise than a moment ago`), { code: 'EIO' })
}

/** The disk cannot read a place, perhaps only for the moment: its own error, with the place in it. */
export function unreadableError(segment: number, offset: number, what: string, cause: Error | undefined): Error {
  const place = `segment ${segmentName(segment)} at ${grouped.format(offset)}`
  return Object.assign(new Error(`EIO: ${place}: ${what} cannot be read`, { cause }), { code: 'EIO' })
}

/** A write or a sync failed, so the journal stopped for good: what was not durable by then never will be. `cause` is the system's error. */
export class JournalStoppedError extends DisruptorError {
  constructor(operation: string, durableLsn: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      'DX_JOURNAL_STOPPED',
      `the journal stopped at LSN ${durableLsn} because ${operation} failed (${reason}); nothing after that LSN is durable; mend the disk and open it again`,
      { operation, durableLsn, reason },
      { cause },
    )
  }
}

/** Another living process, or another journal of this one, holds the directory. */
export class DirectoryInUseError extends DisruptorError {
  constructor(dir: string, pid: number | undefined) {
    const holder = pid === undefined ? 'another journal' : `process ${pid}`
    super('DX_DIRECTORY_IN_USE', `${dir} is in use by ${holder}; stop that one or choose another directory`, { dir, pid })
  }
}

/** The directory, or a file of the journal in it, cannot be written. `cause` is the system's error. */
export class DirectoryReadOnlyError extends DisruptorError {
  constructor(dir: string, cause: unknown) {
    const { code, message } = cause as { readonly code?: string; readonly message?: string }
    super(
      'DX_DIRECTORY_READ_ONLY',
      `${dir} cannot be written (${message}), and opening a journal writes to it; give this process the right to, or look at it with the tools, which only read`,
      { dir, reason: code },
      { cause },
    )
  }
}

/** A journal cannot be opened, because the disk has no room for what opening writes. Nothing was changed. `cause` is the system's error. */
export class DiskFullError extends DisruptorError {
  constructor(dir: string, bytesNeeded: number, cause: unknown) {
    const { code, message } = cause as { readonly code?: string; readonly message?: string }
    super(
      'DX_DISK_FULL',
      `opening ${dir} needs ${grouped.format(bytesNeeded)} bytes of room on its disk (${message}); nothing was changed; make room and open it again, or read it as it is with the tools`,
      { dir, bytesNeeded, reason: code },
      { cause },
    )
  }
}

/** The directory was written by a newer version. Nothing was changed. */
export class FormatTooNewError extends DisruptorError {
  constructor(what: string, found: number, supported: number) {
    super(
      'DX_FORMAT_TOO_NEW',
      `${what} has format version ${found} and this program reads up to ${supported}; run the newer program that wrote it`,
      { what, found, supported },
    )
  }
}

/** The directory was written by an older version that this one does not read. Nothing was changed. */
export class FormatTooOldError extends DisruptorError {
  constructor(what: string, found: number, supported: number) {
    super(
      'DX_FORMAT_TOO_OLD',
      `${what} has format version ${found} and this program reads version ${supported}; copy its entries with the program that wrote it`,
      { what, found, supported },
    )
  }
}

/** A segment is encrypted with a key that the journal does not have. Nothing was changed. */
export class KeyError extends DisruptorError {
  constructor(segment: number, key: string, why: string) {
    super('DX_KEY', `segment ${segmentName(segment)} is encrypted with key '${key}', which ${why}; give that key under this name`, {
      segment,
      key,
      why,
    })
  }
}

/** A segment that belongs to another journal lies in the directory. Nothing was changed. */
export class ForeignSegmentError extends DisruptorError {
  constructor(segment: number, expected: string, found: string) {
    super(
      'DX_FOREIGN_SEGMENT',
      `segment ${segmentName(segment)} belongs to journal ${found}, the rest of the directory to ${expected}; move the stray file away`,
      { segment, expected, found },
    )
  }
}

/** A segment is gone that a log still needs. Nothing was changed: with the file in its place again, the journal opens. */
export class SegmentMissingError extends DisruptorError {
  constructor(segment: number, logId: number, index: number) {
    super(
      'DX_SEGMENT_MISSING',
      `segment ${segmentName(segment)}, or one before it, is missing: it held entry ${grouped.format(index)} of log ${logId}; restore the file or a backup`,
      { segment, logId, index },
    )
  }
}

/** An entry is longer than this journal takes. */
export class EntryTooLargeError extends DisruptorError {
  constructor(length: number, maxRecordBytes: number) {
    super(
      'DX_ENTRY_TOO_LARGE',
      `an entry of ${grouped.format(length)} bytes is over maxRecordBytes, ${grouped.format(maxRecordBytes)}; split it or raise the option`,
      { length, maxRecordBytes },
    )
  }
}

/** The batch being gathered has no room for this entry. Nothing was taken; it fits after the next step. */
export class JournalFullError extends DisruptorError {
  constructor(length: number, maxBatchBytes: number) {
    super(
      'DX_JOURNAL_FULL',
      `no room for an entry of ${length} bytes in the batch being gathered (maxBatchBytes ${maxBatchBytes}); append it again after a step`,
      { length, maxBatchBytes },
    )
  }
}

/** A log's buffer has no room, because its journal is behind. Nothing was taken. */
export class LogFullError extends DisruptorError {
  constructor(bufferBytes: number) {
    super(
      'DX_LOG_FULL',
      `the log's buffer is full (bufferBytes ${grouped.format(bufferBytes)}): its disk is slower than its writer; await room() and try again`,
      { bufferBytes },
    )
  }
}

/** An entry is not the next one of its log, or its term goes back. */
export class EntryOrderError extends DisruptorError {
  constructor(logId: number, index: number, term: number, lastIndex: number, lastTerm: number) {
    super(
      'DX_ENTRY_ORDER',
      `log ${logId} ends at index ${lastIndex} (term ${lastTerm}); index ${index} (term ${term}) cannot follow; the next is ${lastIndex + 1}`,
      { logId, index, term, lastIndex, lastTerm },
    )
  }
}

/** An index was asked for that the log no longer holds. */
export class IndexTruncatedError extends DisruptorError {
  constructor(logId: number, index: number, firstIndex: number) {
    super(
      'DX_INDEX_TRUNCATED',
      `index ${index} of log ${logId} was truncated away; the log starts at ${firstIndex}; load a snapshot and read on from there`,
      { logId, index, firstIndex },
    )
  }
}

/** An index was asked for that the log has not reached. */
export class IndexPastEndError extends DisruptorError {
  constructor(logId: number, index: number, lastIndex: number) {
    super('DX_INDEX_PAST_END', `index ${index} of log ${logId} is past its end; the last index is ${lastIndex}`, {
      logId,
      index,
      lastIndex,
    })
  }
}

/** A reader has shown entries that a conflict has replaced since. */
export class LogRewoundError extends DisruptorError {
  constructor(logId: number, index: number, readIndex: number) {
    super(
      'DX_LOG_REWOUND',
      `log ${logId} was cut after index ${index}, and this reader has shown entries up to ${readIndex}; undo those and read on from ${index + 1}`,
      { logId, index, readIndex },
    )
  }
}

/** The log was dropped. */
export class LogDroppedError extends DisruptorError {
  constructor(logId: number) {
    super('DX_LOG_DROPPED', `log ${logId} was dropped; ask its journal for a new one`, { logId })
  }
}

/** The state of all logs, with their values, would take more than the header of a segment may. Nothing was taken. */
export class TooManyLogsError extends DisruptorError {
  constructor(logId: number, mostBytes: number) {
    super(
      'DX_TOO_MANY_LOGS',
      `with this change of log ${logId} the logs and their values take over ${grouped.format(mostBytes)} bytes, a quarter of a segment; drop logs, or open the journal with larger segments`,
      { logId, mostBytes },
    )
  }
}

/** Every error class of this package by its code: how one is rebuilt after crossing a thread. */
export const walErrors = {
  DX_JOURNAL_CORRUPT: JournalCorruptError,
  DX_JOURNAL_STOPPED: JournalStoppedError,
  DX_DIRECTORY_IN_USE: DirectoryInUseError,
  DX_DIRECTORY_READ_ONLY: DirectoryReadOnlyError,
  DX_DISK_FULL: DiskFullError,
  DX_FORMAT_TOO_NEW: FormatTooNewError,
  DX_FORMAT_TOO_OLD: FormatTooOldError,
  DX_KEY: KeyError,
  DX_FOREIGN_SEGMENT: ForeignSegmentError,
  DX_SEGMENT_MISSING: SegmentMissingError,
  DX_ENTRY_TOO_LARGE: EntryTooLargeError,
  DX_JOURNAL_FULL: JournalFullError,
  DX_LOG_FULL: LogFullError,
  DX_ENTRY_ORDER: EntryOrderError,
  DX_INDEX_TRUNCATED: IndexTruncatedError,
  DX_INDEX_PAST_END: IndexPastEndError,
  DX_LOG_REWOUND: LogRewoundError,
  DX_LOG_DROPPED: LogDroppedError,
  DX_TOO_MANY_LOGS: TooManyLogsError,
} as const
