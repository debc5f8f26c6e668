/*
 * Where everything lies in a batch of frames. FORMAT.md says the same to people. All numbers are little-endian and unsigned.
 *
 *   0      2      3      4              8              12             16             20             24
 *   +------+------+------+--------------+--------------+--------------+--------------+--------------+-- - - - --+
 *   | DX   | ver. | comp.| body bytes   | plain bytes  | frames       | CRC 0..15    | CRC body     | body      |
 *   +------+------+------+--------------+--------------+--------------+--------------+--------------+-- - - - --+
 *
 * The body, after decompression, is frames one after another:
 *
 *   0              4        6      7      8                           8 or 33
 *   +--------------+--------+------+------+---------------------------+-- - - - - - --+
 *   | length       | type   | flags| form | trace context, if form & 1| payload       |
 *   +--------------+--------+------+------+---------------------------+-- - - - - - --+
 */

/** The bytes `DX`, as a number of 16 bits. */
export const MAGIC = 0x5844
/** The only format version there is. */
export const FORMAT_VERSION = 1

/** Bytes of a batch's header. */
export const BATCH_HEADER_BYTES = 24
export const BATCH_VERSION = 2
export const BATCH_COMPRESSION = 3
export const BATCH_BODY_BYTES = 4
export const BATCH_PLAIN_BYTES = 8
export const BATCH_FRAMES = 12
/** CRC-32 of what lies before it. */
export const BATCH_HEADER_CRC = 16
/** CRC-32 of the body as it is sent, continued from the CRC of the header: a body belongs to its header. */
export const BATCH_BODY_CRC = 20

/** Bytes of a frame without its trace context and its payload. */
export const FRAME_HEADER_BYTES = 8
export const FRAME_TYPE = 4
export const FRAME_FLAGS = 6
export const FRAME_FORM = 7
/** The bit of a frame's form that says: a trace context follows the header. The others mean nothing yet, and are refused. */
export const FORM_TRACE = 1

/** Bytes of a trace context: trace id 16, span id 8, flags 1, as W3C Trace Context has them. */
export const TRACE_BYTES = 25
/** The most that a frame takes beside its payload. */
export const FRAME_OVERHEAD_BYTES = FRAME_HEADER_BYTES + TRACE_BYTES

/** A number of 32 bits at a byte of any alignment. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0
  )
}

/** A number of 16 bits at a byte of any alignment. */
export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
}

/** Writes a number of 32 bits. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

/** Writes a number of 16 bits. */
export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
}
