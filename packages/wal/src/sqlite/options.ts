import { oneOf, wholeNumber } from '@disruptorx/contracts/internal'
import { directoryOption } from '../directory-option.ts'
import { resolveBuffer } from '../thread/options.ts'

/** How a SQLite journal is opened. */
export interface SqliteJournalOptions {
  /** The longest entry in bytes, at least 1. @default 256 KiB, or what `bufferBytes` allows */
  readonly maxRecordBytes?: number
  /**
   * Room for changes on their way to the journal's thread: a power of two from 64 KiB to 1 GiB, and at least four times `maxRecordBytes`. When it is full,
   * changes are refused with `DX_LOG_FULL`, and `room()` waits. @default 4 MiB
   */
  readonly bufferBytes?: number
  /** About how many bytes the file `logs.sqlite-wal` may gather before they are moved into the database: 64 KiB to 1 GiB. @default 16 MiB */
  readonly checkpointBytes?: number
  /** What opening checks: the ends of each log, or every page of the database and every entry. @default 'ends' */
  readonly verify?: 'ends' | 'all'
  /** Where the code of the journal's thread is, for programs that were bundled. @default beside this module */
  readonly workerUrl?: URL
}

/** Options with defaults filled in, as they cross to the journal's thread. */
export interface ResolvedSqliteOptions {
  readonly dir: string
  readonly path: string
  readonly maxRecordBytes: number
  readonly bufferBytes: number
  readonly checkpointBytes: number
  readonly verify: 'ends' | 'all'
}

/** Checks options once and fills in the defaults. @throws {OptionError} names the option, its value and its range. */
export function resolveSqliteOptions(dir: string, options: SqliteJournalOptions): ResolvedSqliteOptions {
  const directory = directoryOption(dir)
  return {
    dir: directory,
    path: `${directory}/logs.sqlite`,
    ...resolveBuffer(options, 256 * 1024),
    checkpointBytes: wholeNumber('checkpointBytes', options.checkpointBytes ?? 16 * 1024 ** 2, 64 * 1024, 1024 ** 3),
    verify: oneOf('verify', options.verify ?? 'ends', ['ends', 'all']),
  }
}
