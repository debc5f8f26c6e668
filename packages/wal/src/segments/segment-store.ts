import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import type { JournalId } from '../format/journal-id.ts'
import type { LogStart, SegmentHeader } from '../format/segment-header.ts'
import type { LogTable } from '../journal/log-table.ts'
import { createSegment, type SegmentSource } from './create-segment.ts'
import { retireSegment } from './retire-segment.ts'
import type { SpareSegments } from './spare-segments.ts'

/** Without a {@link SpareSegments}, so many old segments are kept for use again. */
const SPARES_KEPT = 2
/** A segment made on the journal's own thread is filled with zeros up to this size, and left sparse beyond it: quicker to make, slower to write. */
const ZEROED_INLINE_BYTES = 4 * 1024 ** 2

/** What a segment store starts from. */
export interface SegmentStoreState {
  readonly dir: string
  readonly segmentBytes: number
  readonly journalId: JournalId
  readonly headers: readonly SegmentHeader[]
  /** Of the last segment. */
  readonly handle: number
  /** Where the next batch goes in it. */
  readonly offset: number
  /** Numbers of files ready for use, when there is no {@link SpareSegments}. */
  readonly spares: readonly number[]
  readonly preparer: SpareSegments | undefined
}

/** The segments of one journal: the one that is written, those before it, and files kept for those to come. */
export class SegmentStore {
  readonly #files: Files
  readonly dir: string
  readonly journalId: JournalId
  readonly #segmentBytes: number
  readonly #headers: SegmentHeader[]
  readonly #spares: number[]
  readonly #preparer: SpareSegments | undefined
  #nextSpare: number
  #current: SegmentHeader
  #handle: number
  #offset: number
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
    this.#headers = [...state.headers]
    this.#current = this.#headers.at(-1) as SegmentHeader
    this.#handle = state.handle
    this.#offset = state.offset
    this.#spares = [...state.spares]
    this.#nextSpare = Math.max(0, ...state.spares) + 1
    this.#preparer = state.preparer
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

  hasRoom(bytes: number): boolean {
    return this.#offset + bytes <= this.#current.bytes
  }

  /** The next batch goes behind these bytes. */
  advance(bytes: number): void {
    this.#offset += bytes
  }

  /** Starts the next segment. Everything before `firstLsn` must be on stable storage. */
  *roll(firstLsn: number, epoch: number, logs: readonly LogStart[]): FileTask<void> {
    const id = this.#current.id + 1
    const header = { journalId: this.journalId, id, bytes: this.#segmentBytes, firstLsn, epoch, logs }
    const handle = yield* createSegment(this.#files, this.dir, header, this.#source())
    const old = this.#handle
    this.#headers.push(header)
    this.#current = header
    this.#handle = handle
    this.#offset = SECTOR_BYTES
    yield* perform(this.#files, { operation: 'close', handle: old })
  }

  /** Finds the segments that no log needs any more; {@link retire} takes them away. */
  free(logs: LogTable): void {
    let count = 0
    while (count + 1 < this.#headers.length && isFree(this.#headers[count + 1] as SegmentHeader, logs)) count++
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

  /** Lets go of the current segment's file. */
  *close(): FileTask<void> {
    yield* perform(this.#files, { operation: 'close', handle: this.#handle })
  }

  #source(): SegmentSource {
    const spare = this.#preparer === undefined ? this.#spares.shift() : this.#preparer.take()
    if (spare !== undefined) return { spare }
    this.madeInline++
    return { make: this.#segmentBytes <= ZEROED_INLINE_BYTES ? 'zeros' : 'sparse' }
  }
}

/** Whether everything before a segment was released. */
function isFree(next: SegmentHeader, logs: LogTable): boolean {
  return next.logs.every(log => log.lastIndex <= (logs.find(log.logId)?.releasedIndex ?? 0))
}
