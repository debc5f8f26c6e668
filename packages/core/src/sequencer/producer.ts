import { OptionError, type Sequence, TimeoutError, type WaitSource, type WaitStrategy } from '@disruptorx/contracts'
import { createWaitStrategy } from '@disruptorx/wait-strategies'
import { WouldDeadlockError } from '../errors.ts'
import type { ParkingParker } from '../parking/parker.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/** How {@link Producer.next} waits for room. */
export interface NextOptions {
  /** How long to wait: from 0. @default Infinity */
  readonly timeoutMs?: number
  /** How the thread waits. @default adaptive */
  readonly strategy?: WaitStrategy
}

/** The writing side of a struct ring, for one thread. Claim slots, write them, publish them. */
export interface Producer {
  /**
   * Claims the next `count` slots and returns the highest of their sequences; -1 when the ring has no room, with nothing claimed.
   *
   * @throws {OptionError} `count` is not a whole number from 1 to the ring's capacity; nothing was claimed
   */
  tryNext(count: number): Sequence
  /**
   * As {@link tryNext}, but blocks the thread until there is room.
   *
   * @throws {TimeoutError} there was none in time; nothing was claimed
   * @throws {ClosedError | RingHaltedError} the ring takes no more events
   * @throws {WouldDeadlockError} a consumer that has to make room runs on this thread
   * @throws {BlockingForbiddenError} this thread may not block: the main thread of a browser
   */
  next(count: number, options?: NextOptions): Sequence
  /** Makes the claimed slots from `lo` to `hi` visible and wakes whoever sleeps. With one producer, in the order of the claims. @throws {SequenceRangeError} */
  publish(lo: Sequence, hi: Sequence): void
  /** Gives the writing side back. Slots claimed and not published are lost. Safe to call twice. */
  close(): void
}

/** Refuses a batch that no ring of this capacity can hold. */
export function refuseCount(count: number, capacity: number): never {
  throw new OptionError('count', count, `a whole number from 1 to the capacity of ${capacity}`)
}

/** Waits for room, for either kind of producer. It owns the sleeping place, taken at the first wait. */
export class RoomWaiter implements WaitSource {
  readonly #ring: SequencerMemory
  /** The highest sequence claimed, as the producer knows it. */
  readonly #claimed: () => Sequence
  #parker: ParkingParker | undefined
  #strategy: WaitStrategy | undefined

  constructor(ring: SequencerMemory, claimed: () => Sequence) {
    this.#ring = ring
    this.#claimed = claimed
  }

  get parker(): ParkingParker {
    this.#parker ??= this.#ring.parkingLot.parker()
    return this.#parker
  }

  available(): number {
    return this.#ring.remainingCapacity(this.#claimed())
  }

  alerted(): boolean {
    return this.#ring.stopped
  }

  /** Blocks until the ring had room for `count` at least for a moment. @throws as {@link Producer.next} */
  wait(count: number, options: NextOptions): void {
    const { timeoutMs = Infinity } = options
    if (!(timeoutMs >= 0)) throw new OptionError('timeoutMs', timeoutMs, 'a number from 0, or Infinity')
    this.#ring.checkOpen()
    this.#refuseDeadlock(count)
    this.#strategy ??= createWaitStrategy()
    const room = (options.strategy ?? this.#strategy).waitFor(count, this, timeoutMs)
    this.#ring.checkOpen()
    if (room < count) throw new TimeoutError(`waiting for room for ${count} events`, timeoutMs)
    this.#parker?.noteFound()
  }

  close(): void {
    this.#parker?.close()
    this.#parker = undefined
  }

  #refuseDeadlock(count: number): void {
    const needed = this.#claimed() + count - this.#ring.shape.capacity
    for (const consumer of this.#ring.localConsumers) {
      if (consumer.next - 1 < needed) throw new WouldDeadlockError('claiming slots of the ring')
    }
  }
}
