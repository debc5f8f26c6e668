const SMALLEST_BYTES = 1024
/** Memory beyond this is let go as soon as its batch has been read. */
const KEPT_BYTES = 2 ** 18
/** After so many chunks that did not need it, memory is let go: a link that has become quiet holds nothing. */
const KEPT_CHUNKS = 64

/**
 * The part of a batch that has arrived so far.
 *
 * It is copied out of its chunks, because a chunk may be a small view of a large buffer, and holding many of those is an attack. Memory
 * grows with what has arrived, not with what a header announces: a header costs its sender as much as it costs us.
 */
export class PartialBatch {
  /** The bytes, from 0. */
  memory: Uint8Array = new Uint8Array(0)
  /** How many have arrived. */
  bytes = 0
  #unusedChunks = 0

  /** Adds `length` bytes of a chunk to a batch that needs `needed` in all, as far as is known. */
  add(chunk: Uint8Array, at: number, length: number, needed: number): void {
    const bytes = this.bytes + length
    if (bytes > this.memory.length) this.#grow(bytes, needed)
    this.memory.set(chunk.subarray(at, at + length), this.bytes)
    this.bytes = bytes
    this.#unusedChunks = 0
  }

  /** Makes room for the next batch. */
  clear(): void {
    this.bytes = 0
    if (this.memory.length > KEPT_BYTES) this.release()
  }

  /** Says that a chunk came and went without any of this. */
  noteUnused(): void {
    if (this.memory.length > 0 && ++this.#unusedChunks >= KEPT_CHUNKS) this.release()
  }

  /** Lets go of bytes and memory. */
  release(): void {
    this.memory = new Uint8Array(0)
    this.bytes = 0
    this.#unusedChunks = 0
  }

  #grow(bytes: number, needed: number): void {
    const grown = new Uint8Array(Math.max(bytes, SMALLEST_BYTES, Math.min(needed, 2 * bytes)))
    grown.set(this.memory.subarray(0, this.bytes))
    this.memory = grown
  }
}
