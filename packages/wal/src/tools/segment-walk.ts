import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import { footerLastLsn } from '../format/footer.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { BatchSource } from '../segments/batch-source.ts'
import { readUpTo, segmentPath } from '../segments/directory.ts'
import { ANOTHER_HEADER, BATCH_GOES_ON, misfit, NO_BATCH, SEGMENT_ENDS } from '../segments/scan.ts'
import type { JournalFiles } from './journal-files.ts'

/** In a segment's header: what the first batch names as the batch before it is not known. */
export const UNKNOWN_CHAIN = -1

/** A segment that is not the last, and of which is not known where it ends. */
export const UNKNOWN_END = Number.POSITIVE_INFINITY

/** What a walk comes across. */
export type WalkItem =
  /** A good batch: it is in the walk's `source`, until the next call. */
  | { readonly kind: 'batch'; readonly offset: number }
  /** Batches that were durable cannot be read: those with the LSNs from `firstLsn` to `lastLsn`. The walk goes on behind them. */
  | { readonly kind: 'damage'; readonly offset: number; readonly reason: string; readonly firstLsn: number; readonly lastLsn: number }
  /** Nothing more. `unfinishedBytes` look as if a write was under way, or never finished. */
  | { readonly kind: 'end'; readonly offset: number; readonly unfinishedBytes: number }

/** What lies behind the place where a walk cannot go on. */
interface Behind {
  /** Where the next batch is from which the walk can go on; `undefined` when there is none. */
  readonly resume: number | undefined
  /** Whether a batch says that what is missing was durable. */
  readonly proven: boolean
  readonly unfinishedBytes: number
}

/**
 * Follows the batches of one segment as an opening does, but goes on behind damage, and while the segment is being written: what looks damaged is read
 * once more, after the look at what comes behind it, because a batch is whole before any later one is begun.
 */
export class SegmentWalk {
  readonly source: BatchSource
  readonly #journal: JournalFiles
  readonly #handle: number
  /** The LSN with which the next segment starts: `undefined` when there is none, {@link UNKNOWN_END} when that cannot be read. */
  readonly #until: number | undefined
  #offset: number
  #epoch: number
  /** What the next batch has to name as the one before it; `undefined` when that cannot be known. */
  #chain: number | undefined
  #nextLsn: number
  #ended = false
  /** It came to the end, with nothing behind it, and then it was not the end any more: a node writes on, faster than what is behind it can be looked through. */
  #isWritten = false

  /** Of the newest segment: what its footer proves. */
  readonly #provenLsn: number

  /** Use `open`. */
  private constructor(journal: JournalFiles, handle: number, segment: SegmentHeader, until: number | undefined, provenLsn: number) {
    this.source = new BatchSource(journal.files, handle, segment, journal.keysFor(segment))
    this.#journal = journal
    this.#handle = handle
    this.#until = until
    this.#provenLsn = provenLsn
    this.#offset = segment.dataOffset
    this.#epoch = segment.epoch
    this.#chain = segment.chain === UNKNOWN_CHAIN ? undefined : segment.chain
    this.#nextLsn = segment.firstLsn
  }

  /** Opens a segment's file for a walk up to the LSN with which the next segment starts. @throws {KeyError} another key of that name was given */
  static *open(journal: JournalFiles, segment: SegmentHeader, until: number | undefined): FileTask<SegmentWalk> {
    const path = segmentPath(journal.dir, segment.id)
    const { result: handle } = yield* perform(journal.files, { operation: 'open', path, mode: 'read' })
    const provenLsn = until === undefined ? ((yield* footerProof(journal, handle, segment)) ?? 0) : 0
    return new SegmentWalk(journal, handle, segment, until, provenLsn)
  }

  /** The LSN that the next batch has to start with. */
  get nextLsn(): number {
    return this.#nextLsn
  }

  /** Where the next batch has to start. */
  get offset(): number {
    return this.#offset
  }

