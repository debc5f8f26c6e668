import type { AnyEventHandler, Clock, Sequence } from '@disruptorx/contracts'
import type { BatchInHand } from './batch-in-hand.ts'
import { BatchMeter, type BatchSize } from './batch-size.ts'
import type { Faults } from './faults.ts'
import { IdleTimer } from './idle-timer.ts'
import type { ProcessorStats } from './processor-stats.ts'

/** What {@link BatchHooks} works with. */
export interface BatchHooksOptions {
  readonly batchSize: BatchSize | undefined
  /** Infinity for no limit. */
  readonly timeoutMs: number
  readonly clock: Clock
  /** Ends the processor, and throws what ended it. */
  readonly crash: (error: unknown) => never
}

/** What a processor does around its batches, where it was asked for anything: hooks of the handler, measuring, a look for poisoned events. */
export class BatchHooks<E> {
  readonly #handler: AnyEventHandler<E>
  readonly #inHand: BatchInHand
  readonly #faults: Faults<E>
  readonly #stats: ProcessorStats
  readonly #meter: BatchMeter | undefined
  readonly #idleTimer: IdleTimer | undefined
  readonly #crash: (error: unknown) => never

  constructor(handler: AnyEventHandler<E>, inHand: BatchInHand, faults: Faults<E>, stats: ProcessorStats, options: BatchHooksOptions) {
    const { batchSize, timeoutMs, clock } = options
    this.#crash = options.crash
    this.#handler = handler
    this.#inHand = inHand
    this.#faults = faults
    this.#stats = stats
    this.#meter = batchSize === undefined ? undefined : new BatchMeter(batchSize, clock)
    this.#idleTimer = timeoutMs === Infinity ? undefined : new IdleTimer(timeoutMs, clock)
  }

  /** A batch has begun. @throws what ends the processor */
  before(available: Sequence): void {
    this.#idleTimer?.reset()
    try {
      this.#prepare(available)
    } catch (error) {
      this.#crash(error)
    }
  }

  /** The batch is dealt with. @throws what ends the processor */
  after(): void {
    try {
      this.#meter?.end()
    } catch (error) {
      this.#crash(error)
    }
  }

  /** There is no batch: how many milliseconds are left until `onTimeout` is due, 0 when it is. */
  idleMs(): number {
    return this.#idleTimer === undefined ? Infinity : this.#idleTimer.leftMs()
  }

  /** Calls `onTimeout`, and returns how many milliseconds are left until the next time. @throws what ends the processor */
  timeOut(last: Sequence): number {
    this.#stats.timeouts++
    try {
      this.#timeOut(last)
    } catch (error) {
      this.#crash(error)
    }
    return this.#idleTimer === undefined ? Infinity : this.#idleTimer.timeoutMs
  }

  #prepare(available: Sequence): void {
    const inHand = this.#inHand
    const first = inHand.at
    if (this.#meter !== undefined) inHand.begin(first, this.#meter.begin(first, inHand.last))
    inHand.examine()
    try {
      this.#handler.onBatchStart?.(inHand.last - first + 1, available - first + 1)
    } catch (error) {
      this.#faults.hookFailed(error, first)
    }
  }

  #timeOut(last: Sequence): void {
    try {
      this.#handler.onTimeout?.(last)
    } catch (error) {
      this.#faults.hookFailed(error, last)
    }
  }
}
