import type { Files } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { FileCall, type FileTask, perform } from '@disruptorx/contracts/internal'
import {
  IndexPastEndError,
  IndexTruncatedError,
  JournalCorruptError,
  LogDroppedError,
  LogRewoundError,
  unreadableError,
} from '../errors.ts'
import { KIND_COPY, KIND_ENTRY, SECTOR_BYTES } from '../format/descriptor.ts'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import type { CutListener } from '../logs/log-state.ts'
import { hintFor, type Run, type RunList } from '../logs/runs.ts'
import { BatchSource } from '../segments/batch-source.ts'
import { segmentPath } from '../segments/directory.ts'
import { RecordCursor } from '../segments/record.ts'
import { openIfThere } from '../segments/retire-segment.ts'

/** Where a reader finds segments. */
export interface ReadableSegments {
  readonly dir: string
  /** Segments that hold records, oldest first. */
  readonly headers: readonly SegmentHeader[]
}

/** How far a reader may read. */
export interface ReadableJournal {
  readonly durableLsn: number
}

/** A log as far as readers need it. */
export interface ReadableLog {
  readonly logId: number
  readonly firstIndex: number
  readonly lastIndex: number
  readonly durableIndex: number
  readonly dropped: boolean
  readonly runs: RunList
  readonly listeners: Set<CutListener>
}

/** An open segment. */
interface Place {
  readonly handle: number
  readonly source: BatchSource
}

/**
 * Reads the durable entries of one log in order, while the journal goes on.
 *
 * Every batch is checked before an entry of it is shown. Damage is refused, not repaired: opening and a scrubber do that. Used on the journal's thread.
 */
export class JournalReader {
  readonly #files: Files
  readonly #segments: ReadableSegments
  readonly #journal: ReadableJournal
  readonly #log: ReadableLog
  readonly #keys: Keys
  readonly #record = new RecordCursor()
  #place: Place | undefined
  /** What is being read; `undefined` when the next entry has to be looked for. */
  #run: Run | undefined
  /** The state of the log's runs in which it was looked for last. */
  #runsAt = -1
  /** Conflicts so far. */
  #cuts = 0
  #offset = 0
  #nextLsn = 0
  #chain = -1
  /** What the window holds of batches behind this LSN may have been read before they were written. */
  #windowLsn = 0
  #nextIndex: number
  /** A conflict has replaced what was shown. */
  #rewound: LogRewoundError | undefined
  #task: FileTask<void> | undefined
  #closed = false
  /** Of the entry that `poll` found. */
  index = 0
  term = 0
  /** Memory in which the entry lies, from `offset` on for `length` bytes, until the next call of `poll`. */
  bytes: Uint8Array = new Uint8Array(0)
  offset = 0
  length = 0

  /** @internal Readers come from a journal. @throws {IndexTruncatedError} {@link IndexPastEndError} {@link OptionError} */
  constructor(files: Files, segments: ReadableSegments, journal: ReadableJournal, log: ReadableLog, keys: Keys, fromIndex: number) {
    if (!Number.isSafeInteger(fromIndex) || fromIndex < 0) throw new OptionError('fromIndex', fromIndex, 'a whole number')
    if (log.dropped) throw new LogDroppedError(log.logId)
    if (fromIndex < log.firstIndex) throw new IndexTruncatedError(log.logId, fromIndex, log.firstIndex)
    if (fromIndex > log.lastIndex + 1) throw new IndexPastEndError(log.logId, fromIndex, log.lastIndex)
    this.#files = files
    this.#segments = segments
    this.#journal = journal
    this.#log = log
    this.#keys = keys
    this.#nextIndex = fromIndex
    log.listeners.add(this)
  }

