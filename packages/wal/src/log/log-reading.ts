import type { LogEntry } from '@disruptorx/contracts'
import { AbortedError } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { IndexTruncatedError } from '../errors.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { JournalReader } from '../journal/reader.ts'
import type { AsyncNodeFiles } from '../platform/async-node-files.ts'
import { listSegments, readHeader, segmentPath } from '../segments/directory.ts'
import { ONLY_LOG } from './thread-messages.ts'

/** Entries given out at once, at most. */
const BATCH_ENTRIES = 1024
/** A batch that holds so many bytes of data is given out as it is. */
const BATCH_BYTES = 1024 ** 2

/** How far the log is durable, in both numbers, at one moment. */
export interface DurablePoint {
  readonly lsn: number
  readonly index: number
}

/** Reads a log's files from another thread than the one that writes them. */
export class LogReading {
  readonly #files: AsyncNodeFiles
  readonly #dir: string
  readonly #reader: JournalReader
  /** What the reader looks at. It changes only between polls. */
  readonly #segments: { dir: string; headers: SegmentHeader[] }
  readonly #log
  readonly #journal = { durableLsn: 0 }
  #nextIndex: number

  private constructor(files: AsyncNodeFiles, dir: string, headers: SegmentHeader[], from: number, point: DurablePoint) {
    this.#files = files
    this.#dir = dir
    this.#nextIndex = from
    this.#segments = { dir, headers }
    this.#log = { logId: ONLY_LOG, firstIndex: firstIndexOf(headers), lastIndex: point.index, lastTerm: 0, durableIndex: point.index }
    this.#journal.durableLsn = point.lsn
    this.#reader = new JournalReader(files, this.#segments, this.#journal, this.#log, from)
  }

  /** @throws {IndexTruncatedError} {@link OptionError} the log does not reach `from - 1` */
  static async open(files: AsyncNodeFiles, dir: string, from: number, point: DurablePoint): Promise<LogReading> {
    const headers = await runAsync(files, loadHeaders(files, dir, []))
    return new LogReading(files, dir, headers, from, point)
  }

  /** Lets the reading go on up to a later point. What became durable by then lies in segments that exist by now. */
  async extend(point: DurablePoint): Promise<void> {
    await this.#refresh()
    this.#log.lastIndex = this.#log.durableIndex = point.index
    this.#journal.durableLsn = point.lsn
  }

  /** The next entries, none when everything durable at the point was given. @throws {IndexTruncatedError} {@link JournalCorruptError} */
  async next(signal: AbortSignal | undefined): Promise<LogEntry[]> {
    const entries: LogEntry[] = []
    try {
      for (let bytes = 0; entries.length < BATCH_ENTRIES && bytes < BATCH_BYTES; ) {
        if (signal?.aborted) throw new AbortedError('reading the log', signal.reason)
        const outcome = this.#reader.poll()
        if (outcome === 'end') break
        if (outcome === 'pending') {
          await this.#files.answered()
          continue
        }
        const { index, term, offset, length } = this.#reader
        entries.push({ index, term, data: this.#reader.bytes.slice(offset, offset + length) })
        this.#nextIndex = index + 1
        bytes += length
      }
    } catch (error) {
      throw await this.#judge(error)
    }
    return entries
  }

  close(): void {
    this.#reader.close()
  }

  async #refresh(): Promise<void> {
    const { headers } = this.#segments
    this.#segments.headers = await runAsync(this.#files, loadHeaders(this.#files, this.#dir, headers))
    this.#log.firstIndex = firstIndexOf(this.#segments.headers)
  }

  /** A file that was released while it was read may be gone or hold anything. */
  async #judge(error: unknown): Promise<unknown> {
    await this.#refresh()
    return this.#nextIndex < this.#log.firstIndex ? new IndexTruncatedError(ONLY_LOG, this.#nextIndex, this.#log.firstIndex) : error
  }
}

function firstIndexOf(headers: readonly SegmentHeader[]): number {
  return (headers[0]?.logs.find(log => log.logId === ONLY_LOG)?.lastIndex ?? 0) + 1
}

/** The headers of all segments that are there now, of which some are known. */
function* loadHeaders(files: AsyncNodeFiles, dir: string, known: readonly SegmentHeader[]): FileTask<SegmentHeader[]> {
  const ids = yield* listSegments(files, dir)
  const headers: SegmentHeader[] = []
  for (const id of ids) {
    const header = known.find(header => header.id === id) ?? (yield* loadHeader(files, dir, id))
    // Segments vanish from the front, perhaps while we look: what lies before a gap is as good as gone.
    if (header === undefined || headers.at(-1)?.id !== id - 1) headers.length = 0
    if (header !== undefined) headers.push(header)
  }
  return headers
}

function* loadHeader(files: AsyncNodeFiles, dir: string, id: number): FileTask<SegmentHeader | undefined> {
  try {
    const handle = (yield* perform(files, { operation: 'open', path: segmentPath(dir, id), mode: 'read' })).result
    try {
      return yield* readHeader(files, handle, id)
    } finally {
      yield* perform(files, { operation: 'close', handle })
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined
    throw error
  }
}

async function runAsync<T>(files: AsyncNodeFiles, task: FileTask<T>): Promise<T> {
  for (;;) {
    const { done, value } = task.next()
    if (done) return value
    await files.answered()
  }
}
