import type { SnapshotWriter } from 'disruptorx/cluster'

/** The largest piece that a snapshot is written or read in, in bytes. */
export const CHUNK_BYTES = 65_536

const TWO_32 = 4294967296

/** Gathers numbers, little-endian, into chunks of at most {@link CHUNK_BYTES}. */
export class ChunkWriter {
  readonly #out: SnapshotWriter
  readonly #bytes = new Uint8Array(CHUNK_BYTES)
  readonly #view = new DataView(this.#bytes.buffer)
  #used = 0

  constructor(out: SnapshotWriter) {
    this.#out = out
  }

  /** Writes a whole number from 0 to 2^32 - 1. */
  u32(value: number): this {
    if (this.#used + 4 > CHUNK_BYTES) this.flush()
    this.#view.setUint32(this.#used, value, true)
    this.#used += 4
    return this
  }

  /** Writes a whole number from 0 to 2^53 - 1 as eight bytes. */
  u53(value: number): this {
    return this.u32(value % TWO_32).u32(Math.floor(value / TWO_32))
  }

  /** Hands on what is gathered. Call it at the end. */
  flush(): void {
    if (this.#used > 0) this.#out.write(this.#bytes.subarray(0, this.#used))
    this.#used = 0
  }
}
