import type { Files } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { BatchHeader, bodyIsGood, decodeBatchHeader, type HeaderFinding } from '../format/batch-header.ts'
import { BodyReader } from '../format/body-reader.ts'
import { BATCH_HEADER_BYTES } from '../format/descriptor.ts'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { FileWindow } from './window.ts'

/** Reads batches of one segment. */
export class BatchSource {
  readonly segment: SegmentHeader
  readonly window: FileWindow
  /** What {@link headerAt} found. */
  readonly header = new BatchHeader()
  /** The records of what {@link bodyAt} found. */
  readonly body: BodyReader
  readonly #place
  /** The window's count when {@link headerAt} looked. */
  #load = 0
  /** What the disk said, when the last look found something that it cannot read: that may be damage, or pass. */
  fault: Error | undefined

  /** @throws {KeyError} the segment is encrypted with a key that is not among these */
  constructor(files: Files, handle: number, segment: SegmentHeader, keys: Keys) {
    this.segment = segment
    this.window = new FileWindow(files, handle, segment.bytes)
    this.body = new BodyReader(keys.forSegment(segment))
    this.#place = { journalId: segment.journalId, segment: segment.id, segmentBytes: segment.bytes }
  }

  /** Reads the header at an offset; one that the disk cannot read is damaged. @throws {FormatTooNewError} */
  *headerAt(offset: number): FileTask<HeaderFinding> {
    const at = yield* this.window.need(offset, BATCH_HEADER_BYTES)
    this.#load = this.window.loads
    if (!this.#canRead(offset, BATCH_HEADER_BYTES)) return 'damaged'
    return decodeBatchHeader(this.window.view, at, offset, this.#place, this.header)
  }

  /** Reads the whole batch whose header {@link headerAt} found. Whether its body can be read, and is the one that was written. */
  *bodyAt(offset: number): FileTask<boolean> {
    const { crc, paddedBytes } = this.header
    const at = yield* this.window.need(offset, paddedBytes)
    if (!this.#canRead(offset, paddedBytes)) return false
    // A disk need not show the same twice: where it had to be read anew, the header has to be the one that was found.
    if (this.window.loads !== this.#load && ((yield* this.headerAt(offset)) !== 'batch' || this.header.crc !== crc)) return false
    return bodyIsGood(this.window.bytes, this.window.view, at, this.header)
  }

  #canRead(offset: number, length: number): boolean {
    this.fault = this.window.isReadable(offset, length) ? undefined : this.window.fault
    // The next look is to ask the disk again.
    if (this.fault !== undefined) this.window.forget()
    return this.fault === undefined
  }

  /** Makes the records of a good body readable in {@link body}. False when they cannot be made from it. */
  *open(offset: number): FileTask<boolean> {
    const at = yield* this.window.need(offset, this.header.paddedBytes)
    return this.body.open(this.window.bytes, this.window.view, at, this.header)
  }

  /** A copy of the whole batch whose header {@link headerAt} found. */
  *copyAt(offset: number): FileTask<Uint8Array> {
    const { paddedBytes } = this.header
    const at = yield* this.window.need(offset, paddedBytes)
    return this.window.bytes.slice(at, at + paddedBytes)
  }
}
