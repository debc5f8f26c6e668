import { WouldDeadlockError } from '../errors.ts'
import type { ReadyOptions } from '../ring/publisher.ts'
import type { NextOptions } from '../sequencer/producer.ts'
import type { ByteRingMemory } from './byte-ring-memory.ts'
import { ByteWaiter } from './byte-waiter.ts'
import { copyRecord, lengthOf } from './records.ts'

/**
 * The writing side of a byte ring, or one of several. For one thread.
 *
 * ```
 * const at = producer.tryClaim(length)
 * if (at >= 0) { write(ring.bytes, at); producer.publish() }
 * ```
 */
export abstract class ByteProducer {
  readonly #ring: ByteRingMemory
  #waiter: ByteWaiter | undefined
  /** The length that {@link claim} waits for room for, and where it found it. */
  #wanted = 0
  #found = -1
  #closed = false

  constructor(ring: ByteRingMemory) {
    this.#ring = ring
  }

  /**
   * Claims room for a record of `length` bytes and returns where to write it, as an offset into the ring's memory that is a multiple of 8;
   * -1 when the ring is full, with nothing claimed. The consumer sees the record after {@link publish}.
   *
   * A ring that was closed or halted throws when this side next looks for room at the latest; one for several producers at once.
   *
   * @throws {RecordTooLargeError} it could never fit
   * @throws {OptionError} `length` is no whole number, or negative
   * @throws {ClosedError | RingHaltedError} the ring takes no more records
   */
  abstract tryClaim(length: number): number

  /** Where the next record will be claimed: what {@link publish} and {@link abort} take to tell one claim from another. Wraps; only good for that. */
  abstract get claimed(): number

  /**
   * Makes what was claimed visible, and wakes whoever sleeps: everything, or what was claimed while {@link claimed} was `upTo`.
   * Without effect when there is nothing new.
   */
  abstract publish(upTo?: number): void

  /** Gives up what was claimed and not published: the consumer will not see it. To keep some of it, {@link publish} that first. */
  abstract abort(): void

  /** Whether a record of that length could be claimed now. @throws as {@link tryClaim} */
  abstract hasRoom(length: number): boolean

  /** Gives the side back, in the ring's memory. */
  protected abstract giveBack(): void

  /**
   * As {@link tryClaim}, but blocks the thread until there is room. Before it waits it publishes what was claimed earlier: write a record
   * before you claim the next.
   *
   * @throws {TimeoutError} there was none in time; nothing was claimed
   * @throws {WouldDeadlockError} the consumer, which would have to make room, is on this thread
   * @throws {BlockingForbiddenError} this thread may not block: the main thread of a browser
   */
  claim(length: number, options: NextOptions = {}): number {
    const at = this.tryClaim(length)
    return at >= 0 ? at : this.#waitToClaim(length, options)
  }

  /**
   * Claims, copies `record` and publishes, together with everything claimed before. False when the ring is full: nothing was taken.
   *
   * @throws as {@link tryClaim}
   */
  publishBytes(record: Uint8Array): boolean {
    const at = this.tryClaim(lengthOf(record))
    if (at < 0) return false
    copyRecord(record, this.#ring.bytes, at)
    this.publish()
    return true
  }

  /**
   * Resolves when there is room for a record of `length` bytes; publishes what was claimed before it waits. With several producers another
   * one may be faster: claim, and wait again.
   *
   * @throws {TimeoutError | AbortedError} there was none before
   * @throws as {@link tryClaim}
   */
  async ready(length: number, options: ReadyOptions = {}): Promise<void> {
    const { status } = this.#ring
    status.checkOpen()
    if (!this.hasRoom(length)) this.publish()
    const waiter = new ByteWaiter(status, () => this.hasRoom(length))
    if (!(await waiter.waitAsync(waitingFor(length), options))) status.checkOpen()
  }

  /** Publishes what was claimed and gives the writing side back. Safe to call twice; not to be used afterwards. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.publish()
    this.#waiter?.close()
    this.giveBack()
  }

  #waitToClaim(length: number, options: NextOptions): number {
    const { status, consumedHere } = this.#ring
    if (consumedHere) throw new WouldDeadlockError('claiming room in the byte ring')
    this.publish()
    // The look claims: so room that was found cannot be lost to another producer.
    this.#waiter ??= new ByteWaiter(status, () => {
      this.#found = this.tryClaim(this.#wanted)
      return this.#found >= 0
    })
    this.#wanted = length
    this.#found = -1
    if (!this.#waiter.wait(waitingFor(length), options)) status.checkOpen()
    return this.#found
  }
}

function waitingFor(length: number): string {
  return `waiting for room for a record of ${length} bytes`
}
