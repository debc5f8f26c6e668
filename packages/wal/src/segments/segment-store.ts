import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import type { SegmentKeeper } from '../archive/archive-gate.ts'
import { LEAST_SEGMENT_BYTES, padToSector, SECTOR_BYTES } from '../format/descriptor.ts'
import type { SegmentRuns } from '../format/footer.ts'
import type { JournalId } from '../format/journal-id.ts'
import { encodeSegmentHeader, type KeyMark, type SegmentHeader, segmentHeaderBytes } from '../format/segment-header.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import { createSegment, type FirstBatches, type SegmentSource } from './create-segment.ts'
import { isFull, namingCause } from './directory.ts'

import { retireSegment } from './retire-segment.ts'
import { writeFooter } from './segment-index.ts'
import type { SpareSegments } from './spare-segments.ts'

/** Without a {@link SpareSegments}, so many old segments are kept for use again. */
const SPARES_KEPT = 2
/** A segment made on the journal's own thread is filled with zeros up to this size, and left sparse beyond it: quicker to make, slower to write. */
const ZEROED_INLINE_BYTES = 4 * 1024 ** 2

/** What a segment store starts from. */
export interface SegmentStoreState {
  readonly dir: string
  readonly segmentBytes: number
  /** Most bytes of a batch. */
  readonly maxBatchBytes: number
  readonly journalId: JournalId
  /** What new segments' batches are encrypted with. */
  readonly key: KeyMark | undefined
  readonly headers: readonly SegmentHeader[]
  /** Of the last segment. */
  readonly handle: number
  /** Where the next batch goes in it. */
  readonly offset: number
  /** Whether it ends with its footer: then it takes no more batches. */
  readonly sealed: boolean
  /** Numbers of files ready for use, when there is no {@link SpareSegments}. */
  readonly spares: readonly number[]
  readonly preparer: SpareSegments | undefined
  /** Told when a segment is full. */
  readonly keeper: SegmentKeeper | undefined
}

/** What a new segment starts with. */
export interface NewSegment {
  readonly firstLsn: number
  readonly epoch: number
  readonly logs: readonly LogSummary[]
  /** Whether everything before is known to be on stable storage. */
  readonly synced: boolean
  /** Bytes of the batches that are written before it gets its name. @default 0 */
  readonly firstBytes?: number
  /** Bytes of the footer that tells where the entries of those lie. @default 0 */
  readonly footerBytes?: number
  /** Number of a file that is ready for use. @default one of those that the store has, or its preparer */
  readonly spare?: number | undefined
}

/** A segment whose file is open. */
interface OpenSegment {
  readonly header: SegmentHeader
  readonly handle: number
}

/** The segments of one journal: the one that is written, those before it, and files kept for those to come. */
export class SegmentStore {
  readonly #files: Files
  readonly dir: string
  readonly journalId: JournalId
  readonly #segmentBytes: number
  readonly #maxBatchBytes: number
  readonly #key: KeyMark | undefined
  readonly #headers: SegmentHeader[]
  readonly #spares: number[]
  readonly #preparer: SpareSegments | undefined
  readonly #keeper: SegmentKeeper | undefined
  #nextSpare: number
  #current: SegmentHeader
  #handle: number
  #offset: number
  #sealed: boolean
  #freed: SegmentHeader[] = []
  /** What was handed to the preparer and may not be gone yet, oldest first. */
  #handedOver: SegmentHeader[] = []
  /** Segments that had to be made on the journal's own thread since it was opened: each stalls it. */
  madeInline = 0

  constructor(files: Files, state: SegmentStoreState) {
    this.#files = files
    this.dir = state.dir
    this.journalId = state.journalId
    this.#segmentBytes = state.segmentBytes
    this.#maxBatchBytes = state.maxBatchBytes
    this.#key = state.key
    this.#headers = [...state.headers]
    this.#current = this.#headers.at(-1) as SegmentHeader
    this.#handle = state.handle
    this.#offset = state.offset
    this.#sealed = state.sealed
    this.#spares = [...state.spares]
    this.#nextSpare = Math.max(0, ...state.spares) + 1
    this.#preparer = state.preparer
    this.#keeper = state.keeper
  }

