import { crc32 } from '@disruptorx/contracts/internal'
import {
  BATCH_BODY_BYTES,
  BATCH_BODY_CRC,
  BATCH_COMPRESSION,
  BATCH_FRAMES,
  BATCH_HEADER_BYTES,
  BATCH_HEADER_CRC,
  BATCH_PLAIN_BYTES,
  BATCH_VERSION,
  FORMAT_VERSION,
  FRAME_HEADER_BYTES,
  MAGIC,
  readU16,
  readU32,
  writeU16,
  writeU32,
} from './descriptor.ts'
import { FrameDataError, FrameSizeError, FrameVersionError } from './errors.ts'
import type { ResolvedFrameLimits } from './limits.ts'

/** What the header of a batch says. */
export interface BatchHeader {
  /** How the body is compressed; 0 when it is not. */
  compression: number
  /** Bytes of the body as it is sent. */
  bodyBytes: number
  /** Bytes of the frames after decompression. */
  plainBytes: number
  /** Number of frames, at least 1. */
  frames: number
  /** CRC of the header itself, with which that of the body begins. */
  crc: number
}

/** A header to read into. */
export function emptyBatchHeader(): BatchHeader {
  return { compression: 0, bodyBytes: 0, plainBytes: 0, frames: 0, crc: 0 }
}

/** Writes a header in front of a body that is there already. */
export function writeBatchHeader(bytes: Uint8Array, at: number, header: Omit<BatchHeader, 'crc'>): void {
  writeU16(bytes, at, MAGIC)
  bytes[at + BATCH_VERSION] = FORMAT_VERSION
  bytes[at + BATCH_COMPRESSION] = header.compression
  writeU32(bytes, at + BATCH_BODY_BYTES, header.bodyBytes)
  writeU32(bytes, at + BATCH_PLAIN_BYTES, header.plainBytes)
  writeU32(bytes, at + BATCH_FRAMES, header.frames)
  const crc = crc32(bytes, at, BATCH_HEADER_CRC)
  writeU32(bytes, at + BATCH_HEADER_CRC, crc)
  writeU32(bytes, at + BATCH_BODY_CRC, crc32(bytes, at + BATCH_HEADER_BYTES, header.bodyBytes, crc))
}

/**
 * Reads a header of which all 24 bytes are there, and holds it to the limits. After it, its lengths are worth waiting for.
 *
 * @param position of the header in its stream, for messages
 * @throws {FrameDataError | FrameVersionError | FrameSizeError}
 */
export function readBatchHeader(bytes: Uint8Array, at: number, into: BatchHeader, limits: ResolvedFrameLimits, position: number): void {
  if (readU16(bytes, at) !== MAGIC) throw new FrameDataError(position, 'no batch of frames begins here')
  const crc = crc32(bytes, at, BATCH_HEADER_CRC)
  if (readU32(bytes, at + BATCH_HEADER_CRC) !== crc) throw new FrameDataError(position, 'the header of a batch is damaged')
  const version = bytes[at + BATCH_VERSION] as number
  if (version !== FORMAT_VERSION) throw new FrameVersionError(version, FORMAT_VERSION)
  into.compression = bytes[at + BATCH_COMPRESSION] as number
  into.bodyBytes = readU32(bytes, at + BATCH_BODY_BYTES)
  into.plainBytes = readU32(bytes, at + BATCH_PLAIN_BYTES)
  into.frames = readU32(bytes, at + BATCH_FRAMES)
  into.crc = crc
  if (into.plainBytes > limits.maxBatchBytes)
    throw new FrameSizeError('a batch in bytes', into.plainBytes, limits.maxBatchBytes, 'maxBatchBytes')
  if (into.frames > limits.maxFrames)
    throw new FrameSizeError('the number of frames of a batch', into.frames, limits.maxFrames, 'maxFrames')
  checkSense(into, position)
}

/** What no writer sends: no frames, more frames than bytes, compression that makes nothing smaller. */
function checkSense(header: BatchHeader, position: number): void {
  const { compression, bodyBytes, plainBytes, frames } = header
  if (frames === 0 || frames * FRAME_HEADER_BYTES > plainBytes)
    throw new FrameDataError(position, `a batch of ${frames} frames in ${plainBytes} bytes`)
  if (compression === 0 ? bodyBytes !== plainBytes : bodyBytes >= plainBytes || bodyBytes === 0)
    throw new FrameDataError(position, `a body of ${bodyBytes} bytes for ${plainBytes} bytes of frames, with compression ${compression}`)
}

/** Whether a body is the one that its header was written for. */
export function isBodyWhole(bytes: Uint8Array, at: number, header: BatchHeader): boolean {
  return readU32(bytes, at + BATCH_BODY_CRC) === crc32(bytes, at + BATCH_HEADER_BYTES, header.bodyBytes, header.crc)
}
