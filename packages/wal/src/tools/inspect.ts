import { isDisruptorError } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { FORMAT_VERSION, KIND_CLOSED } from '../format/descriptor.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import { holderOf, type ListedFile } from '../platform/tools-files.ts'
import { segmentPath, withFile } from '../segments/directory.ts'
import { provenByFooter } from '../segments/segment-index.ts'
import { type FoundSegment, JournalFiles, type LookOptions } from './journal-files.ts'
import { Replay } from './replay.ts'
import { SegmentWalk } from './segment-walk.ts'
import { looksArchived } from './verify-archive.ts'

/** One segment, as its header says. */
export interface InspectedSegment {
  readonly segment: number
  /** Size of the file. */
  readonly bytes: number
  readonly firstLsn: number
  /** The newest LSN in it; `undefined` when the file behind it is missing. */
  readonly lastLsn: number | undefined
  readonly epoch: number
  /** Bytes that batches fill; `undefined` of a segment that is not the last: it was not read. */
  readonly usedBytes: number | undefined
  /** Name of the key that its batches are encrypted with. */
  readonly keyId: string | undefined
}

/** One log, as it stands at the end of the journal. */
export interface InspectedLog {
  readonly log: number
  readonly firstIndex: number
  readonly lastIndex: number
  readonly lastTerm: number
  readonly snapshotIndex: number | undefined
  readonly snapshotTerm: number | undefined
  /** Names of its values. */
  readonly values: readonly string[]
}

/** What a journal's directory holds. */
export interface JournalInspection {
  readonly dir: string
  readonly format: number
  readonly journalId: string
  readonly segments: readonly InspectedSegment[]
  /** Numbers of the files that are missing between others. */
  readonly missing: readonly number[]
  readonly logs: readonly InspectedLog[]
  readonly firstLsn: number
  readonly lastLsn: number
  /** The files themselves prove that everything up to this LSN was durable. More may be. */
  readonly provenLsn: number
  /** Bytes behind the last good batch that look as if a write was under way, or never finished. */
  readonly unfinishedBytes: number
  /** Damage in the newest segment, which hides how the logs stand; the others were not read. */
  readonly damage: { readonly segment: number; readonly offset: number; readonly reason: string } | undefined
  /** Whether the directory is an archive: it holds only full segments. */
  readonly isArchive: boolean
  /** Whether it was closed in good order, and not opened since. */
  readonly closed: boolean
  /** The process that the directory says to be held by. It may be gone. */
  readonly holder: number | undefined
  readonly spares: number
  /** Bytes of all files. */
  readonly bytes: number
  /** Whether logs could not be followed to the end, because the newest records are encrypted with a key that was not given: they are as the newest segment began. */
  readonly isEncrypted: boolean
}

/** How far the last segment could be followed. */
interface Tail {
  readonly logs: readonly LogSummary[]
  readonly lastLsn: number
  readonly provenLsn: number
  readonly usedBytes: number
  readonly unfinishedBytes: number
  readonly damage: JournalInspection['damage']
  /** Its last record is the mark of a close. */
  readonly closed: boolean
  /** A footer proves all of it: where there was no room for that mark, or the next segment is about to begin. */
  readonly sealed: boolean
}

/**
 * Says what a journal holds, from the headers of its segments and the content of the last one. Reads only: it takes no lock, and somebody may be
 * writing the journal meanwhile.
 *
 * @throws {NoJournalError} {@link JournalCorruptError} {@link KeyError} {@link FormatTooNewError} {@link FormatTooOldError}, or the file system's error
 */
