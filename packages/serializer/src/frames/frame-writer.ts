import { type Codec, isDisruptorError, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import type { BatchCompression } from '../compression/batch-compression.ts'
import { CodecValueError } from '../errors.ts'
import { writeBatchHeader } from './batch-header.ts'
import {
  BATCH_HEADER_BYTES,
  FORM_TRACE,
  FRAME_FLAGS,
  FRAME_FORM,
  FRAME_HEADER_BYTES,
  FRAME_OVERHEAD_BYTES,
  FRAME_TYPE,
  TRACE_BYTES,
  writeU16,
  writeU32,
} from './descriptor.ts'
import { FrameSizeError } from './errors.ts'
import { FrameBuffers, noBytes } from './frame-buffers.ts'
import { type FrameLimits, resolveFrameLimits } from './limits.ts'

/** How a {@link FrameWriter} writes. */
export interface FrameWriterOptions extends FrameLimits {
  /** A batch that has reached this size takes no further frame: 64 to `maxBatchBytes`, in bytes. @default 64 KiB */
  readonly batchBytes?: number
  /** Bound of what is gathered until the next {@link FrameWriter.take}: from `maxBatchBytes + 24` to 2^30 bytes. @default 4 MiB, or that */
  readonly maxBufferBytes?: number
  /** Makes batches smaller where that pays, in ways that the other end knows. @default none */
  readonly compression?: BatchCompression | undefined
}

/** Room that is made for a value before it is known how much it takes. */
const FIRST_ROOM_BYTES = 256

/**
 * Gathers frames as batches in one buffer, for one write to a socket per turn.
 *
 * A payload is copied once, or encoded in place. The buffer grows up to `maxBufferBytes` and is handed out by {@link take}; give it back
 * with {@link recycle} when the socket is done with it, and the writer allocates nothing but a view per turn.
 */
export class FrameWriter {
  // Plain `private`: V8 takes a field that the constructor sets once for a constant. Benchmark `bytes` (frame.*) guards what is marked hot.
  private readonly maxFrameBytes: number
  private readonly maxBatchBytes: number
  private readonly maxFrames: number
  private readonly batchBytes: number
  private readonly buffers: FrameBuffers
  private readonly compression: BatchCompression | undefined
  private bytes: Uint8Array<ArrayBuffer> = noBytes
  private end = 0
  /** Where the open batch begins. */
  private batch = 0
  /** Frames of the open batch. 0: none is open. */
  private frames = 0

  /** @throws {OptionError} */
  constructor(options: FrameWriterOptions = {}) {
    const { maxFrameBytes, maxBatchBytes, maxFrames } = resolveFrameLimits(options)
    this.maxFrameBytes = maxFrameBytes
    this.maxBatchBytes = maxBatchBytes
    this.maxFrames = maxFrames
    this.batchBytes = wholeNumber('batchBytes', options.batchBytes ?? Math.min(2 ** 16, maxBatchBytes), 64, maxBatchBytes)
    const least = maxBatchBytes + BATCH_HEADER_BYTES
    this.buffers = new FrameBuffers(wholeNumber('maxBufferBytes', options.maxBufferBytes ?? Math.max(2 ** 22, least), least, 2 ** 30))
    this.compression = options.compression
  }

  /** Bytes gathered since the last {@link take}: what it would return, but for the compression of the last batch. */
  get pendingBytes(): number {
    return this.end
  }

  /** The memory in which {@link reserve} gave an offset. After any other call it may be another one. */
  get target(): Uint8Array {
    return this.bytes
  }

  // Hot: one copy, no allocation.
  /**
   * Appends a frame with a copy of the payload. False when the buffer is full: nothing was taken; send what {@link take} gives, then repeat.
   *
   * @param type 0 to 65,535
   * @param flags 0 to 255: eight bits for your own use
   * @param trace a trace context of 25 bytes
   * @throws {FrameSizeError} when the payload is larger than `maxFrameBytes`
   * @throws {OptionError} for a type, flags or trace that cannot be, or a payload that is no bytes
   */
  append(type: number, flags: number, payload: Uint8Array, trace?: Uint8Array): boolean {
    if (!(payload instanceof Uint8Array)) refuseBytes(payload)
    const at = this.reserve(type, flags, payload.length, trace)
    if (at < 0) return false
    this.bytes.set(payload, at)
    return true
  }

  // Hot: no allocation.
  /**
   * Appends a frame whose `length` bytes you fill in, all of them, before you call anything else: they begin in {@link target} at the offset
   * that this returns. What you leave out, the other end gets from an earlier frame. -1 when the buffer is full.
   *
   * @throws as {@link append}
   */
  reserve(type: number, flags: number, length: number, trace?: Uint8Array): number {
    if (length >>> 0 !== length || length > this.maxFrameBytes) this.refuseLength(length)
    if ((type & 0xffff) !== type || (flags & 0xff) !== flags) refuseHead(type, flags)
    const head = this.open(trace === undefined ? FRAME_HEADER_BYTES + length : FRAME_OVERHEAD_BYTES + length)
    return head < 0 ? -1 : this.commit(head, type, flags, length, trace)
  }

  // Hot where the codec has `fixedBytes`: encoded in place, no allocation.
  /**
   * Appends a value, encoded in place. False when the buffer is full: nothing was taken.
   *
   * @throws what the codec throws, and as {@link append}; nothing was taken then either
   */
  encode<T>(type: number, flags: number, codec: Codec<T>, value: T, trace?: Uint8Array): boolean {
    if ((type & 0xffff) !== type || (flags & 0xff) !== flags) refuseHead(type, flags)
    const fixed = codec.fixedBytes
    if (fixed === undefined) return this.encodeAny(type, flags, codec, value, trace)
    if (fixed > this.maxFrameBytes) this.refuseLength(fixed)
    const overhead = trace === undefined ? FRAME_HEADER_BYTES : FRAME_OVERHEAD_BYTES
    const head = this.open(overhead + fixed)
    if (head < 0) return false
    const length = codec.encode(value, this.bytes, head + overhead)
    if (length !== fixed) refuseSize(codec.name, length, fixed)
    this.commit(head, type, flags, length, trace)
    return true
  }

  /**
   * Ends the batch and lends everything gathered: whole batches, ready to be sent. Empty when there is nothing.
   *
   * The memory is yours until you give it back with {@link recycle}. Without that it is garbage when you let go of it.
   */
  take(): Uint8Array {
    if (this.frames > 0) this.closeBatch()
    const used = this.end
    if (used === 0) return noBytes
    const lent = this.buffers.lend(this.bytes, used)
    this.bytes = noBytes
    this.end = 0
    return lent
  }

  /** Gives memory back that {@link take} lent, once nobody reads it any more. Other memory is left alone. */
  recycle(bytes: Uint8Array): void {
    this.buffers.recycle(bytes)
  }

  /** Makes room for a frame of `needed` bytes with its head, in a batch that may take it. Returns where the head goes; -1 when full. */
  private open(needed: number): number {
    const mustClose = this.frames > 0 && this.mustClose(needed)
    const head = this.frames > 0 && !mustClose ? this.end : this.end + BATCH_HEADER_BYTES
    if (head + needed > this.bytes.length && !this.grow(head + needed)) return -1
    if (!mustClose) return head
    this.closeBatch()
    return this.end + BATCH_HEADER_BYTES
  }

  private mustClose(needed: number): boolean {
    const plain = this.end - this.batch - BATCH_HEADER_BYTES
    return plain >= this.batchBytes || plain + needed > this.maxBatchBytes || this.frames >= this.maxFrames
  }

  private grow(needed: number): boolean {
    const grown = this.buffers.grow(this.bytes, this.end, needed)
    if (grown === undefined) return false
    this.bytes = grown
    return true
  }

  /** Writes the head of a frame and counts it. Returns where its payload goes. */
  private commit(head: number, type: number, flags: number, length: number, trace: Uint8Array | undefined): number {
    const { bytes } = this
    const at = trace === undefined ? head + FRAME_HEADER_BYTES : this.writeTrace(head, trace)
    writeU32(bytes, head, length)
    writeU16(bytes, head + FRAME_TYPE, type)
    bytes[head + FRAME_FLAGS] = flags
    bytes[head + FRAME_FORM] = trace === undefined ? 0 : FORM_TRACE
    if (this.frames === 0) this.batch = this.end
    this.frames++
    this.end = at + length
    return at
  }

  private writeTrace(head: number, trace: Uint8Array): number {
    if (trace.length !== TRACE_BYTES) throw new OptionError('trace', `${trace.length} bytes`, `${TRACE_BYTES} bytes`)
    this.bytes.set(trace, head + FRAME_HEADER_BYTES)
    return head + FRAME_OVERHEAD_BYTES
  }

  private closeBatch(): void {
    const { bytes, batch, frames } = this
    const body = batch + BATCH_HEADER_BYTES
    const plainBytes = this.end - body
    const packed = this.compression?.compress(bytes.subarray(body, this.end))
    let compression = 0
    if (packed !== undefined && packed.length < plainBytes) {
      bytes.set(packed, body)
      this.end = body + packed.length
      compression = this.compression?.id ?? 0
    }
    writeBatchHeader(bytes, batch, { compression, bodyBytes: this.end - body, plainBytes, frames })
    this.frames = 0
  }

  /** Encodes a value of unknown size: tries, and makes the room that the codec asks for. */
  private encodeAny<T>(type: number, flags: number, codec: Codec<T>, value: T, trace: Uint8Array | undefined): boolean {
    const overhead = trace === undefined ? FRAME_HEADER_BYTES : FRAME_OVERHEAD_BYTES
    for (let room = Math.min(FIRST_ROOM_BYTES, this.maxFrameBytes); ; ) {
      const head = this.open(overhead + room)
      if (head < 0) return false
      const length = encodeAt(codec, value, this.bytes, head + overhead, this.maxFrameBytes)
      const isWritten = length <= this.bytes.length - head - overhead
      if (length > this.maxFrameBytes) this.refuseLength(length)
      if (isWritten && (this.frames === 0 || !this.mustClose(overhead + length))) {
        this.commit(head, type, flags, length, trace)
        return true
      }
      room = length
    }
  }

  private refuseLength(length: number): never {
    if (Number.isSafeInteger(length) && length >= 0)
      throw new FrameSizeError("a frame's payload in bytes", length, this.maxFrameBytes, 'maxFrameBytes')
    throw new OptionError('length', length, `a whole number from 0 to ${this.maxFrameBytes}`)
  }
}

/** Encodes, and returns how many bytes that took; or, where there is too little room, how many it needs or may be tried with next. */
function encodeAt<T>(codec: Codec<T>, value: T, bytes: Uint8Array, at: number, most: number): number {
  try {
    const length = codec.encode(value, bytes, at)
    if (!(Number.isSafeInteger(length) && length >= 0)) refuseSize(codec.name, length, undefined)
    return length
  } catch (error) {
    if (!isDisruptorError(error, 'DX_CODEC_SPACE')) throw error
    const room = bytes.length - at
    const { needed } = error.details
    if (typeof needed === 'number' && needed > room) return needed
    return room >= most ? room + 1 : Math.min(most, room * 2)
  }
}

function refuseBytes(payload: unknown): never {
  throw new OptionError('payload', typeof payload, 'a Uint8Array; encode() takes values')
}

function refuseHead(type: number, flags: number): never {
  if ((type & 0xffff) !== type) throw new OptionError('type', type, 'a whole number from 0 to 65535')
  throw new OptionError('flags', flags, 'a whole number from 0 to 255')
}

function refuseSize(codec: string, length: number, fixed: number | undefined): never {
  const promise = fixed === undefined ? 'which is no size' : `and the codec says that every value takes ${fixed}`
  throw new CodecValueError(codec, 'the value', `took ${length} bytes, ${promise}`)
}
