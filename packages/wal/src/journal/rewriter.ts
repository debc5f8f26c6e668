import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { JournalCorruptError } from '../errors.ts'
import { KIND_COPY, KIND_ENTRY, SECTOR_BYTES } from '../format/descriptor.ts'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import type { LogTable } from '../logs/log-table.ts'
import { BatchSource } from '../segments/batch-source.ts'
import { segmentPath } from '../segments/directory.ts'
import { RecordCursor } from '../segments/record.ts'
import { openIfThere } from '../segments/retire-segment.ts'
import type { SegmentStore } from '../segments/segment-store.ts'
import type { Recorder } from './recorder.ts'
import type { SegmentUse } from './segment-use.ts'

/** How often to look at a disk that answers later, in milliseconds. */
const POLL_MS = 1

/** The segment that is being emptied. */
interface Victim {
  readonly handle: number
  readonly source: BatchSource
  /** LSN behind its last record. */
  readonly endLsn: number
}

/** What a rewriter works on. */
export interface RewriterParts {
  readonly files: Files
  readonly segments: SegmentStore
  readonly logs: LogTable
  readonly keys: Keys
  readonly recorder: Recorder
  readonly use: SegmentUse
}

/**
 * Writes again, at the end of the journal, what logs still need of its oldest segment, so that the segments behind it can go: a log that lags would hold
 * them all.
 *
 * One batch is read in a step, at most. An entry counts as moved when its copy is placed, and its old segment goes when the copy is on stable storage, so
 * that a crash at any moment finds one of the two.
 */
export class Rewriter {
  readonly #parts: RewriterParts
  readonly #record = new RecordCursor()
  #victim: Victim | undefined
  #offset = 0
  #nextLsn = 0
  /** The cursor stands on a record that found no room. */
  #held = false
  #task: FileTask<void> | undefined
  /** Why it gave up: damage in what it had to read. */
  failure: JournalCorruptError | undefined

  constructor(parts: RewriterParts) {
    this.#parts = parts
  }

  /** Does a bounded amount, if there is something to do. Returns after how many milliseconds to call again, as a step does. @throws the file system's error */
  step(): number {
    if (this.failure !== undefined) return Number.POSITIVE_INFINITY
    if (this.#task === undefined) {
      if (this.#victim === undefined) {
        const oldest = this.#parts.use.victim()
        if (oldest === undefined) return Number.POSITIVE_INFINITY
        this.#task = this.#begin(oldest)
      } else if (this.#copyRecords()) this.#task = this.#load(this.#victim)
      else return Number.POSITIVE_INFINITY
    }
    if (!this.#task.next().done) return POLL_MS
    this.#task = undefined
    return 0
  }

  /** Lets go of the file. */
  *close(): FileTask<void> {
    const victim = this.#victim
    this.#victim = undefined
    if (victim !== undefined) yield* perform(this.#parts.files, { operation: 'close', handle: victim.handle })
  }

  *#begin(header: SegmentHeader): FileTask<void> {
    const { files, segments, keys } = this.#parts
    const { firstLsn: endLsn } = segments.headers[1] as SegmentHeader
    const handle = yield* openIfThere(files, segmentPath(segments.dir, header.id))
    if (handle === undefined) return
    this.#victim = { handle, source: new BatchSource(files, handle, header, keys), endLsn }
    this.#offset = header.dataOffset
    this.#nextLsn = header.firstLsn
    this.#record.clear()
  }

  /** Copies what is needed of the batch in hand. False when there is no room for the moment. */
  #copyRecords(): boolean {
    const { logs, recorder } = this.#parts
    const { source } = this.#victim as Victim
    const record = this.#record
    while (this.#held || record.next()) {
      this.#held = false
      const { kind, logId, index, lsn, term, offset, length } = record
      if (kind !== KIND_ENTRY && kind !== KIND_COPY) continue
      const log = logs.find(logId)
      const run = log?.runs.find(index)
      if (log === undefined || run === undefined || run.segment !== source.segment.id || lsn < run.lsn) continue
      this.#held = !recorder.canCopy(log, length)
      if (this.#held) return false
      recorder.copy(log, index, term, source.body.bytes, offset, length)
    }
    return true
  }

  /** Whether nobody needs the segment any more: then its file may be gone, or hold anything. */
  #isFreed({ id }: SegmentHeader): boolean {
    return !this.#parts.segments.headers.some(header => header.id === id)
  }

  *#load({ source, endLsn }: Victim): FileTask<void> {
    if (this.#nextLsn >= endLsn || this.#isFreed(source.segment)) return yield* this.close()
    const found = this.#offset + SECTOR_BYTES <= source.segment.bytes ? yield* source.headerAt(this.#offset) : 'nothing'
    const { header, body } = source
    if (
      found === 'batch' &&
      header.firstLsn === this.#nextLsn &&
      (yield* source.bodyAt(this.#offset)) &&
      (yield* source.open(this.#offset))
    ) {
      this.#record.start(body.view, body.offset, body.length, header.firstLsn)
      this.#offset += header.paddedBytes
      this.#nextLsn = header.lastLsn + 1
      return
    }
    if (this.#isFreed(source.segment)) return yield* this.close()
    this.failure = new JournalCorruptError({
      segment: source.segment.id,
      offset: this.#offset,
      reason: 'a batch that was durable is damaged',
    })
    yield* this.close()
  }
}
