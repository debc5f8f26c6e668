import { type Closeable, ClosedError, type DisruptorError, TimeoutError } from '@disruptorx/contracts'
import { systemClock, wholeNumber } from '@disruptorx/contracts/internal'
import { defaultWaitStrategy, type WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { NotStartedError } from '../errors.ts'
import { SequenceBarrier, type WaitOptions } from '../processing/sequence-barrier.ts'
import type { Publisher, PublisherOptions } from '../ring/publisher.ts'
import { StructRing, type StructRingOptions } from '../ring/struct-ring.ts'
import type { Consumer } from '../sequencer/consumer.ts'
import { SharedFlag } from '../sequences/shared-flag.ts'
import { type AnyHandler, checkHandlers, type HandlerGroup, handlerGroup } from './handler-group.ts'
import { type RunContext, type RunningHandler, startHandler } from './run-handler.ts'

/** How a {@link Disruptor} is made. */
export interface DisruptorOptions<T> extends StructRingOptions<T> {
  /** How handlers on threads of their own wait. @default adaptive, which knows how many threads there are */
  readonly waitStrategy?: WaitStrategyHandle
  /** How long a handler's thread may take to end before it is ended by force, in milliseconds: 0 to 3,600,000. @default 5,000 */
  readonly graceMs?: number
  /** Told once when a handler failed. `shutdown` rejects with the same error. */
  readonly onFailure?: (error: Error) => void
}

interface Place<T> {
  readonly handler: AnyHandler<T>
  readonly consumer: Consumer
}

/**
 * A ring with its handlers: on this event loop, on threads of their own, side by side and one after the other.
 *
 * A handler that throws is fatal: all handlers stop, publishers get a {@link RingHaltedError}, and {@link shutdown} rejects with what it threw.
 */
export class Disruptor<T> implements Closeable {
  readonly ring: StructRing<T>
  readonly #options: DisruptorOptions<T>
  readonly #graceMs: number
  readonly #stop: SharedFlag
  readonly #places: Place<T>[] = []
  readonly #publishers: Publisher<T>[] = []
  #running: RunningHandler[] = []
  #state: 'new' | 'running' | 'closed' = 'new'
  #failure: Error | undefined
  #ending: Promise<void> | undefined

  /** @throws {OptionError} */
  constructor(options: DisruptorOptions<T>) {
    this.#options = options
    this.#graceMs = wholeNumber('graceMs', options.graceMs ?? 5000, 0, 3_600_000)
    this.ring = StructRing.create(options)
    this.#stop = SharedFlag.create(this.ring.parkingLot)
  }

  /** What a handler threw, once one has. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /**
   * Adds handlers that see every event, side by side. Before {@link start}.
   *
   * @throws {OptionError | TableFullError | ClosedError}
   */
  handleEventsWith(...handlers: AnyHandler<T>[]): HandlerGroup<T> {
    return this.#add([], handlers)
  }

  /** Starts every handler; resolves when all of them are loaded and run. @throws what loading one of them threw */
  async start(): Promise<this> {
    if (this.#state !== 'new') throw new ClosedError('the set-up of the disruptor')
    this.#state = 'running'
    const threads = 1 + this.#places.filter(place => 'startThread' in place.handler).length
    const waitStrategy = this.#options.waitStrategy ?? { ...defaultWaitStrategy, threads }
    const context: RunContext<T> = { ring: this.ring, stop: this.#stop, waitStrategy }
    const starting = this.#places.map(place => startHandler(place.handler, place.consumer, context))
    const outcomes = await Promise.allSettled(starting)
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') this.#running.push(outcome.value)
    const failed = outcomes.find(outcome => outcome.status === 'rejected')
    if (failed !== undefined) {
      await this.halt()
      throw failed.reason
    }
    for (const running of this.#running) running.finished.catch(error => this.#fail(error))
    return this
  }

  /** The writing side, gathering, for this thread. It is flushed and closed by {@link shutdown}. @throws as {@link StructRing.publisher} */
  publisher(options: PublisherOptions = {}): Publisher<T> {
    const publisher = this.ring.publisher(options)
    this.#publishers.push(publisher)
    return publisher
  }

  /**
   * Takes no more events, waits until every handler has dealt with every event, and ends the handlers.
   *
   * @throws what a handler threw
   * @throws {TimeoutError | AbortedError} not all was handled in time: handlers go on, and `shutdown` or `halt` may be called again
   */
  async shutdown(options: WaitOptions = {}): Promise<void> {
    if (this.#state === 'new' && this.#places.length > 0 && this.ring.cursor.get() >= this.#firstSequence) throw new NotStartedError()
    if (this.#state === 'running' && this.#failure === undefined) await this.#drain(options)
    await this.halt()
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Ends every handler after the batch that it is dealing with, whatever is left. Safe to call twice. */
  halt(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  /** {@link halt} */
  close(): Promise<void> {
    return this.halt()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.halt()
  }

  get #firstSequence(): number {
    return this.#options.initialSequence ?? 0
  }

  #add(after: readonly Consumer[], handlers: AnyHandler<T>[]): HandlerGroup<T> {
    if (this.#state !== 'new') throw new ClosedError('the set-up of the disruptor')
    checkHandlers(handlers)
    const added = handlers.map(handler => {
      const consumer = this.ring.addConsumer({ after })
      this.#places.push({ handler, consumer })
      return consumer
    })
    return handlerGroup(added, (upstream, next) => this.#add(upstream, next))
  }

  /** Waits until all handlers have reached the cursor, which publishers elsewhere may still have moved before they saw that the ring is closed. */
  async #drain(options: WaitOptions): Promise<void> {
    const { timeoutMs = Infinity } = options
    const endNs = systemClock.monotonicNs() + timeoutMs * 1e6
    const left = () => ({ ...options, timeoutMs: Math.max(0, (endNs - systemClock.monotonicNs()) / 1e6) })
    const cells = this.#places.map(({ consumer }) => ({ get: () => consumer.released(), set: () => {} }))
    const barrier = new SequenceBarrier({ cells, parkingLot: this.ring.parkingLot, alerted: () => this.#failure !== undefined })
    try {
      if (!this.ring.stopped) await this.#closePublishers(left)
      this.ring.close()
      while (this.#failure === undefined && barrier.available() < this.ring.cursor.get())
        await barrier.waitForAsync(this.ring.cursor.get(), left())
    } catch (error) {
      if (this.#failure !== undefined) return
      throw (error as DisruptorError).code === 'DX_TIMEOUT' ? new TimeoutError('shutdown', timeoutMs) : error
    }
  }

  async #closePublishers(left: () => WaitOptions): Promise<void> {
    for (const publisher of this.#publishers) {
      while (publisher.pending > 0 && !publisher.flush()) await publisher.ready(left())
      publisher.close()
    }
  }

  async #end(): Promise<void> {
    this.#state = 'closed'
    if (!this.ring.stopped) this.ring.halt()
    this.#stop.raise()
    await Promise.all(this.#running.map(running => running.close(this.#graceMs).catch(error => this.#fail(error))))
    this.#running = []
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.ring.halt()
    this.#stop.raise()
    this.#options.onFailure?.(error)
  }
}