  /** Segments that hold records, oldest first; the last one is being written. */
  get headers(): readonly SegmentHeader[] {
    return this.#headers
  }

  get current(): SegmentHeader {
    return this.#current
  }

  get handle(): number {
    return this.#handle
  }

  /** Where the next batch goes in the current segment. */
  get offset(): number {
    return this.#offset
  }

  /** Bytes of all files, spares included. */
  get bytesOnDisk(): number {
    const spares = this.#preparer?.ready ?? this.#spares.length
    const retiring = this.#preparer?.retiring ?? 0
    const handedOver = retiring === 0 ? [] : this.#handedOver.slice(-retiring)
    return [...this.#headers, ...this.#freed, ...handedOver].reduce((sum, header) => sum + header.bytes, spares * this.#segmentBytes)
  }

  /** Whether the current segment has no batch yet, and may have some. */
  get isFresh(): boolean {
    return !this.#sealed && this.#offset === this.#current.dataOffset
  }

  /** Whether a batch and the footer find room in the current segment. */
  hasRoom(bytes: number, footerBytes: number): boolean {
    return !this.#sealed && this.#offset + bytes + padToSector(footerBytes) <= this.#current.bytes
  }

  /** The next batch goes behind these bytes. */
  advance(bytes: number): void {
    this.#offset += bytes
  }

  /**
   * Ends the current segment, whose last record has LSN `firstLsn - 1`, with a footer, and starts the next one. What comes before is on stable storage
   * first, unless `firstBatches` writes what is not once more: then the old file is not touched before the new one is durable.
   */
  *roll(next: NewSegment, runs: readonly SegmentRuns[], firstBatches?: FirstBatches): FileTask<SegmentHeader> {
    const { firstLsn, synced, firstBytes = 0 } = next
    const old = this.#current
    const oldHandle = this.#handle
    const oldEnd = this.#offset
    if (!synced) yield* perform(this.#files, { operation: 'datasync', handle: oldHandle })
    // What is sealed stays as it is: it may be archived.
    if (firstBatches === undefined && !this.#sealed) yield* this.#seal(oldHandle, old, oldEnd, firstLsn - 1, runs)
    const { header, handle } = firstBatches === undefined ? yield* this.#make(next) : yield* this.#copy(next, firstBatches)
    if (firstBatches !== undefined) yield* this.#sealIfRoom(oldHandle, old, oldEnd, firstLsn - 1, runs)
    this.#headers.push(header)
    this.#current = header
    this.#sealed = false
    this.#handle = handle
    this.#offset = header.dataOffset + firstBytes
    yield* perform(this.#files, { operation: 'close', handle: oldHandle })
    this.#keeper?.sealed()
    return header
  }

  /** Takes the segments before `segment` out; {@link retire} takes them away. */
  free(segment: number): void {
    const count = this.#headers.findIndex(header => header.id >= segment)
    if (count > 0) this.#freed.push(...this.#headers.splice(0, count))
  }

  /** Whether {@link retire} has something to do. */
  get hasFreed(): boolean {
    return this.#freed.length > 0 || (this.#preparer !== undefined && this.#preparer.overdue !== 0)
  }

  /** Takes the oldest freed segment away, or has it taken away. */
  *retire(): FileTask<void> {
    if (this.#preparer !== undefined) return yield* this.#handOver(this.#preparer)
    const header = this.#freed[0]
    if (header === undefined) return
    const spare = this.#spares.length < SPARES_KEPT && header.bytes === this.#segmentBytes ? this.#nextSpare++ : undefined
    yield* retireSegment(this.#files, this.dir, header.id, spare)
    if (spare !== undefined) this.#spares.push(spare)
    this.#freed.shift()
  }

  /** What is overdue goes away altogether: the numbers of spares are the preparer's. */
  *#handOver(preparer: SpareSegments): FileTask<void> {
    const header = this.#freed.shift()
    if (header !== undefined) {
      preparer.retire(header.id)
      this.#handedOver.push(header)
    }
    const { overdue } = preparer
    if (overdue !== 0) {
      yield* retireSegment(this.#files, this.dir, overdue, undefined)
      preparer.retired(overdue)
    }
    this.#handedOver.splice(0, this.#handedOver.length - preparer.retiring)
  }

  /** Makes the segment after the current one. What is copied into it stays encrypted as it is. */
  *#make(next: NewSegment, firstBatches?: FirstBatches, bytes = this.#bytesFor(next)): FileTask<OpenSegment> {
    const { firstLsn, epoch, logs, spare } = next
    const { id, key } = this.#current
    const place = { journalId: this.journalId, id: id + 1, bytes, firstLsn, epoch, key: firstBatches === undefined ? this.#key : key }
    const encoded = encodeSegmentHeader(place, logs)
    const handle = yield* createSegment(this.#files, this.dir, encoded, this.#source(bytes, spare), firstBatches)
    return { header: encoded.header, handle }
  }

  /** Makes a segment for what has to be copied: where the disk has no room for more, as small as can be. @throws {DiskFullError} */
  *#copy(next: NewSegment, firstBatches: FirstBatches): FileTask<OpenSegment> {
    try {
      return yield* this.#make(next, firstBatches)
    } catch (error) {
      if (!isFull(error)) throw error
    }
    const leastBytes = leastFor(next)
    try {
      return yield* this.#make(next, firstBatches, leastBytes)
    } catch (error) {
      throw namingCause(this.dir, error, leastBytes)
    }
  }

  /** Writes the footer of the current segment though none comes after it: it proves that everything up to `lastLsn`, which is synced, was durable. */
  *seal(lastLsn: number, runs: readonly SegmentRuns[]): FileTask<void> {
    if (this.#sealed) return
    yield* this.#seal(this.#handle, this.#current, this.#offset, lastLsn, runs)
    this.#sealed = true
  }

  /** Lets go of the current segment's file. */
  *close(): FileTask<void> {
    yield* perform(this.#files, { operation: 'close', handle: this.#handle })
  }

  *#seal(handle: number, header: SegmentHeader, end: number, lastLsn: number, runs: readonly SegmentRuns[]): FileTask<void> {
    yield* writeFooter(this.#files, handle, header, end, lastLsn, runs)
    yield* perform(this.#files, { operation: 'datasync', handle })
  }

  /** A footer saves time at the next opening: where the disk has no room for it, it does without. */
  *#sealIfRoom(handle: number, header: SegmentHeader, end: number, lastLsn: number, runs: readonly SegmentRuns[]): FileTask<void> {
    try {
      yield* this.#seal(handle, header, end, lastLsn, runs)
    } catch (error) {
      if (!isFull(error)) throw error
    }
  }

  /** Room for the header, what is copied out of the old segment, any one batch, and a footer. */
  #bytesFor({ logs, firstBytes = 0 }: NewSegment): number {
    const needed = segmentHeaderBytes(logs) + firstBytes + this.#maxBatchBytes + SECTOR_BYTES
    return Math.max(this.#segmentBytes, needed)
  }

  #source(bytes: number, ready: number | undefined): SegmentSource {
    if (bytes === this.#segmentBytes) {
      const spare = ready ?? (this.#preparer === undefined ? this.#spares.shift() : this.#preparer.take())
      if (spare !== undefined) return { spare }
    }
    this.madeInline++
    return { make: bytes <= ZEROED_INLINE_BYTES ? 'zeros' : 'sparse' }
  }
}

/** Room for the header, what is copied, a mark behind it, which proves it, and the footer. */
function leastFor({ logs, firstBytes = 0, footerBytes = 0 }: NewSegment): number {
  return Math.max(LEAST_SEGMENT_BYTES, segmentHeaderBytes(logs) + firstBytes + SECTOR_BYTES + padToSector(footerBytes))
}
