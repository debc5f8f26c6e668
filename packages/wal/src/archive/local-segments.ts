import { JournalCorruptError } from '../errors.ts'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { type AsyncFiles, fileChunks, performAsync } from '../segments/async-files.ts'
import { listSegments, readHeader, segmentPath, withFile } from '../segments/directory.ts'
import type { KnownSegment } from './archived-segments.ts'
import { ForeignArchiveError } from './errors.ts'
import { SegmentHistory } from './segment-history.ts'
import { SegmentStream } from './segment-stream.ts'

/** The headers of the segments in a directory behind one of them, oldest first. @throws the file system's error, also that one is gone since it was listed */
export async function localHeaders(files: AsyncFiles, dir: string, after = 0): Promise<SegmentHeader[]> {
  const headers: SegmentHeader[] = []
  for (const id of await performAsync(files, listSegments(files, dir))) {
    if (id <= after) continue
    const task = withFile(files, segmentPath(dir, id), 'read', handle => readHeader(files, handle, id))
    headers.push(await performAsync(files, task))
  }
  return headers
}

/** The segments in a journal's directory, while somebody writes there: also the one that is being written, as far as its batches are whole. */
export class LocalSegments {
  readonly #files: AsyncFiles
  readonly #dir: string
  readonly #keys: Keys
  readonly #journalId: string
  /** Full segments that were looked through. */
  readonly #full = new Map<number, KnownSegment>()

  constructor(files: AsyncFiles, dir: string, keys: Keys, journalId: string) {
    this.#files = files
    this.#dir = dir
    this.#keys = keys
    this.#journalId = journalId
  }

  /** The headers of the segments that are there now. @throws {ForeignArchiveError} they are of another journal, and as {@link localHeaders} */
  async headers(): Promise<SegmentHeader[]> {
    const headers = await localHeaders(this.#files, this.#dir)
    const found = headers[0]?.journalId.toString() ?? this.#journalId
    if (found !== this.#journalId) throw new ForeignArchiveError(found, this.#journalId)
    for (const id of this.#full.keys()) if (!headers.some(header => header.id === id)) this.#full.delete(id)
    return headers
  }

  /**
   * What a segment holds.
   *
   * @param next the header of the segment behind it; `undefined` for the newest
   * @throws {JournalCorruptError} it does not reach the next one; {@link KeyError}, and the file system's error
   */
  async lookThrough(segment: number, next: SegmentHeader | undefined): Promise<KnownSegment> {
    const known = this.#full.get(segment)
    if (known !== undefined) return known
    const stream = new SegmentStream(this.read(segment), segment, this.#keys)
    const history = new SegmentHistory()
    try {
      const { header } = await stream.open()
      while (stream.nextLsn !== next?.firstLsn && (await stream.next()))
        while (stream.record.next()) history.take(stream.record, stream.position)
      if (next !== undefined && stream.nextLsn !== next.firstLsn)
        throw new JournalCorruptError({ segment, offset: stream.offset, reason: stream.reason })
      const found = { segment, firstLsn: header.firstLsn, lastLsn: stream.nextLsn - 1, logs: history.logs, place: 'journal' } as const
      if (next !== undefined) this.#full.set(segment, found)
      return found
    } finally {
      await stream.close()
    }
  }

  /** Whether a segment is still there. @throws the file system's error */
  async holds(segment: number): Promise<boolean> {
    return (await performAsync(this.#files, listSegments(this.#files, this.#dir))).includes(segment)
  }

  /** The bytes of a segment. @throws the file system's error, also that the file is gone */
  read(segment: number): AsyncIterable<Uint8Array> {
    return fileChunks(this.#files, segmentPath(this.#dir, segment))
  }
}