  /** Goes on to the next batch, damage, or end. */
  *next(): FileTask<WalkItem> {
    const end: WalkItem = { kind: 'end', offset: this.#offset, unfinishedBytes: 0 }
    if (this.#ended) return end
    if (this.#nextLsn === this.#until) return this.#end(end)
    const offset = this.#offset
    let reason = yield* this.#follow()
    if (reason === undefined) return { kind: 'batch', offset }
    if (reason === NO_BATCH && this.#isWritten) return this.#end(end)
    const behind = yield* this.#lookBehind(reason)
    this.source.window.forget()
    reason = yield* this.#follow()
    if (reason === undefined) {
      this.#isWritten = this.#until === undefined && !behind.proven && behind.resume === undefined
      return { kind: 'batch', offset }
    }
    if (this.#until === undefined && !behind.proven) return this.#end({ ...end, unfinishedBytes: behind.unfinishedBytes })
    if (this.#until === UNKNOWN_END && behind.unfinishedBytes === 0) return this.#end(end)
    return yield* this.#passDamage(reason, behind.resume)
  }

  *close(): FileTask<void> {
    yield* perform(this.#journal.files, { operation: 'close', handle: this.#handle })
  }

  #end(item: WalkItem): WalkItem {
    this.#ended = true
    return item
  }

  /** Takes one more batch. Returns why not, when there is none. */
  *#follow(): FileTask<string | undefined> {
    const { header, segment } = this.source
    if (this.#until !== undefined && this.#nextLsn > this.#until) return BATCH_GOES_ON
    if (this.#offset + SECTOR_BYTES > segment.bytes) return SEGMENT_ENDS
    const found = yield* this.source.headerAt(this.#offset)
    if (found === 'damaged') return 'the header of the batch is damaged'
    if (found === 'nothing' || header.epoch < this.#epoch) return NO_BATCH
    if (this.#chain !== undefined && header.chain !== this.#chain) return misfit(header, segment)
    if (header.firstLsn !== this.#nextLsn) return `a batch with LSN ${header.firstLsn} where ${this.#nextLsn} belongs`
    if (!(yield* this.source.bodyAt(this.#offset))) return 'the records of the batch are damaged'
    if (header.count === 0) return 'a batch without records'
    this.#offset += header.paddedBytes
    this.#epoch = header.epoch
    this.#chain = header.crc
    this.#nextLsn = header.lastLsn + 1
    return undefined
  }

  *#lookBehind(reason: string): FileTask<Behind> {
    const { header, segment } = this.source
    let unfinishedEnd = reason === NO_BATCH || reason === SEGMENT_ENDS ? this.#offset : this.#offset + SECTOR_BYTES
    let resume: number | undefined
    let proven = reason === ANOTHER_HEADER || this.#provenLsn >= this.#nextLsn
    for (let offset = this.#offset; offset + SECTOR_BYTES <= segment.bytes; offset += SECTOR_BYTES) {
      if ((yield* this.source.headerAt(offset)) !== 'batch' || header.epoch < this.#epoch || header.firstLsn < this.#nextLsn) continue
      proven ||= header.durableLsn >= this.#nextLsn
      unfinishedEnd = Math.max(unfinishedEnd, offset + header.paddedBytes)
      if (resume === undefined && (yield* this.source.bodyAt(offset))) resume = offset
    }
    return { resume, proven, unfinishedBytes: unfinishedEnd - this.#offset }
  }

  #lastMissing(firstLsn: number): number {
    return this.#until === undefined || this.#until === UNKNOWN_END ? firstLsn : this.#until - 1
  }

  *#passDamage(reason: string, resume: number | undefined): FileTask<WalkItem> {
    const { header } = this.source
    const [offset, firstLsn] = [this.#offset, this.#nextLsn]
    if (resume === undefined) {
      this.#ended = true
      return { kind: 'damage', offset, reason, firstLsn, lastLsn: this.#lastMissing(firstLsn) }
    }
    yield* this.source.headerAt(resume)
    this.#offset = resume
    this.#nextLsn = header.firstLsn
    this.#chain = undefined
    // A header that alone is damaged may have hidden nothing but itself: then no LSN is missing.
    return { kind: 'damage', offset, reason, firstLsn, lastLsn: header.firstLsn - 1 }
  }
}

/** What the footer of the newest segment proves durable; `undefined` when there is none, or the file has lost its end. */
function* footerProof(journal: JournalFiles, handle: number, segment: SegmentHeader): FileTask<number | undefined> {
  const end = yield* readUpTo(journal.files, handle, segment.bytes - SECTOR_BYTES, SECTOR_BYTES)
  return footerLastLsn(end, segment)
}
