import type { Archive, Index, LogEntry, LogId, LogJournal, LogReadOptions, LogStore } from '@disruptorx/contracts'
import { AbortedError, isDisruptorError, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { IndexPastEndError, IndexTruncatedError } from '../errors.ts'
import { KIND_COPY, KIND_ENTRY } from '../format/descriptor.ts'
import type { Keys } from '../format/keys.ts'
import { type ResolvedRead, resolveRead } from '../journal/read-options.ts'
import type { Run } from '../logs/runs.ts'
import { ArchivedSegments, type KnownSegment } from './archived-segments.ts'
import { ArchiveDamagedError, NotArchivedError } from './errors.ts'
import type { LocalSegments } from './local-segments.ts'
import { segmentObject } from './objects.ts'
import { SegmentStream } from './segment-stream.ts'

/** An open journal, as far as reading goes on in it where its archive ends. */
export type ReadableLogs = Pick<LogJournal, 'log' | 'lastLsn' | 'durable'>

/** What a {@link JournalArchive} is made of. For `openArchive` only. */
export interface JournalArchiveParts {
  readonly archive: Archive
  readonly keys: Keys
  readonly journalId: string
  /** The directory of the open journal. */
  readonly local: LocalSegments | undefined
  readonly journal: ReadableLogs | undefined
}

/**
 * The logs of an archived journal: with everything that retention has removed from the journal itself, and without what conflicts replaced. Where the open
 * journal was given too, reading goes on there, without a gap and without showing anything twice.
 */
export class JournalArchive {
  readonly journalId: string
  readonly #parts: JournalArchiveParts
  readonly #segments: ArchivedSegments

  /** @internal Archives come from `openArchive`. */
  constructor(parts: JournalArchiveParts) {
    const { archive, keys, journalId, local } = parts
    this.journalId = journalId
    this.#parts = parts
    this.#segments = new ArchivedSegments(archive, keys, journalId, local)
  }

  /** Segments that can be read as of the last {@link refresh}, oldest first. What lies before one that was given up is left out. */
  get segments(): readonly number[] {
    return this.#segments.all.map(({ segment }) => segment)
  }

  /** The logs that these segments hold entries of, ascending. */
  get logIds(): readonly LogId[] {
    return [...this.#segments.logs].flatMap(([id, { all }]) => (all.length === 0 ? [] : [id])).sort((a, b) => a - b)
  }

  /** The lowest index of a log that these segments hold; one more than {@link lastIndex} when they hold none. */
  firstIndex(log: LogId): Index {
    return this.#segments.logs.get(log)?.all[0]?.first ?? this.lastIndex(log) + 1
  }

  /** The highest index of a log that these segments hold; 0 when they hold none. */
  lastIndex(log: LogId): Index {
    return this.#segments.logs.get(log)?.all.at(-1)?.last ?? 0
  }

  /** Looks at what has been archived since the last look, and at the journal's directory. @throws {ArchiveDamagedError} {@link KeyError}, and what archive and files throw */
  refresh(signal?: AbortSignal): Promise<void> {
    return this.#segments.refresh(signal)
  }

  /**
   * Reads entries of a log from `from` on, in batches that are the caller's: from the archive, then from the journal, if that was given. Only with a journal can
   * it `follow`.
   *
   * @throws {IndexTruncatedError} the archive does not reach back so far
   * @throws {IndexPastEndError} {@link LogRewoundError} {@link AbortedError} {@link OptionError}
   * @throws {ArchiveDamagedError} {@link NotArchivedError} {@link KeyError}, and what archive and files throw
   */
  async *read(log: LogId, from: Index, options: LogReadOptions = {}): AsyncGenerator<readonly LogEntry[], void, undefined> {
    wholeNumber('from', from, 0, Number.MAX_SAFE_INTEGER)
    const range = resolveRead(from, options)
    const live = this.#parts.journal?.log(log)
    if (live === undefined && range.follow) throw new OptionError('follow', true, 'false where the open journal was not given')
    let next = from
    while (next <= range.to) {
      let count = 0
      for await (const batch of live !== undefined && next >= live.firstIndex
        ? readLive(live, next, options)
        : this.#readArchived(log, live, next, range)) {
        yield batch
        count += batch.length
        next = (batch.at(-1) as LogEntry).index + 1
      }
      // The journal gives everything up to the end; what retention removed of it meanwhile is read from the archive.
      if (count === 0 && (live === undefined || next >= live.firstIndex)) return
    }
  }

  /** What lies before the journal's first entry. When that is durable, nothing of it is ever replaced. */
  async *#readArchived(
    logId: number,
    live: LogStore | undefined,
    from: number,
    range: ResolvedRead,
  ): AsyncGenerator<LogEntry[], void, undefined> {
    const { journal } = this.#parts
    const before = live?.firstIndex
    if (journal !== undefined) await journal.durable(journal.lastLsn, range.signal)
    await this.refresh(range.signal)
    const [first, last] = [this.firstIndex(logId), this.lastIndex(logId)]
    if (from < first) throw new IndexTruncatedError(logId, from, first)
    if (before === undefined && from > last + 1) throw new IndexPastEndError(logId, from, last)
    if (before !== undefined && before - 1 > last) throw new NotArchivedError(logId, last + 1)
    const to = Math.min(range.to, before === undefined ? last : before - 1)
    let batch: LogEntry[] = []
    let bytes = 0
    for await (const entries of this.#entries(logId, from, to, range.signal))
      for (const entry of entries) {
        batch.push(entry)
        bytes += entry.data.length
        if (batch.length < range.maxEntries && bytes < range.maxBytes) continue
        yield batch
        batch = []
        bytes = 0
      }
    if (batch.length > 0) yield batch
  }

  async *#entries(
    logId: number,
    from: number,
    to: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<readonly LogEntry[], void, undefined> {
    for (let next = from; next <= to; ) {
      if (next < this.firstIndex(logId)) throw new IndexTruncatedError(logId, next, this.firstIndex(logId))
      const run = this.#find(logId, next)
      const segment = this.#segments.all.find(known => known.segment === run?.segment)
      if (run === undefined || segment === undefined) throw new NotArchivedError(logId, next)
      const before = next
      try {
        for await (const entries of this.#inSegment(segment, logId, next, to, signal)) {
          yield entries
          next += entries.length
        }
        if (next === before) throw new ArchiveDamagedError(segmentObject(segment.segment), `it lacks entry ${next} of log ${logId}`)
      } catch (error) {
        // What was read of a file that was freed meanwhile, or of an object that was removed, may be anything.
        if (!(await this.#segments.hasMoved(segment, signal))) throw error
      }
    }
  }

  /** Entries of a log that follow one another in a segment, in the order of their records: those of each batch. */
  async *#inSegment(
    segment: KnownSegment,
    logId: number,
    from: number,
    to: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<readonly LogEntry[], void, undefined> {
    const { segment: id, lastLsn } = segment
    const stream = new SegmentStream(this.#segments.read(segment, signal), id, this.#parts.keys)
    let next = from
    try {
      await opened(stream, id)
      while (stream.nextLsn <= lastLsn && next <= to && this.#find(logId, next)?.segment === id) {
        if (signal?.aborted) throw new AbortedError('reading the archive', signal.reason)
        if (!(await stream.next())) throw new ArchiveDamagedError(segmentObject(id), stream.reason, stream.offset)
        const entries = this.#inBatch(stream, id, logId, next, to)
        next += entries.length
        if (entries.length > 0) yield entries
      }
    } finally {
      await stream.close()
    }
  }

  #inBatch({ record, bytes }: SegmentStream, segment: number, logId: number, from: number, to: number): LogEntry[] {
    const entries: LogEntry[] = []
    let next = from
    let run = this.#find(logId, next)
    while (next <= to && run?.segment === segment && record.next()) {
      const { kind, index, term, lsn, offset, length } = record
      if (record.logId !== logId || index !== next || (kind !== KIND_ENTRY && kind !== KIND_COPY) || lsn < run.lsn) continue
      entries.push({ index, term, data: bytes.slice(offset, offset + length) })
      next++
      if (run !== undefined && next > run.last) run = this.#find(logId, next)
    }
    return entries
  }

  #find(logId: number, index: number): Run | undefined {
    return this.#segments.logs.get(logId)?.find(index)
  }
}

/** Reads on in the journal. What retention removes meanwhile ends that: it is in the archive. */
async function* readLive(log: LogStore, from: number, options: LogReadOptions): AsyncGenerator<readonly LogEntry[], void, undefined> {
  try {
    yield* log.read(from, options)
  } catch (error) {
    if (!isDisruptorError(error, 'DX_INDEX_TRUNCATED')) throw error
  }
}

async function opened(stream: SegmentStream, segment: number): Promise<void> {
  try {
    await stream.open()
  } catch (error) {
    if (!isDisruptorError(error, 'DX_JOURNAL_CORRUPT')) throw error
    throw new ArchiveDamagedError(segmentObject(segment), String(error.details.reason), Number(error.details.offset))
  }
}
