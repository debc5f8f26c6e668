import { CodecDataError, CodecSizeError, CodecSpaceError } from './errors.ts'

/** Checks that `needed` bytes fit at `offset`. @throws {CodecSpaceError} */
export function checkRoom(codec: string, needed: number, target: Uint8Array, offset: number): void {
  const room = Number.isSafeInteger(offset) && offset >= 0 ? Math.max(0, target.length - offset) : 0
  if (needed > room) throw new CodecSpaceError(codec, needed, room)
}

/** Checks that `length` bytes are there at `offset`. @throws {CodecDataError} */
export function checkSource(codec: string, source: Uint8Array, offset: number, length: number): void {
  if (!(Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(length) && length >= 0 && offset + length <= source.length))
    throw new CodecDataError(codec, 0, `${length} bytes at ${offset} are not within the ${source.length} that were given`)
}

/** Checks that a value has no more bytes than allowed. @throws {CodecSizeError} */
export function checkSize(codec: string, bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new CodecSizeError(codec, bytes, maxBytes)
}

/** Whether other threads can change the bytes. */
export function isShared({ buffer }: Uint8Array): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}

/**
 * Exactly the bytes of a value. Those in shared memory are copied: another thread could change them between the check and the decoding,
 * and text decoders refuse them.
 */
export function ownBytes(source: Uint8Array, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(source.buffer, source.byteOffset + offset, length)
  return isShared(bytes) ? new Uint8Array(bytes) : bytes
}
