import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { LogTable } from '../logs/log-table.ts'
import { BatchSource } from './batch-source.ts'
import { listSegments, readHeader, readState, segmentPath, withFile } from './directory.ts'
import { isGone } from './retire-segment.ts'
import { SegmentScan } from './scan.ts'
import { readFooter, rebuildIndex } from './segment-index.ts'

/** The segment that is being followed. */
interface Following {
  readonly handle: number
  readonly source: BatchSource
  readonly scan: SegmentScan
}

/** The logs of a journal that somebody else writes, seen through its files. Changes nothing, and takes no lock. */
export class LiveView {
  readonly dir: string
  readonly #files: Files
  readonly #keys: Keys
  #headers: SegmentHeader[] = []
  #logs = new LogTable([], Number.MAX_SAFE_INTEGER)
  #following: Following | undefined
  #lsn = 0

  constructor(files: Files, dir: string, keys: Keys) {
    this.#files = files
    this.dir = dir
    this.#keys = keys
  }

  /** Segments that were there at the last look, oldest first. */
  get headers(): readonly SegmentHeader[] {
    return this.#headers
  }

  get logs(): LogTable {
    return this.#logs
  }

  /** Everything up to this LSN has been looked at. */
  get durableLsn(): number {
    return this.#lsn
  }

  /**
   * Looks at everything up to `lsn`, which is durable.
   *
   * @throws {JournalCorruptError} {@link FormatTooNewError} {@link FormatTooOldError}, or the file system's error
   */
  *advance(lsn: number): FileTask<void> {
    yield* this.#list()
    const { id } = this.#following?.source.segment ?? { id: 0 }
    // Freed before it was followed to its end: what lies between is gone.
    if (!this.#headers.some(header => header.id === id)) yield* this.close()
    if (this.#following === undefined) yield* this.#begin()
    while (this.#following !== undefined) {
      const { source, scan } = this.#following
      const next = this.#headers[this.#headers.findIndex(header => header.id === source.segment.id) + 1]
      source.window.forget()
      const until = next === undefined ? lsn : Math.min(lsn, next.firstLsn - 1)
      if (until >= scan.nextLsn) yield* scan.sealed(until + 1)
      this.#lsn = Math.max(this.#lsn, until)
      if (next === undefined || lsn < next.firstLsn) break
      yield* this.#follow(next)
    }
    for (const log of this.#logs.all) log.durableIndex = log.lastIndex
  }

  /** Lets go of the file. */
  *close(): FileTask<void> {
    const following = this.#following
    this.#following = undefined
    if (following !== undefined) yield* perform(this.#files, { operation: 'close', handle: following.handle })
  }

  *#list(): FileTask<void> {
    const headers: SegmentHeader[] = []
    for (const id of yield* listSegments(this.#files, this.dir)) {
      const header = this.#headers.find(header => header.id === id) ?? (yield* this.#readHeader(id))
      // Segments vanish from the front, perhaps while we look: what lies before a gap is as good as gone.
      if (header === undefined || headers.at(-1)?.id !== id - 1) headers.length = 0
      if (header !== undefined) headers.push(header)
    }
    this.#headers = headers
  }

  *#readHeader(id: number): FileTask<SegmentHeader | undefined> {
    try {
      return yield* withFile(this.#files, segmentPath(this.dir, id), 'read', handle => readHeader(this.#files, handle, id))
    } catch (error) {
      if (isGone(error)) return undefined
      throw error
    }
  }

  /** Starts with the newest segment: how the logs stood before it, and where the entries lie in those before. */
  *#begin(): FileTask<void> {
    const last = this.#headers.at(-1)
    if (last === undefined) return
    const { result: handle } = yield* perform(this.#files, { operation: 'open', path: segmentPath(this.dir, last.id), mode: 'read' })
    this.#logs = new LogTable(yield* readState(this.#files, handle, last), Number.MAX_SAFE_INTEGER)
    for (let i = 0; i + 1 < this.#headers.length; i++)
      yield* this.#index(this.#headers[i] as SegmentHeader, this.#headers[i + 1] as SegmentHeader)
    for (const log of this.#logs.all) {
      log.runs.trim(log.firstIndex)
      log.rebuildTerms()
    }
    this.#watch(handle, last)
  }

  *#index(header: SegmentHeader, next: SegmentHeader): FileTask<void> {
    const { path, files, keys } = { path: segmentPath(this.dir, header.id), files: this.#files, keys: this.#keys }
    try {
      const found = yield* withFile(files, path, 'read', function* (handle) {
        return (yield* readFooter(files, handle, header, next)) ?? (yield* rebuildIndex(files, handle, header, next.firstLsn - 1, keys))
      })
      for (const { logId, keep, runs } of found) {
        const log = this.#logs.find(logId)
        log?.runs.cut(keep)
        for (const run of runs) log?.runs.insert(run)
      }
    } catch (error) {
      // Freed since it was listed: nothing in it is needed by what is durable by now.
      if (!isGone(error)) throw error
    }
  }

  *#follow(next: SegmentHeader): FileTask<void> {
    yield* this.close()
    this.#logs.startSegment()
    const { result: handle } = yield* perform(this.#files, { operation: 'open', path: segmentPath(this.dir, next.id), mode: 'read' })
    this.#watch(handle, next)
  }

  #watch(handle: number, header: SegmentHeader): void {
    const source = new BatchSource(this.#files, handle, header, this.#keys)
    this.#following = { handle, source, scan: new SegmentScan(source, this.#logs) }
    this.#lsn = Math.max(this.#lsn, header.firstLsn - 1)
  }
}
