import type { LogEntry } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { IndexPastEndError, IndexTruncatedError, JournalCorruptError, KeyError, SegmentMissingError } from '../errors.ts'
import { JournalReader } from '../journal/reader.ts'
import { LiveView } from '../segments/live-view.ts'
import { NoLogError } from './errors.ts'
import { inspectJournal, type JournalInspection } from './inspect.ts'
import { JournalFiles, type LookOptions } from './journal-files.ts'

/** How often reading starts anew without having come further, when segments are freed while it goes on. */
const ATTEMPTS = 20

/** Which entries of a log are wanted. */
export interface ExportOptions extends LookOptions {
  /** The log. */
  readonly log: number
  /** The first index. @default the first that the log has */
  readonly from?: number
  /** The last index. @default the last that the log has */
  readonly to?: number
}

/**
 * The entries of a log, in order, as the log stands: without those that were cut off or replaced. Reads only: it takes no lock, and somebody may be writing the
 * journal meanwhile; what is appended after it began is left out.
 *
 * @throws {NoJournalError} {@link NoLogError} {@link IndexTruncatedError} {@link IndexPastEndError} {@link OptionError}
 * @throws {SegmentMissingError} {@link JournalCorruptError} {@link KeyError} {@link FormatTooNewError} {@link FormatTooOldError}, or the file system's error
 */
export async function* exportEntries(dir: string, options: ExportOptions): AsyncGenerator<LogEntry, void, undefined> {
  const logId = wholeNumber('log', options.log, 0, 2 ** 32 - 1)
  let inspection = await inspectJournal(dir, options)
  const { firstIndex, lastIndex } = standing(inspection, logId)
  const from = wholeNumber('from', options.from ?? firstIndex, 0, Number.MAX_SAFE_INTEGER)
  if (from > lastIndex + 1) throw new IndexPastEndError(logId, from, lastIndex)
  const to = wholeNumber('to', options.to ?? lastIndex, from - 1, Number.MAX_SAFE_INTEGER)
  if (to > lastIndex) throw new IndexPastEndError(logId, to, lastIndex)
  const journal = new JournalFiles(dir, options)
  for (let next = from, attempt = 1; next <= to; ) {
    const { firstIndex: first } = standing(inspection, logId)
    if (next < first) throw new IndexTruncatedError(logId, next, first)
    try {
      for await (const entry of entries(journal, logId, inspection.lastLsn, next, to)) {
        yield entry
        next = entry.index + 1
        attempt = 1
      }
      if (next <= to) throw new IndexPastEndError(logId, next, next - 1)
    } catch (error) {
      // A segment that was freed while it was read may hold anything; what the log still needs of it lies elsewhere by now.
      if (attempt++ === ATTEMPTS || !(await journal.isFreed(...inspection.segments.map(({ segment }) => segment)))) throw error
      inspection = await inspectJournal(dir, options)
    }
  }
}

/** @throws {NoLogError} {@link JournalCorruptError} {@link KeyError} */
function standing(
  { dir, logs, segments, damage, isEncrypted }: JournalInspection,
  logId: number,
): { firstIndex: number; lastIndex: number } {
  const newest = segments.at(-1)
  if (isEncrypted) throw new KeyError(newest?.segment ?? 0, newest?.keyId ?? '', 'was not given')
  if (damage !== undefined) throw new JournalCorruptError(damage)
  const log = logs.find(({ log }) => log === logId)
  if (log === undefined)
    throw new NoLogError(
      dir,
      logId,
      logs.map(({ log }) => log),
    )
  return log
}

async function* entries(
  journal: JournalFiles,
  logId: number,
  lastLsn: number,
  from: number,
  to: number,
): AsyncGenerator<LogEntry, void, undefined> {
  const view = new LiveView(journal.files, journal.dir, journal.keys)
  let reader: JournalReader | undefined
  try {
    await journal.run(view.advance(lastLsn))
    const log = view.logs.find(logId)
    if (log === undefined) return
    const hole = log.runs.hole(from, to)
    if (hole !== undefined) throw new SegmentMissingError((view.headers[0]?.id ?? 1) - 1, logId, hole)
    reader = new JournalReader(journal.files, view, view, log, journal.keys, from)
    for (let next = from; next <= to; ) {
      const outcome = reader.poll()
      if (outcome === 'end') return
      if (outcome === 'pending') {
        await journal.files.answered()
        continue
      }
      const { index, term, bytes, offset, length } = reader
      yield { index, term, data: bytes.slice(offset, offset + length) }
      next = index + 1
    }
  } finally {
    reader?.close()
    await journal.run(view.close())
  }
}
