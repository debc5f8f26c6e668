import { type FileRequest, type Files, isDisruptorError } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import {
  DirectoryInUseError,
  DirectoryReadOnlyError,
  DiskFullError,
  ForeignSegmentError,
  otherwiseError,
  segmentName,
  unreadableError,
} from '../errors.ts'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import { decodeSegmentHeader, decodeSegmentState, type SegmentHeader } from '../format/segment-header.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import { isUnreadable } from './window.ts'

/** What stands at the start of a segment, in words. */
const HEADER = 'the header of the segment'

/** How names end of what is half made. */
const UNFINISHED = '.tmp'

/** Bytes of zeros written at once. */
const ZEROS = new Uint8Array(1024 ** 2)

/** Where a segment lies. */
export function segmentPath(dir: string, segment: number): string {
  return `${dir}/${segmentName(segment)}.seg`
}

/** Where a spare file lies. */
export function sparePath(dir: string, spare: number): string {
  return `${dir}/${segmentName(spare)}.spare`
}

/** Where a file lies that is not yet fit for anything: opening removes it. */
export function unfinishedPath(dir: string, name: string): string {
  return `${dir}/${name}${UNFINISHED}`
}

/** What a journal's directory holds, numbers ascending. */
export interface DirectoryContent {
  readonly segments: readonly number[]
  readonly spares: readonly number[]
  /** Names of what an earlier run left unfinished. */
  readonly unfinished: readonly string[]
}

/** Makes the directory and locks it. Returns the lock's handle. @throws {DirectoryInUseError} {@link DirectoryReadOnlyError} */
export function* lockDirectory(files: Files, dir: string): FileTask<number> {
  try {
    yield* perform(files, { operation: 'make-directory', path: dir })
    return (yield* perform(files, { operation: 'lock', path: `${dir}/lock` })).result
  } catch (error) {
    const { code, pid } = error as { code?: unknown; pid?: unknown }
    if (code !== 'EBUSY') throw namingCause(dir, error, 2 * SECTOR_BYTES)
    throw new DirectoryInUseError(dir, typeof pid === 'number' ? pid : undefined)
  }
}

/** What file systems say that have no use for the sync of a directory. */
const cannotSync = new Set<unknown>(['EINVAL', 'EROFS', 'EPERM'])

