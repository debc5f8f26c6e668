import { OptionError } from '@disruptorx/contracts'
import type { ReadyOptions } from '../ring/publisher.ts'
import type { NextOptions } from '../sequencer/producer.ts'
import { SKIPPED } from './byte-ring-descriptor.ts'
import type { ByteRingMemory } from './byte-ring-memory.ts'
import { ByteWaiter } from './byte-waiter.ts'

/** Deals with a record: `length` bytes of `bytes` from `offset` on. They are the ring's, and valid only during the call. */
export type RecordHandler = (bytes: Uint8Array, offset: number, length: number) => void

const WAITING = 'waiting for a record'

/**
 * The reading side of a byte ring. For one thread.
 *
 * ```
 * while (consumer.peek()) { use(consumer.offset, consumer.length); consumer.advance() }
 * consumer.release()
 * ```
 */
export abstract class ByteConsumer {
  readonly #ring: ByteRingMemory
  #waiter: ByteWaiter | undefined
  #closed = false

  constructor(ring: ByteRingMemory) {
    this.#ring = ring
  }

  /** Where the record's bytes start, as an offset into the ring's memory. True after a {@link peek} that found one. */
  abstract get offset(): number

  /** How many bytes the record has. True after a {@link peek} that found one. */
  abstract get length(): number

  /** Whether there is a record. Looks at the same one until {@link advance}; its bytes stay as they are until {@link release}. */
  abstract peek(): boolean

  /** Goes on to the next record. Without effect unless {@link peek} found one. */
  abstract advance(): void

  /** Gives back the room of every record advanced past, and wakes whoever waits for it. Without effect when there is none. */
  abstract release(): void

  /**
   * How often consumers of this ring have passed a gap: claims next to each other that died with their producers, or that a consumer had
   * advanced past when it died. Wraps at 2^32.
   */
  get skipped(): number {
    return Atomics.load(this.#ring.words, SKIPPED) >>> 0
  }

  /**
   * Hands up to `limit` records to `handler`, releases them, and returns how many there were. When the handler throws, what came before is
   * released, and the record itself is still there: {@link advance} passes it.
   *
   * @throws {OptionError} `limit` is neither a whole number from 1 nor Infinity
   * @throws what the handler throws
   */
  poll(handler: RecordHandler, limit = Infinity): number {
    if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit > 0))
      throw new OptionError('limit', limit, 'a whole number from 1, or Infinity')
    const { bytes } = this.#ring
    let count = 0
    try {
      for (; count < limit && this.peek(); count++) {
        handler(bytes, this.offset, this.length)
        this.advance()
      }
    } finally {
      this.release()
    }
    return count
  }

  /**
   * Blocks the thread until there is a record. False when there is none and the ring takes no more: so a loop of `wait` and {@link poll} ends
   * with a ring that was closed.
   *
   * @throws {TimeoutError} there was none in time
   * @throws {RingHaltedError} there is none, and the ring was halted
   * @throws {BlockingForbiddenError} this thread may not block: the main thread of a browser
   */
  wait(options: NextOptions = {}): boolean {
    if (this.peek()) return true
    this.#waiter ??= this.#newWaiter()
    return this.#waiter.wait(WAITING, options) || this.#ended()
  }

  /** {@link wait} on an event loop, keeping its process alive meanwhile. @throws {TimeoutError | AbortedError | RingHaltedError} */
  async ready(options: ReadyOptions = {}): Promise<boolean> {
    return (await this.#newWaiter().waitAsync(WAITING, options)) || this.#ended()
  }

  /** Releases what was advanced past and gives the reading side back. Safe to call twice; not to be used afterwards. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.release()
    this.#waiter?.close()
    this.#ring.giveConsumer()
  }

  #newWaiter(): ByteWaiter {
    return new ByteWaiter(this.#ring.status, () => this.peek())
  }

  #ended(): false {
    if (this.#ring.status.halted) this.#ring.status.checkOpen()
    return false
  }
}
