import type { ArchiveOptions } from '../archive/options.ts'
import { walErrors } from '../errors.ts'
import type { Recovery } from '../journal/journal-step.ts'
import type { JournalStepOptions } from '../options.ts'
import { JournalChannel } from '../thread/channel.ts'
import type { Journal, Log } from '../thread/journal.ts'
import { JournalOnThread } from '../thread/journal-on-thread.ts'
import { LogOnThread } from '../thread/log-on-thread.ts'
import { type JournalOptions, type ResolvedJournalOptions, resolveJournalOptions } from '../thread/options.ts'
import type { ThreadParts } from '../thread/thread-backend.ts'
import { type Archiving, startArchiving } from './start-archiving.ts'
import { startJournalThread } from './start-journal-thread.ts'

/**
 * Opens the journal of a directory, or starts one there, on a thread of its own, and recovers what an earlier run left: many logs that one fdatasync makes durable.
 *
 * @param dir made if missing; this journal's alone while it is open
 * @example
 * await using journal = await openJournal('./journal')
 * const orders = journal.log(1)
 * const { index, lsn } = orders.append(new TextEncoder().encode('buy 100 at 42'))
 * await journal.durable(lsn)
 *
 * @throws {DirectoryInUseError} a living process, or a journal in this one, holds the directory
 * @throws {JournalCorruptError} durable bytes are damaged
 * @throws {ForeignArchiveError} the archive is another journal's
 * @throws {DirectoryReadOnlyError} {@link DiskFullError} {@link FormatTooNewError} {@link FormatTooOldError} {@link ForeignSegmentError} {@link SegmentMissingError} {@link KeyError}
 * @throws {OptionError}, or the file system's error
 */
export async function openJournal(dir: string, options: JournalOptions = {}): Promise<Journal> {
  const { parts, recovery, archiving } = await start(dir, options)
  return new JournalOnThread(parts, recovery, archiving)
}

/**
 * Opens one plain log in a directory of its own: log 0 of an {@link openJournal} that has no other.
 *
 * @example
 * await using log = await openLog('./orders')
 * const { lsn } = log.append(new TextEncoder().encode('buy 100 at 42'))
 * await log.durable(lsn)
 *
 * @throws as {@link openJournal}
 */
export async function openLog(dir: string, options: JournalOptions = {}): Promise<Log> {
  const { parts, recovery, archiving } = await start(dir, options)
  return new LogOnThread(parts, recovery, archiving)
}

interface Started {
  readonly parts: ThreadParts
  readonly recovery: Recovery
  readonly archiving: Archiving | undefined
}

async function start(dir: string, given: JournalOptions): Promise<Started> {
  const options = resolveJournalOptions(dir, given)
  const channel = JournalChannel.create(options.bufferBytes)
  const archiving = await archivingOf(options.journal, given.archive, channel)
  const url = given.workerUrl ?? new URL('./journal-worker.js', import.meta.url)
  const onDamage = given.onDamage ?? (damage => process.emitWarning(damage.message, { type: 'JournalDamage', code: damage.code }))
  const stop = () => archiving?.stop()
  try {
    const shared: ResolvedJournalOptions = { ...options, archive: archiving?.memory }
    const { thread, opened } = await startJournalThread({
      url,
      name: 'disruptorx-journal',
      channel,
      options: shared,
      onDamage,
      errors: walErrors,
    })
    // However it ends.
    thread.ended.then(stop, stop)
    const parts = { channel, thread, opened, maxRecordBytes: options.journal.maxRecordBytes }
    return { parts, recovery: opened.recovery as Recovery, archiving }
  } catch (error) {
    stop()
    throw error
  }
}

/** @throws {ForeignArchiveError} {@link OptionError} */
async function archivingOf(
  { dir, encryption }: JournalStepOptions,
  archive: ArchiveOptions | undefined,
  channel: JournalChannel,
): Promise<Archiving | undefined> {
  if (archive === undefined) return undefined
  const keys = encryption === undefined ? {} : { encryption }
  const archiving = startArchiving({ ...archive, ...keys, dir, onArchived: () => channel.parkingLot.unparkAll() })
  try {
    await archiving.check()
    return archiving
  } catch (error) {
    archiving.stop()
    throw error
  }
}
