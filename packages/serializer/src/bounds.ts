import { CodecDataError, CodecSpaceError } from './errors.ts'

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
