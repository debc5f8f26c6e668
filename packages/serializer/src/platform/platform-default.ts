import { deflateSync, Inflate } from 'fflate/browser'

const LEVEL = 1
/** A byte of deflate gives up to 1,032: pieces are small, so that bytes that give too much are found out early. */
const LEAST_PIECE_BYTES = 64
const MOST_PIECE_BYTES = 1024
/** Of as many bytes as shall come out, one goes in at a time: what is made too many is at most eight times that. */
const PIECE_SHARE = 128

/** Raw deflate (RFC 1951). */
export function deflate(plain: Uint8Array): Uint8Array {
  return deflateSync(plain, { level: LEVEL })
}

/** What {@link deflate} was given; it stops soon beyond `plainBytes`. @throws when the bytes are none, or give more */
export function inflate(packed: Uint8Array, plainBytes: number): Uint8Array {
  const plain = new Uint8Array(plainBytes)
  let used = 0
  const stream = new Inflate(piece => {
    if (used + piece.length > plainBytes) throw new RangeError(`more than ${plainBytes} bytes`)
    plain.set(piece, used)
    used += piece.length
  })
  const pieceBytes = Math.min(MOST_PIECE_BYTES, Math.max(LEAST_PIECE_BYTES, Math.floor(plainBytes / PIECE_SHARE)))
  for (let at = 0; at < packed.length; at += pieceBytes) stream.push(packed.subarray(at, at + pieceBytes), at + pieceBytes >= packed.length)
  return plain.subarray(0, used)
}
