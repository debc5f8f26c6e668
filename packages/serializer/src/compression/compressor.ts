/**
 * A way to make bytes smaller. Implementations are synchronous, and safe on bytes from anybody: whatever the bytes claim, they make no more
 * than `plainBytes` and hold no more memory than in proportion to that.
 */
export interface Compressor {
  /** The number that stands for it on the wire: 1 deflate, 2 zstd, 3 lz4; 128 to 255 are for your own. */
  readonly id: number
  /** The name that two ends compare. */
  readonly name: string
  /** The compressed bytes, in memory of their own or in memory that the next call may write over. */
  compress(plain: Uint8Array): Uint8Array
  /** Exactly `plainBytes` bytes; `undefined` when that is not what `compress` made of as many. */
  decompress(packed: Uint8Array, plainBytes: number): Uint8Array | undefined
}