  /**
   * Goes on to the next entry: `entry` when there is one, which the fields then describe; `pending` when the disk has yet to answer;
   * `end` when everything durable was read, which more appends may change.
   *
   * @throws {IndexTruncatedError} the log was truncated past this reader
   * @throws {LogRewoundError} entries that this reader has shown were replaced
   * @throws {JournalCorruptError} what was durable is damaged
   */
  poll(): 'entry' | 'pending' | 'end' {
    for (;;) {
      if (this.#task === undefined) {
        this.#admit()
        if (this.#closed || this.#nextIndex > this.#log.durableIndex) return 'end'
        if (this.#inRun() && this.#seek()) return 'entry'
        this.#task = this.#load()
      }
      if (!this.#task.next().done) return 'pending'
      this.#task = undefined
    }
  }

  /** Lets go of the file. Safe to call twice. A file that cannot be closed is nobody's loss. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#log.listeners.delete(this)
    if (this.#place !== undefined) this.#files.submit(Object.assign(new FileCall(), { operation: 'close', handle: this.#place.handle }))
    this.#place = undefined
  }

  /** @internal For the log: what comes after `index` is gone. */
  onCut(index: number): void {
    this.#run = undefined
    this.#cuts++
    if (index >= this.#nextIndex - 1) return
    const before = this.#rewound?.details.index as number | undefined
    this.#rewound = new LogRewoundError(this.#log.logId, Math.min(index, before ?? index), this.#nextIndex - 1)
  }

  #admit(): void {
    const { logId, firstIndex, dropped } = this.#log
    if (dropped) throw new LogDroppedError(logId)
    if (this.#rewound !== undefined) throw this.#rewound
    if (this.#nextIndex < firstIndex) throw new IndexTruncatedError(logId, this.#nextIndex, firstIndex)
  }

  /** Whether the next entry lies in the run that is being read, as far as that is still where the log says. */
  #inRun(): boolean {
    const { runs } = this.#log
    if (this.#runsAt !== runs.changes) {
      this.#runsAt = runs.changes
      if (runs.find(this.#nextIndex) !== this.#run) this.#run = undefined
    }
    const run = this.#run
    return run !== undefined && this.#nextIndex >= run.first && this.#nextIndex <= run.last
  }

  /** Looks for the next entry among the records that are left of the batch in hand. */
  #seek(): boolean {
    const record = this.#record
    const run = this.#run as Run
    while (record.next()) {
      if (record.index !== this.#nextIndex || record.logId !== this.#log.logId || record.lsn < run.lsn) continue
      if (record.kind !== KIND_ENTRY && record.kind !== KIND_COPY) continue
      this.index = record.index
      this.term = record.term
      this.bytes = (this.#place as Place).source.body.bytes
      this.offset = record.offset
      this.length = record.length
      this.#nextIndex++
      return true
    }
    return false
  }

  /** Loads the batch that the next entry lies in, or the one before. */
  *#load(): FileTask<void> {
    const run = this.#log.runs.find(this.#nextIndex)
    if (run === undefined || run !== this.#run) {
      if (run === undefined)
        throw new JournalCorruptError({ segment: 0, offset: 0, ...this.#named(), reason: 'the index does not hold it' })
      const { lsn, sector } = hintFor(run, this.#nextIndex)
      const cuts = this.#cuts
      const moved = yield* this.#moveTo(run.segment)
      // The run is one of before a conflict that came meanwhile.
      if (cuts !== this.#cuts) return
      this.#run = run
      this.#offset = sector * SECTOR_BYTES
      this.#nextLsn = lsn
      this.#chain = -1
      if (!moved) return this.#judge(run.segment, 'the segment is gone')
    }
    const { source } = this.#place as Place
    if (this.#nextLsn > this.#windowLsn) {
      source.window.forget()
      this.#windowLsn = this.#journal.durableLsn
    }
    yield* this.#check(source)
  }

  *#check(source: BatchSource): FileTask<void> {
    const { header, body, segment } = source
    this.#record.clear()
    if (this.#offset + SECTOR_BYTES > segment.bytes) return this.#judge(segment.id, 'the segment ends before its last batch')
    const found = yield* source.headerAt(this.#offset)
    const follows = this.#chain === -1 || header.chain === this.#chain
    if (found !== 'batch' || header.firstLsn !== this.#nextLsn || header.count === 0 || !follows)
      return this.#judge(segment.id, 'the header of the batch is damaged')
    if (!(yield* source.bodyAt(this.#offset)) || !(yield* source.open(this.#offset)))
      return this.#judge(segment.id, 'the records of the batch are damaged')
    this.#record.start(body.view, body.offset, body.length, header.firstLsn)
    this.#offset += header.paddedBytes
    this.#nextLsn = header.lastLsn + 1
    this.#chain = header.crc
  }

  /** Opens a segment, if it is not the one that is open. False when its file is gone. */
  *#moveTo(id: number): FileTask<boolean> {
    this.#record.clear()
    if (this.#place?.source.segment.id === id) return true
    const header = this.#segments.headers.find(header => header.id === id)
    if (header === undefined) throw new JournalCorruptError({ segment: id, offset: 0, ...this.#named(), reason: 'the segment is gone' })
    if (this.#place !== undefined) {
      const { handle } = this.#place
      this.#place = undefined
      yield* perform(this.#files, { operation: 'close', handle })
    }
    const handle = yield* openIfThere(this.#files, segmentPath(this.#segments.dir, id))
    if (handle === undefined) return false
    this.#place = { handle, source: new BatchSource(this.#files, handle, header, this.#keys) }
    this.#windowLsn = 0
    return true
  }

  #named(): { readonly logId: number; readonly index: number } {
    return { logId: this.#log.logId, index: this.#nextIndex }
  }

  /** A segment that was freed while it was read may hold anything by now; the entry is looked for anew. In any other this is damage. */
  #judge(segment: number, reason: string): void {
    const run = this.#run
    const fault = this.#place?.source.fault
    if (run === undefined || this.#log.dropped || this.#log.runs.find(this.#nextIndex) !== run) this.#run = undefined
    else if (fault === undefined) throw new JournalCorruptError({ segment, offset: this.#offset, ...this.#named(), reason })
    else throw unreadableError(segment, this.#offset, `entry ${this.#nextIndex} of log ${this.#log.logId}`, fault)
  }
}
