import { platformZstd } from '#platform'

/** Makes bytes smaller, and back. Synchronous. */
export interface Zstd {
  /** The bytes as one zstd frame that names its length. */
  compress(bytes: Uint8Array): Uint8Array
  /**
   * Exactly `length` bytes; `undefined` when that is not what {@link compress} made of as many. Safe on bytes from anybody: it makes no
   * more than `length` bytes and takes no larger window than these need.
   */
  decompress(bytes: Uint8Array, length: number): Uint8Array | undefined
}

/** zstd of this platform; `undefined` where it has none: browsers, and Node before 22.15. */
export function zstd(): Zstd | undefined {
  return platformZstd()
}