export async function inspectJournal(dir: string, options: LookOptions = {}): Promise<JournalInspection> {
  const journal = new JournalFiles(dir, options)
  const found = await journal.segments()
  const fault = found.find(segment => segment.fault !== undefined)?.fault
  if (fault !== undefined) throw fault
  const last = found.at(-1) as FoundSegment
  const tail = await journal.run(followLast(journal, last))
  const files = await journal.list()
  const holder = await holderOf(dir)
  const headers = found.map(({ header }) => header as NonNullable<FoundSegment['header']>)
  return {
    dir,
    format: FORMAT_VERSION,
    journalId: String(headers[0]?.journalId),
    segments: headers.map((header, i) => ({
      segment: header.id,
      bytes: header.bytes,
      firstLsn: header.firstLsn,
      lastLsn: i === headers.length - 1 ? tail.lastLsn : lastLsnOf(header, headers[i + 1]),
      epoch: header.epoch,
      usedBytes: i === headers.length - 1 ? tail.usedBytes : undefined,
      keyId: header.key?.id,
    })),
    missing: headers.flatMap((header, i) => numbersBetween(headers[i - 1]?.id ?? header.id - 1, header.id)),
    logs: tail.logs.map(inspectedLog),
    firstLsn: headers[0]?.firstLsn as number,
    lastLsn: tail.lastLsn,
    provenLsn: tail.provenLsn,
    unfinishedBytes: tail.unfinishedBytes,
    damage: tail.damage,
    isArchive: looksArchived(files.map(({ name }) => name)),
    // The mark of an opening may be put off until there is room for it. Where there is no room for a process id either, the file is there and empty.
    closed: (tail.closed || tail.sealed) && !files.some(({ name }) => name === 'lock.pid'),
    holder,
    spares: files.filter(file => file.name.endsWith('.spare')).length,
    bytes: files.reduce((sum: number, file: ListedFile) => sum + file.bytes, 0),
    isEncrypted: last.header !== undefined && !journal.canOpen(last.header),
  }
}

function lastLsnOf(header: SegmentHeader, next: SegmentHeader | undefined): number | undefined {
  return next?.id === header.id + 1 ? next.firstLsn - 1 : undefined
}

/** Most missing files that are named. */
const MOST_MISSING = 1000

function numbersBetween(before: number, after: number): number[] {
  return Array.from({ length: Math.min(MOST_MISSING, after - before - 1) }, (_, i) => before + 1 + i)
}

function inspectedLog({ logId: log, firstIndex, lastIndex, lastTerm, snapshotIndex, snapshotTerm, values }: LogSummary): InspectedLog {
  const snapshot = snapshotIndex === 0 ? { snapshotIndex: undefined, snapshotTerm: undefined } : { snapshotIndex, snapshotTerm }
  return { log, firstIndex, lastIndex, lastTerm, ...snapshot, values: [...values.keys()].sort() }
}

/** @throws {JournalCorruptError} */
function* followLast(journal: JournalFiles, { id, header, logs }: FoundSegment): FileTask<Tail> {
  if (header === undefined || logs === undefined) throw new Error(`segment ${id} has no header`)
  const walk = yield* SegmentWalk.open(journal, header, undefined)
  try {
    const replay = new Replay(logs)
    const { footerLsn, damage: early } = yield* lookAtEnd(journal, header)
    let provenLsn = Math.max(header.firstLsn - 1, footerLsn ?? 0)
    let closed = false
    let damage = early
    for (;;) {
      const item = yield* walk.next()
      if (item.kind === 'damage') {
        damage ??= { segment: id, offset: item.offset, reason: item.reason }
        replay.lost()
      }
      if (item.kind === 'end') {
        const { nextLsn, offset } = walk
        return {
          logs: replay.summaries(),
          lastLsn: nextLsn - 1,
          provenLsn,
          usedBytes: offset,
          unfinishedBytes: item.unfinishedBytes,
          damage,
          closed,
          sealed: footerLsn === nextLsn - 1,
        }
      }
      if (item.kind !== 'batch') continue
      provenLsn = Math.max(provenLsn, walk.source.header.durableLsn)
      if (!(yield* walk.source.open(item.offset))) continue
      replay.batch(walk.source, item.offset)
      closed = replay.record.kind === KIND_CLOSED
    }
  } finally {
    yield* walk.close()
  }
}

/** What the end of the newest file says: up to where its footer proves it durable, or that the file is shorter than it was made. */
function* lookAtEnd(
  journal: JournalFiles,
  header: SegmentHeader,
): FileTask<{ readonly footerLsn: number | undefined; readonly damage: Tail['damage'] }> {
  const look = (handle: number) => provenByFooter(journal.files, handle, header)
  try {
    return { footerLsn: yield* withFile(journal.files, segmentPath(journal.dir, header.id), 'read', look), damage: undefined }
  } catch (error) {
    if (!isDisruptorError(error, 'DX_JOURNAL_CORRUPT')) throw error
    return {
      footerLsn: undefined,
      damage: { segment: header.id, offset: Number(error.details.offset), reason: String(error.details.reason) },
    }
  }
}
