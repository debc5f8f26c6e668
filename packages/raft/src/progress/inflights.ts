/**
 * The `MsgApp`s that are on their way to one follower and not acknowledged: the window within which a leader sends ahead.
 *
 * A ring that grows as it is used: a process may lead thousands of groups of which few are busy.
 */
export class Inflights {
  private indexes: number[] = []
  private sizes: number[] = []
  private start = 0
  private countNow = 0
  private bytesNow = 0
  private readonly maxMessages: number
  private readonly maxBytes: number

  /**
   * @param maxMessages most messages, from 1
   * @param maxBytes most bytes. A soft limit: the message that reaches it is still sent
   */
  constructor(maxMessages: number, maxBytes: number) {
    this.maxMessages = maxMessages
    this.maxBytes = maxBytes
  }

  /** Messages on their way. */
  get count(): number {
    return this.countNow
  }

  /** Bytes of entries on their way. */
  get bytes(): number {
    return this.bytesNow
  }

  /** Whether nothing more may be sent. */
  isFull(): boolean {
    return this.countNow >= this.maxMessages || this.bytesNow >= this.maxBytes
  }

  /** Notes a message whose last entry is `index`. It must not be full, and indexes must grow. */
  add(index: number, bytes: number): void {
    if (this.countNow === this.indexes.length) this.grow()
    const place = (this.start + this.countNow) & (this.indexes.length - 1)
    this.indexes[place] = index
    this.sizes[place] = bytes
    this.countNow++
    this.bytesNow += bytes
  }

  /** The follower has everything up to `index`. */
  freeUpTo(index: number): void {
    while (this.countNow > 0 && (this.indexes[this.start] as number) <= index) {
      this.bytesNow -= this.sizes[this.start] as number
      this.start = (this.start + 1) & (this.indexes.length - 1)
      this.countNow--
    }
  }

  /** Forgets all of them. */
  reset(): void {
    this.start = 0
    this.countNow = 0
    this.bytesNow = 0
  }

  private grow(): void {
    const { indexes, sizes, start } = this
    const length = Math.max(4, indexes.length * 2)
    const turned = (ring: number[]) => [...ring.slice(start), ...ring.slice(0, start), ...new Array<number>(length - ring.length).fill(0)]
    this.indexes = turned(indexes)
    this.sizes = turned(sizes)
    this.start = 0
  }
}
