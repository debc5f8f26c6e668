import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import { JournalId } from '../format/journal-id.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { type JournalOptions, type ResolvedJournalOptions, resolveJournalOptions } from '../options.ts'
import { createSegment } from '../segments/create-segment.ts'
import {
  type DirectoryContent,
  firstConnected,
  lockDirectory,
  readSegmentHeaders,
  segmentPath,
  tidyDirectory,
  usableSpares,
} from '../segments/directory.ts'
import { retireSegment } from '../segments/retire-segment.ts'
import { type Scan, SegmentScan } from '../segments/scan.ts'
import { SegmentStore } from '../segments/segment-store.ts'
import { FileWindow, writeFully } from '../segments/window.ts'
import { Journal } from './journal.ts'
import { LogTable } from './log-table.ts'

/**
 * Opens the journal of a directory, or starts one there, and recovers what an earlier run left.
 *
 * Whatever was acknowledged is there, and is on stable storage when this is done; a write that never finished is cut and reported in
 * `recovery.cut`. Carry the task out with `runBlocking` when the files block, else step by step.
 *
 * @throws {DirectoryInUseError} a living process, or a journal in this one, holds the directory
 * @throws {JournalCorruptError} durable bytes are damaged
 * @throws {FormatTooNewError} {@link ForeignSegmentError} {@link SegmentMissingError} {@link OptionError}, or the file system's error
 */
export function* openJournal(files: Files, options: JournalOptions): FileTask<Journal> {
  const resolved = resolveJournalOptions(options)
  const lock = yield* lockDirectory(files, resolved.dir)
  let journal: Journal | undefined
  try {
    const content = yield* tidyDirectory(files, resolved.dir)
    resolved.spares?.start(resolved.dir, resolved.segmentBytes)
    const isNew = content.segments.length === 0
    journal = yield* isNew ? create(files, resolved, lock, content) : recover(files, resolved, lock, content)
    if (!isNew) yield* journal.begin()
    return journal
  } catch (error) {
    yield* abandon(files, resolved, lock, journal)
    throw error
  }
}

function* abandon(files: Files, options: ResolvedJournalOptions, lock: number, journal: Journal | undefined): FileTask<void> {
  if (journal !== undefined) return yield* journal.close()
  options.spares?.stop()
  yield* perform(files, { operation: 'close', handle: lock })
}

function* create(files: Files, options: ResolvedJournalOptions, lock: number, content: DirectoryContent): FileTask<Journal> {
  const { dir, segmentBytes } = options
  yield* syncParents(files, dir)
  const journalId = JournalId.draw(options.random)
  const header = { journalId, id: 1, bytes: segmentBytes, firstLsn: 1, epoch: 1, logs: [] }
  const handle = yield* createSegment(files, dir, header, { make: 'zeros' })
  const spares = yield* ownSpares(files, options, content.spares)
  return new Journal({
    files,
    options,
    lock,
    segments: new SegmentStore(files, {
      dir,
      segmentBytes,
      journalId,
      headers: [header],
      handle,
      offset: SECTOR_BYTES,
      spares,
      preparer: options.spares,
    }),
    logs: new LogTable(),
    nextLsn: 1,
    epoch: 1,
    recovery: { durableLsn: 0, records: 0, cut: undefined },
  })
}

/** What file systems say that have no use for the sync of a directory. */
const cannotSync = new Set<unknown>(['EINVAL', 'EROFS', 'EPERM'])

/** A new journal is lost if one of the directories above it was just made and a crash un-makes it. */
function* syncParents(files: Files, dir: string): FileTask<void> {
  for (let path = dir; ; ) {
    const slash = path.lastIndexOf('/')
    const parent = slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash)
    try {
      yield* perform(files, { operation: 'sync-directory', path: parent })
    } catch (error) {
      // A directory that we may not even read was not made by us. One further up may lie on a file system that cannot sync, or is read-only.
      const { code } = error as { code?: unknown }
      if (code !== 'EACCES' && (path === dir || !cannotSync.has(code))) throw error
    }
    if (slash <= 0 || parent === '..' || parent === '.') return
    path = parent
  }
}

function* recover(files: Files, options: ResolvedJournalOptions, lock: number, content: DirectoryContent): FileTask<Journal> {
  const { dir, segmentBytes } = options
  const found = yield* readSegmentHeaders(files, dir, content.segments)
  const connected = firstConnected(found)
  const headers = found.slice(connected)
  const first = headers[0] as SegmentHeader
  const last = headers.at(-1) as SegmentHeader
  if (options.verify === 'all') yield* verifySealed(files, dir, headers)
  const logs = new LogTable(last.logs)
  const handle = (yield* perform(files, { operation: 'open', path: segmentPath(dir, last.id), mode: 'write' })).result
  try {
    const scan = yield* new SegmentScan(files, handle, last, logs).last()
    for (const start of first.logs) {
      const log = logs.get(start.logId)
      log.firstIndex = Math.max(log.firstIndex, start.lastIndex + 1)
    }
    logs.markWriting()
    logs.markDurable()
    yield* persist(files, dir, handle, scan)
    for (const leftBehind of found.slice(0, connected)) yield* retireSegment(files, dir, leftBehind.id, undefined)
    const segments = new SegmentStore(files, {
      dir,
      segmentBytes,
      journalId: last.journalId,
      headers,
      handle,
      offset: scan.end,
      spares: yield* ownSpares(files, options, content.spares),
      preparer: options.spares,
    })
    const recovery = { durableLsn: scan.nextLsn - 1, records: scan.nextLsn - first.firstLsn, cut: scan.cut }
    return new Journal({ files, options, lock, segments, logs, nextLsn: scan.nextLsn, epoch: scan.epoch + 1, recovery })
  } catch (error) {
    yield* perform(files, { operation: 'close', handle })
    throw error
  }
}

function* verifySealed(files: Files, dir: string, headers: readonly SegmentHeader[]): FileTask<void> {
  for (let i = 0; i + 1 < headers.length; i++) {
    const header = headers[i] as SegmentHeader
    const handle = (yield* perform(files, { operation: 'open', path: segmentPath(dir, header.id), mode: 'read' })).result
    try {
      yield* new SegmentScan(files, handle, header, new LogTable(header.logs)).sealed((headers[i + 1] as SegmentHeader).firstLsn)
    } finally {
      yield* perform(files, { operation: 'close', handle })
    }
  }
}

/**
 * Makes the end of the journal durable before it counts. What no header proves durable is written once more, not only synced: after a sync
 * that failed, an earlier run's bytes may sit in the system's cache, read well, and never reach the disk.
 */
function* persist(files: Files, dir: string, handle: number, scan: Scan): FileTask<void> {
  const window = new FileWindow(files, handle)
  for (let offset = scan.unprovenFrom; offset < scan.end; ) {
    const at = yield* window.need(offset, SECTOR_BYTES)
    const length = Math.min(window.end, scan.end) - offset
    yield* writeFully(files, handle, window.bytes, at, length, offset)
    offset += length
  }
  yield* perform(files, { operation: 'datasync', handle })
  yield* perform(files, { operation: 'sync-directory', path: dir })
}

/** The spare files that the journal looks after itself: none when a {@link SpareSegments} does. */
function* ownSpares(files: Files, options: ResolvedJournalOptions, spares: readonly number[]): FileTask<readonly number[]> {
  return options.spares === undefined ? yield* usableSpares(files, options.dir, options.segmentBytes, spares) : []
}
