import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import { JournalId } from '../format/journal-id.ts'
import { encodeSegmentHeader, type KeyMark, type SegmentHeader } from '../format/segment-header.ts'
import { LogTable } from '../logs/log-table.ts'
import { type JournalStepOptions, type ResolvedJournalStepOptions, resolveJournalStepOptions } from '../options.ts'
import { BatchSource } from '../segments/batch-source.ts'
import { createSegment } from '../segments/create-segment.ts'
import {
  type DirectoryContent,
  firstConnected,
  listDirectory,
  lockDirectory,
  namingCause,
  readSegmentHeaders,
  readState,
  segmentPath,
  syncParents,
  tidyDirectory,
} from '../segments/directory.ts'
import { Repairer } from '../segments/repair.ts'
import { retireSegment } from '../segments/retire-segment.ts'
import { SegmentScan } from '../segments/scan.ts'
import { provenByFooter, segmentRuns } from '../segments/segment-index.ts'
import { SegmentStore } from '../segments/segment-store.ts'
import { JournalStep } from './journal-step.ts'
import { keepTail, replayTail } from './keep-tail.ts'
import { bytesOf, loadSealed, settleLogs } from './load-logs.ts'

/**
 * Opens the journal of a directory, or starts one there, and recovers what an earlier run left.
 *
 * Whatever was acknowledged is there, and is on stable storage when this is done; a write that never finished is cut and reported in
 * `recovery.cut`. Carry the task out with `runBlocking` when the files block, else step by step.
 *
 * @throws {DirectoryInUseError} a living process, or a journal in this one, holds the directory
 * @throws {DirectoryReadOnlyError} something of it cannot be written
 * @throws {DiskFullError} there is no room for what has to be written
 * @throws {JournalCorruptError} durable bytes are damaged
 * @throws {FormatTooNewError} {@link ForeignSegmentError} {@link SegmentMissingError} {@link OptionError}, or the file system's error
 */
export function* openJournalStep(files: Files, options: JournalStepOptions): FileTask<JournalStep> {
  const resolved = resolveJournalStepOptions(options)
  resolved.spares?.checkFor(resolved.dir, resolved.segmentBytes)
  resolved.archive?.checkFor(resolved.dir)
  const lock = yield* lockDirectory(files, resolved.dir)
  let journal: JournalStep | undefined
  // By the step that is under way, when the disk turns out to be full.
  let neededBytes = resolved.segmentBytes
  try {
    const content = yield* listDirectory(files, resolved.dir)
    const isNew = content.segments.length === 0
    // A process that ended in between has left names that a crash may take back: of a segment, or of the spare that it had become and must not be used as.
    if (!isNew) yield* perform(files, { operation: 'sync-directory', path: resolved.dir })
    journal = yield* isNew ? create(files, resolved, lock, content) : recover(files, resolved, lock, content)
    neededBytes = SECTOR_BYTES
    if (!isNew) yield* journal.begin()
    // Not before: what it prepares takes room that this had need of.
    resolved.spares?.start()
    resolved.archive?.start()
    return journal
  } catch (error) {
    yield* abandon(files, resolved, lock, journal)
    throw namingCause(resolved.dir, error, neededBytes)
  }
}

function* abandon(files: Files, options: ResolvedJournalStepOptions, lock: number, journal: JournalStep | undefined): FileTask<void> {
  if (journal !== undefined) return yield* journal.close()
  options.spares?.stop()
  options.archive?.stop()
  yield* perform(files, { operation: 'close', handle: lock })
}

function* create(files: Files, options: ResolvedJournalStepOptions, lock: number, content: DirectoryContent): FileTask<JournalStep> {
  const { dir, segmentBytes } = options
  yield* syncParents(files, dir)
  const ready = yield* tidyDirectory(files, dir, segmentBytes, content)
  const spares = options.spares === undefined ? ready : []
  const journalId = JournalId.draw(options.random)
  const encoded = encodeSegmentHeader({ journalId, id: 1, bytes: segmentBytes, firstLsn: 1, epoch: 1, key: keyFor(options, journalId) }, [])
  const handle = yield* createSegment(files, dir, encoded, { make: 'zeros' })
  return new JournalStep({
    files,
    options,
    lock,
    segments: segmentStore(files, options, { headers: [encoded.header], handle, offset: encoded.header.dataOffset, sealed: false, spares }),
    logs: new LogTable([], mostStateBytes(options)),
    keys: options.keys,
    nextLsn: 1,
    epoch: 1,
    chain: encoded.header.chain,
    sealedBytes: new Map(),
    recovery: { durableLsn: 0, records: 0, cut: undefined, reindexed: [], repaired: [] },
  })
}