/** Syncs the directories above one: what is in it is lost if one of them was just made and a crash un-makes it. @throws the file system's error */
export function* syncParents(files: Files, dir: string): FileTask<void> {
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

/** What systems say of something that may not be written. */
const readOnlyCodes = new Set<unknown>(['EROFS', 'EACCES', 'EPERM'])

/** What systems say when there is no room, for anybody or for this user. */
const fullCodes = new Set<unknown>(['ENOSPC', 'EDQUOT'])

/** Whether an error says that the disk has no room. */
export function isFull(error: unknown): boolean {
  return fullCodes.has((error as { readonly code?: unknown }).code)
}

/** The error to throw for what went wrong in a directory: a {@link DirectoryReadOnlyError} where that is what it comes to. */
export function namingReadOnly(dir: string, error: unknown): unknown {
  return readOnlyCodes.has((error as { readonly code?: unknown }).code) ? new DirectoryReadOnlyError(dir, error) : error
}

/**
 * The error to throw for what kept a journal from opening: as {@link namingReadOnly}, or a {@link DiskFullError}.
 *
 * @param bytesNeeded what the step that went wrong has to write
 */
export function namingCause(dir: string, error: unknown, bytesNeeded: number): unknown {
  const cause = isDisruptorError(error, 'DX_JOURNAL_STOPPED') ? error.cause : error
  // The process id beside the lock takes a little, too.
  if (isFull(cause)) return new DiskFullError(dir, bytesNeeded + SECTOR_BYTES, cause)
  return namingReadOnly(dir, error)
}

/** Lists what is there. */
export function* listDirectory(files: Files, dir: string): FileTask<DirectoryContent> {
  const { names } = yield* perform(files, { operation: 'list', path: dir })
  return {
    segments: numbered(names, '.seg'),
    spares: numbered(names, '.spare'),
    unfinished: names.filter(name => name.endsWith(UNFINISHED)),
  }
}

/** Removes what an earlier run left unfinished, and spare files of another size. Returns the spares that are left: of the right one. */
export function* tidyDirectory(
  files: Files,
  dir: string,
  segmentBytes: number,
  { unfinished, spares }: DirectoryContent,
): FileTask<number[]> {
  for (const name of unfinished) yield* perform(files, { operation: 'remove', path: `${dir}/${name}` })
  return yield* usableSpares(files, dir, segmentBytes, spares)
}

/** The segments that are there, numbers ascending. */
export function* listSegments(files: Files, dir: string): FileTask<number[]> {
  return numbered((yield* perform(files, { operation: 'list', path: dir })).names, '.seg')
}

function numbered(names: readonly string[], ending: string): number[] {
  return names
    .filter(name => name.endsWith(ending) && /^\d{6,15}$/.test(name.slice(0, -ending.length)))
    .map(name => Number(name.slice(0, -ending.length)))
    .sort((a, b) => a - b)
}

/**
 * Reads the headers of all segments.
 *
 * @throws {ForeignSegmentError} {@link JournalCorruptError} {@link FormatTooNewError}
 */
export function* readSegmentHeaders(files: Files, dir: string, ids: readonly number[]): FileTask<SegmentHeader[]> {
  const headers: SegmentHeader[] = []
  for (const id of ids) {
    const header = yield* withFile(files, segmentPath(dir, id), 'read', handle => readHeader(files, handle, id))
    const first = headers[0]
    if (first !== undefined && first.journalId.toString() !== header.journalId.toString())
      throw new ForeignSegmentError(id, first.journalId.toString(), header.journalId.toString())
    headers.push(header)
  }
  return headers
}

/** Where the segments start that follow one another to the last. What lies before a gap was freed and left behind, or something is missing. */
export function firstConnected(headers: readonly SegmentHeader[]): number {
  let first = headers.length - 1
  while (first > 0 && headers[first - 1]?.id === (headers[first] as SegmentHeader).id - 1) first--
  return first
}

/** Reads the header of an open segment. @throws {JournalCorruptError} {@link FormatTooNewError} {@link FormatTooOldError} */
export function* readHeader(files: Files, handle: number, id: number): FileTask<SegmentHeader> {
  return decodeSegmentHeader(yield* readPlace(files, handle, { segment: id, offset: 0, what: HEADER }, SECTOR_BYTES), id)
}

/** Reads how the logs stood before a segment. @throws {JournalCorruptError} */
export function* readState(files: Files, handle: number, header: SegmentHeader): FileTask<LogSummary[]> {
  const bytes = yield* readPlace(files, handle, { segment: header.id, offset: 0, what: HEADER }, header.dataOffset)
  // The state's length and check sum stand in the header, which was checked, but is read anew.
  if (decodeSegmentHeader(bytes, header.id).chain !== header.chain) throw otherwiseError(header.id, 0)
  return decodeSegmentState(bytes, header.id)
}

/** Reads `length` bytes, or as many as the file has. */
export function* readUpTo(files: Files, handle: number, position: number, length: number): FileTask<Uint8Array> {
  const buffer = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { result } = yield* perform(files, {
      operation: 'read',
      handle,
      buffer,
      offset: filled,
      length: length - filled,
      position: position + filled,
    })
    if (result === 0) break
    filled += result
  }
  return buffer.subarray(0, filled)
}

/** A place of a segment, and what is there. */
interface SegmentPiece {
  readonly segment: number
  readonly offset: number
  /** What to call it where it cannot be read. */
  readonly what: string
}

/** As {@link readUpTo}; the error of a disk that cannot read it names the place. */
export function* readPlace(files: Files, handle: number, piece: SegmentPiece, length: number): FileTask<Uint8Array> {
  const { segment, offset, what } = piece
  try {
    return yield* readUpTo(files, handle, offset, length)
  } catch (error) {
    throw isUnreadable(error) ? unreadableError(segment, offset, what, error as Error) : error
  }
}

/** Opens a file for as long as a task needs it. */
export function* withFile<T>(files: Files, path: string, mode: FileRequest['mode'], use: (handle: number) => FileTask<T>): FileTask<T> {
  const { result: handle } = yield* perform(files, { operation: 'open', path, mode })
  try {
    return yield* use(handle)
  } finally {
    yield* perform(files, { operation: 'close', handle })
  }
}

/** Writes zeros over a whole file, so that later writes into it need not grow it. */
export function* writeZeros(files: Files, handle: number, bytes: number): FileTask<void> {
  for (let position = 0; position < bytes; ) {
    const length = Math.min(ZEROS.length, bytes - position)
    position += (yield* perform(files, { operation: 'write', handle, buffer: ZEROS, offset: 0, length, position })).result
  }
}

/** Which spare files have the right size. Removes the others. */
export function* usableSpares(files: Files, dir: string, segmentBytes: number, spares: readonly number[]): FileTask<number[]> {
  const usable: number[] = []
  for (const spare of spares) {
    const path = sparePath(dir, spare)
    const { result } = yield* withFile(files, path, 'read', handle => perform(files, { operation: 'size', handle }))
    if (result === segmentBytes) usable.push(spare)
    else yield* perform(files, { operation: 'remove', path })
  }
  return usable
}
