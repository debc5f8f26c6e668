const SMALLEST_BYTES = 2 ** 12
/** Buffers up to this size are kept for the next turn whatever the last one took. */
const ALWAYS_KEPT_BYTES = 2 ** 16
const MOST_SPARES = 2

/** Where a writer begins: what it needs first, {@link FrameBuffers.grow} gives. */
export const noBytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)

/**
 * The memory of one writer: what it lent to a socket, and a few buffers that came back.
 *
 * What was lent is known by identity: memory that is given back twice, or was never lent, is not filled by two hands at once.
 */
export class FrameBuffers {
  readonly #mostBytes: number
  readonly #spares: Uint8Array<ArrayBuffer>[] = []
  readonly #lent = new WeakSet<ArrayBuffer>()
  #lastTurnBytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** A buffer of at least `needed` bytes that begins with the first `used` of this one; `undefined` when that is beyond the bound. */
  grow(bytes: Uint8Array<ArrayBuffer>, used: number, needed: number): Uint8Array<ArrayBuffer> | undefined {
    if (needed > this.#mostBytes) return undefined
    const spare = bytes.length === 0 ? this.#spares.pop() : undefined
    if (spare !== undefined && needed <= spare.length) return spare
    const wanted = Math.max(needed, bytes.length * 2, Math.min(this.#lastTurnBytes, ALWAYS_KEPT_BYTES), SMALLEST_BYTES)
    const grown = new Uint8Array(Math.min(wanted, this.#mostBytes))
    grown.set(bytes.subarray(0, used))
    return grown
  }

  /** Lends the first `used` bytes of a buffer, which is no longer the writer's. */
  lend(bytes: Uint8Array<ArrayBuffer>, used: number): Uint8Array<ArrayBuffer> {
    this.#lent.add(bytes.buffer)
    this.#lastTurnBytes = used
    return new Uint8Array(bytes.buffer, 0, used)
  }

  /** Takes lent memory back. A buffer much larger than the last turn needed is let go: a link that has become quiet holds little. */
  recycle(bytes: Uint8Array): void {
    const { buffer } = bytes
    if (!(buffer instanceof ArrayBuffer) || !this.#lent.delete(buffer)) return
    const isFit = buffer.byteLength <= Math.max(ALWAYS_KEPT_BYTES, 4 * this.#lastTurnBytes)
    if (isFit && this.#spares.length < MOST_SPARES) this.#spares.push(new Uint8Array(buffer))
  }
}
