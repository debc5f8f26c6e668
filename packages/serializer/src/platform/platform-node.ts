import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Quick, and most of what there is to gain in small records of one shape. */
const LEVEL = 1
/** Output is gathered in pieces of this size, or of what is expected where that is less. */
const PIECE_BYTES = 2 ** 16
/** The smallest piece that zlib takes. */
const LEAST_PIECE_BYTES = 64

/** Raw deflate (RFC 1951). */
export function deflate(plain: Uint8Array): Uint8Array {
  return deflateRawSync(plain, { level: LEVEL })
}

/** What {@link deflate} was given; it stops beyond `plainBytes`. @throws when the bytes are none, or give more */
export function inflate(packed: Uint8Array, plainBytes: number): Uint8Array {
  const chunkSize = Math.max(LEAST_PIECE_BYTES, Math.min(PIECE_BYTES, plainBytes))
  return inflateRawSync(packed, { maxOutputLength: plainBytes, chunkSize })
}