function* recover(files: Files, options: ResolvedJournalStepOptions, lock: number, content: DirectoryContent): FileTask<JournalStep> {
  const { dir } = options
  const found = yield* readSegmentHeaders(files, dir, content.segments)
  const connected = firstConnected(found)
  const headers = found.slice(connected)
  const last = headers.at(-1) as SegmentHeader
  const { keys, repair } = options
  const repairer = repair === undefined ? undefined : new Repairer(files, dir, repair)
  const handle = (yield* perform(files, { operation: 'open', path: segmentPath(dir, last.id), mode: 'write' })).result
  let segments: SegmentStore | undefined
  try {
    const logs = new LogTable(yield* readState(files, handle, last), mostStateBytes(options))
    const { reindexed, sealedBytes } = yield* loadSealed(files, dir, headers, logs, keys, options.verify, repairer)
    const source = new BatchSource(files, handle, last, keys)
    const scan = new SegmentScan(source, logs, repairer)
    const provenLsn = yield* provenByFooter(files, handle, last)
    scan.prove(provenLsn ?? 0)
    const end = yield* scan.last()
    const lastSegment = { logs, source, scan, end }
    const copy = yield* replayTail(lastSegment)
    settleLogs(logs, headers)
    // Nothing was changed up to here but by repairs, and nothing that is found from here on is a reason to refuse.
    const ready = yield* tidyDirectory(files, dir, options.segmentBytes, content)
    const spares = options.spares === undefined ? ready : []
    segments = segmentStore(files, options, { headers, handle, offset: end.unprovenFrom, sealed: provenLsn === end.nextLsn - 1, spares })
    // What prepares spares takes over the rest of them later.
    const spare = options.spares === undefined ? undefined : ready[0]
    const tail = yield* keepTail({ files, segments, spare }, lastSegment, copy)
    // It takes no more batches when its tail was copied: of what it held then, nothing is useless yet.
    if (copy !== undefined) sealedBytes.set(last.id, bytesOf(segmentRuns(logs, last.id)))
    for (const leftBehind of found.slice(0, connected)) yield* retireSegment(files, dir, leftBehind.id, undefined)
    const first = headers[0] as SegmentHeader
    const recovery = {
      durableLsn: tail.nextLsn - 1,
      records: tail.nextLsn - first.firstLsn,
      cut: end.cut,
      reindexed,
      repaired: [...(repairer?.repaired ?? [])],
    }
    return new JournalStep({ files, options, lock, segments, logs, keys, ...tail, sealedBytes, epoch: end.epoch + 1, recovery })
  } catch (error) {
    yield* perform(files, { operation: 'close', handle: segments?.handle ?? handle })
    throw error
  }
}

/** One log with all the values that it can have fits always. */
const LEAST_STATE_BYTES = 8 * 1024

/** What the state of all logs may take in the header of a segment. */
function mostStateBytes(options: ResolvedJournalStepOptions): number {
  return Math.max(options.segmentBytes / 4, LEAST_STATE_BYTES)
}

function segmentStore(
  files: Files,
  options: ResolvedJournalStepOptions,
  state: {
    readonly headers: readonly SegmentHeader[]
    readonly handle: number
    readonly offset: number
    readonly sealed: boolean
    readonly spares: readonly number[]
  },
): SegmentStore {
  const { dir, segmentBytes, maxBatchBytes, spares: preparer, archive: keeper } = options
  const { journalId } = state.headers[0] as SegmentHeader
  return new SegmentStore(files, {
    dir,
    segmentBytes,
    maxBatchBytes,
    journalId,
    key: keyFor(options, journalId),
    preparer,
    keeper,
    ...state,
  })
}

function keyFor({ keys }: ResolvedJournalStepOptions, journalId: JournalId): KeyMark | undefined {
  return keys.writeId === '' ? undefined : keys.markFor(journalId)
}
