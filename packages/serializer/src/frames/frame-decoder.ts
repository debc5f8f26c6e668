import { ClosedError, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { isShared } from '../bounds.ts'
import type { Compressor } from '../compression/compressor.ts'
import { type BatchHeader, emptyBatchHeader, isBodyWhole, readBatchHeader } from './batch-header.ts'
import {
  BATCH_HEADER_BYTES,
  FORM_TRACE,
  FRAME_FLAGS,
  FRAME_FORM,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  readU16,
  readU32,
  TRACE_BYTES,
} from './descriptor.ts'
import { FrameCompressionError, FrameDataError, FrameReentryError, FrameSizeError } from './errors.ts'
import { type Frame, FrameView } from './frame.ts'
import { type FrameLimits, type ResolvedFrameLimits, resolveFrameLimits } from './limits.ts'
import { PartialBatch } from './partial-batch.ts'

/** How a {@link FrameDecoder} reads. */
export interface FrameDecoderOptions extends FrameLimits {
  /** Ways in which the other end may compress, each safe on bytes from anybody. @default none */
  readonly compressors?: readonly Compressor[]
}

/**
 * Reads batches of frames from a stream that comes in chunks of any size, cut anywhere.
 *
 * A batch that lies in one chunk is read where it is. Of others the unfinished part is kept, in memory that grows with what has arrived, to at
 * most twice that, and never more than a batch may have. Frames are handed over after the CRC of their batch was found right.
 * After an error nothing more is read: close the connection.
 */
export class FrameDecoder {
  // Plain `private`: V8 takes a field that the constructor sets once for a constant. Benchmark `bytes` (frame.*) guards what is marked hot.
  private readonly onFrame: (frame: Frame) => void
  private readonly limits: ResolvedFrameLimits
  private readonly compressors: ReadonlyMap<number, Compressor>
  private readonly header: BatchHeader = emptyBatchHeader()
  private readonly frame = new FrameView()
  private readonly partial = new PartialBatch()
  /** Bytes of the stream before the batch that is being read. */
  private position = 0
  private isBusy = false
  private isClosed = false
  private failure: unknown

  /** @throws {OptionError} */
  constructor(onFrame: (frame: Frame) => void, options: FrameDecoderOptions = {}) {
    if (typeof onFrame !== 'function') throw new OptionError('onFrame', typeof onFrame, 'a function')
    this.onFrame = onFrame
    this.limits = resolveFrameLimits(options)
    this.compressors = new Map((options.compressors ?? []).map(compressor => [checkId(compressor), compressor]))
  }

  /** Bytes of an unfinished batch. Where they stay for long, the other end is stuck or plays with us. */
  get pendingBytes(): number {
    return this.partial.bytes
  }

  /** Bytes of memory held, in which {@link pendingBytes} lie. */
  get heldBytes(): number {
    return this.partial.memory.length
  }

  /**
   * Takes the next bytes of the stream, and calls the listener with each frame that is complete before it returns. The chunk is yours again
   * then. What the listener throws comes out here, and ends the decoder too.
   *
   * @throws {FrameDataError | FrameSizeError | FrameVersionError | FrameCompressionError} and the same again whenever it is called later
   * @throws {ClosedError} after {@link close}
   */
  push(chunk: Uint8Array): void {
    if (this.isBusy || this.isClosed) this.refusePush()
    this.isBusy = true
    try {
      // Another thread could change shared memory between a check and a use.
      this.read(isShared(chunk) ? new Uint8Array(chunk) : chunk)
    } catch (error) {
      this.failure = error
      this.close()
      throw error
    } finally {
      this.isBusy = false
      this.frame.clear()
    }
  }

  /** Says that the stream has ended. @throws {FrameDataError} within a batch */
  end(): void {
    const { bytes } = this.partial
    this.close()
    if (bytes > 0) throw new FrameDataError(this.position + bytes, 'the stream ends within a batch')
  }

  /** Reads nothing more and lets go of all memory. The listener may call it. */
  close(): void {
    this.isClosed = true
    this.partial.release()
  }

  private read(chunk: Uint8Array): void {
    let at = 0
    if (this.partial.bytes > 0) at = this.finishPartial(chunk)
    else this.partial.noteUnused()
    let needed = BATCH_HEADER_BYTES
    while (!this.isClosed && chunk.length - at >= BATCH_HEADER_BYTES) {
      readBatchHeader(chunk, at, this.header, this.limits, this.position)
      needed = BATCH_HEADER_BYTES + this.header.bodyBytes
      if (chunk.length - at < needed) break
      this.readBatch(chunk, at)
      at += needed
      this.position += needed
      needed = BATCH_HEADER_BYTES
    }
    if (!this.isClosed && at < chunk.length) this.partial.add(chunk, at, chunk.length - at, needed)
  }

  /** Completes the batch that began in earlier chunks, as far as this one goes. Returns where the rest of the chunk begins. */
  private finishPartial(chunk: Uint8Array): number {
    const { partial, header } = this
    let at = 0
    for (;;) {
      const hasHeader = partial.bytes >= BATCH_HEADER_BYTES
      const needed = hasHeader ? BATCH_HEADER_BYTES + header.bodyBytes : BATCH_HEADER_BYTES
      const length = Math.min(needed - partial.bytes, chunk.length - at)
      partial.add(chunk, at, length, needed)
      at += length
      if (partial.bytes < needed) return at
      if (hasHeader) {
        this.readBatch(partial.memory, 0)
        this.position += needed
        partial.clear()
        return at
      }
      readBatchHeader(partial.memory, 0, header, this.limits, this.position)
    }
  }

  private readBatch(memory: Uint8Array, at: number): void {
    const { header } = this
    if (!isBodyWhole(memory, at, header)) throw new FrameDataError(this.position, 'the body of a batch is damaged')
    if (header.compression === 0) this.deliver(memory, at + BATCH_HEADER_BYTES)
    else this.deliver(this.decompress(memory, at + BATCH_HEADER_BYTES), 0)
  }

  // Hot: no allocation; one call of the listener per frame.
  private deliver(source: Uint8Array, start: number): void {
    const { frame, onFrame, header, limits } = this
    const end = start + header.plainBytes
    let at = start
    for (let left = header.frames; left > 0; left--) {
      if (end - at < FRAME_HEADER_BYTES) this.refuseFrame(left, 'the batch ends before it')
      const length = readU32(source, at)
      const form = source[at + FRAME_FORM] as number
      if (form > FORM_TRACE) this.refuseFrame(left, `it has form ${form}, and only 0 and ${FORM_TRACE} are known`)
      if (length > limits.maxFrameBytes)
        throw new FrameSizeError("a frame's payload in bytes", length, limits.maxFrameBytes, 'maxFrameBytes')
      const offset = form === FORM_TRACE ? at + FRAME_HEADER_BYTES + TRACE_BYTES : at + FRAME_HEADER_BYTES
      const next = offset + length
      if (left > 1 ? next > end : next !== end) this.refuseFrame(left, `its ${length} bytes do not end where the batch does`)
      frame.type = readU16(source, at + FRAME_TYPE)
      frame.flags = source[at + FRAME_FLAGS] as number
      frame.source = source
      frame.offset = offset
      frame.length = length
      frame.traceOffset = form === FORM_TRACE ? at + FRAME_HEADER_BYTES : -1
      frame.endOfBatch = left === 1
      onFrame(frame)
      if (this.isClosed) return
      at = next
    }
  }

  private decompress(memory: Uint8Array, at: number): Uint8Array {
    const { compression, bodyBytes, plainBytes } = this.header
    const compressor = this.compressors.get(compression)
    if (compressor === undefined) {
      const known = [...this.compressors.values()].map(({ id, name }) => `${id} (${name})`)
      throw new FrameCompressionError(compression, known.join(', ') || 'none')
    }
    const plain = compressor.decompress(memory.subarray(at, at + bodyBytes), plainBytes)
    if (plain?.length === plainBytes) return plain
    throw new FrameDataError(this.position, `the body of a batch is no ${plainBytes} bytes compressed by ${compressor.name}`)
  }

  private refuseFrame(left: number, reason: string): never {
    const { frames } = this.header
    throw new FrameDataError(this.position, `frame ${frames - left + 1} of the ${frames} of a batch: ${reason}`)
  }

  private refusePush(): never {
    if (this.isBusy) throw new FrameReentryError()
    throw this.failure ?? new ClosedError('the frame decoder')
  }
}

function checkId({ id }: Compressor): number {
  return wholeNumber('the id of a compressor', id, 1, 255)
}
