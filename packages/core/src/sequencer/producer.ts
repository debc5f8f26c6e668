import type { Sequence, WaitStrategy } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'

/** How {@link Producer.next} waits for room. */
export interface NextOptions {
  /** How long to wait: from 0. @default Infinity */
  readonly timeoutMs?: number
  /** How the thread waits. @default adaptive */
  readonly strategy?: WaitStrategy
}

/** How {@link Producer.nextAsync} waits for room. */
export interface NextAsyncOptions {
  /** How long to wait: from 0. @default Infinity */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * The writing side of a ring, for one thread. Claim slots, write them, publish them.
 *
 * ```
 * const highest = producer.next(10)
 * for (let sequence = highest - 9; sequence <= highest; sequence++) producer.at(sequence).set(value)
 * producer.publish(highest - 9, highest)
 * ```
 */
export interface Producer<W = unknown> {
  /**
   * Claims the next `count` slots and returns the highest of their sequences; -1 when the ring has no room, with nothing claimed.
   *
   * @param count a whole number from 1 to the ring's capacity. @default 1
   * @throws {OptionError} no such number; nothing was claimed
   * @throws {ClosedError | RingHaltedError} the ring takes no more events, or this side was given back
   */
  tryNext(count?: number): Sequence
  /**
   * As {@link tryNext}, but blocks the thread until there is room.
   *
   * @throws {TimeoutError} there was none in time; nothing was claimed
   * @throws {WouldDeadlockError} a consumer that has to make room runs on this thread
   * @throws {BlockingForbiddenError} this thread may not block: the main thread of a browser
   */
  next(count?: number, options?: NextOptions): Sequence
  /** As {@link next}, without blocking the thread. Keeps a Node process alive meanwhile. @throws {TimeoutError | AbortedError} nothing was claimed */
  nextAsync(count?: number, options?: NextAsyncOptions): Promise<Sequence>
  /** The slot of a claimed sequence, to be written: the producer's one flyweight where events are flyweights. */
  at(sequence: Sequence): W
  /**
   * Makes the claimed slots from `lo` to `hi` visible and wakes whoever sleeps. With one producer, in the order of the claims.
   *
   * @throws {SequenceRangeError} nothing was published
   * @throws {RingHaltedError} the handlers have ended meanwhile: nobody will see these events
   */
  publish(lo: Sequence, hi?: Sequence): void
  /** Claims a slot, lets `write` fill it and publishes it; false when the ring is full. What `write` throws passes through, and nothing is published. */
  tryPublishEvent(write: (event: W, sequence: Sequence) => void): boolean
  /** As {@link tryPublishEvent}, but blocks until there is room. @throws as {@link next} */
  publishEvent(write: (event: W, sequence: Sequence) => void, options?: NextOptions): void
  /** Claims `count` slots together, lets `write` fill each, `index` counting from 0, and publishes all of them or, when it throws, none; false when the ring is full. */
  tryPublishEvents(count: number, write: (event: W, sequence: Sequence, index: number) => void): boolean
  /** As {@link tryPublishEvents}, but blocks until there is room. @throws as {@link next} */
  publishEvents(count: number, write: (event: W, sequence: Sequence, index: number) => void, options?: NextOptions): void
  /** How many slots can be claimed now. A snapshot. */
  remainingCapacity(): number
  /** Whether `count` slots can be claimed now. */
  hasAvailableCapacity(count: number): boolean
  /** Gives the writing side back. Consumers never see slots that were claimed and not published. Safe to call twice. */
  close(): void
}

/** Refuses a batch that no ring of this capacity can hold. */
export function refuseCount(count: number, capacity: number): never {
  throw new OptionError('count', count, `a whole number from 1 to the capacity of ${capacity}`)
}
