import type { Clock, ProcessorControl, Step } from '@disruptorx/contracts'
import type { EventReader } from '../ring/event-ring.ts'
import { BatchHooks } from './batch-hooks.ts'
import { BatchInHand } from './batch-in-hand.ts'
import { type BatchProcessorOptions, resolveBatchProcessorOptions } from './batch-processor-options.ts'
import type { EventResponse } from './exception-handler.ts'
import { Faults } from './faults.ts'
import { type HandlerCall, handlerCall } from './handler-call.ts'
import { HandlerLifecycle } from './handler-lifecycle.ts'
import { PromiseForbiddenError } from './processing-errors.ts'
import { ProcessorStats } from './processor-stats.ts'
import type { SequenceSource } from './sequence-source.ts'
import { ignoreOutcome } from './thenable.ts'
import { type Rejection, Waiting } from './waiting.ts'

export type { BatchProcessorOptions } from './batch-processor-options.ts'

/** Where a processor stands: `inside` a batch that goes on at the next step, `busy` while it is being called, `waiting` for a promise of the handler. */
type State = 'new' | 'ready' | 'inside' | 'busy' | 'waiting' | 'paused' | 'ended'

/**
 * Hands the events of a ring to a handler: one batch a step, as long as there are any. For one thread.
 *
 * By default a handler that throws ends it: what came before that event is released, the event itself and what follows is not.
 *
 * A handler that returns a promise is given nothing more until that has settled; meanwhile `step()` returns Infinity. The rest of the batch follows
 * as soon as it has, without waiting for a step, and at the end the ring's parking lot is woken.
 *
 * Algorithm: LMAX BatchEventProcessor.
 */
export class BatchProcessor<E> implements Step {
  /** What it has done so far. */
  readonly stats: Readonly<ProcessorStats>
  readonly #wake: () => void
  readonly #reader: EventReader<E>
  readonly #consumer: SequenceSource
  readonly #maxBatch: number
  readonly #call: HandlerCall
  readonly #faults: Faults<E>
  readonly #lifecycle: HandlerLifecycle<E>
  readonly #inHand: BatchInHand
  readonly #hooks: BatchHooks<E>
  readonly #clock: Clock
  readonly #canAwait: boolean
  /** Whether there is anything to do around a batch, or without one. */
  readonly #hasHooks: boolean
  readonly #control: ProcessorControl
  readonly #waiting = new Waiting()
  readonly #settled = (rejection: Rejection | undefined) => this.#goOn(rejection)
  #state: State = 'new'
  /** Nothing is handled after what is in hand; when closing, `onShutdown` comes then. */
  #halted = false
  #closing = false
  /** What a step returns that did not finish its batch. */
  #delayMs = 0
  /** When the pause before a rewind is over. */
  #resumeNs = 0

  /** @throws {OptionError} */
  constructor(options: BatchProcessorOptions<E>) {
    const { ring, consumer, handler, batchSize, poisonSet } = options
    const { maxBatch, exceptionHandler, timeoutMs, clock, canAwait } = resolveBatchProcessorOptions(options)
    const stats = new ProcessorStats()
    this.stats = stats
    this.#wake = () => ring.parkingLot.unparkAll()
    this.#reader = ring.reader()
    this.#consumer = consumer
    this.#maxBatch = maxBatch
    this.#call = handlerCall(handler, this.#reader, consumer)
    this.#faults = new Faults(exceptionHandler, options.rewind, poisonSet, stats)
    this.#lifecycle = new HandlerLifecycle(handler, this.#faults, canAwait)
    this.#inHand = new BatchInHand(consumer, stats, poisonSet, this.#reader)
    this.#clock = clock
    this.#canAwait = canAwait
    const crash = (error: unknown) => this.#crash(error)
    this.#hooks = new BatchHooks(handler, this.#inHand, this.#faults, stats, { batchSize, timeoutMs, clock, crash })
    this.#hasHooks = timeoutMs !== Infinity || [batchSize, poisonSet, handler.onBatchStart].some(extra => extra !== undefined)
    this.#control = {
      release: sequence => this.#inHand.releaseEarly(sequence),
      poison: sequence => this.#faults.poison(this.#inHand.held(sequence)),
      halt: () => this.halt(),
    }
  }

  /** Whether it handles nothing any more: it was halted or closed, or an error ended it. */
  get ended(): boolean {
    return this.#state === 'ended'
  }

  /** Whether the handler is being called right now: whoever asks is called by it. */
  get busy(): boolean {
    return this.#state === 'busy'
  }

  // Hot: once per batch; benchmark `ring`.
  /**
   * Handles a batch. Returns 0 when there was one; otherwise how many milliseconds it can do without a call, or Infinity.
   * A call out of the handler itself does nothing.
   *
   * @throws what the handler or the exception handler throws: then it has ended
   */
  step(): number {
    if (this.#state !== 'ready') return this.#stepUnready()
    const consumer = this.#consumer
    const available = consumer.available()
    const first = consumer.next
    if (available < first) return this.#hasHooks ? this.#idle() : Infinity
    this.#state = 'busy'
    this.#inHand.begin(first, Math.min(available, first + this.#maxBatch - 1))
    if (this.#hasHooks) this.#hooks.before(available)
    return this.#work()
  }

  /** Calls the handler's `onStart`, the first time, unless halted. @throws what the exception handler throws: then it has ended */
  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'waiting'
    let pending: Promise<void> | undefined
    try {
      pending = this.#lifecycle.start(this.#control, this.#consumer.next)
    } catch (error) {
      this.#crash(error)
    }
    if (pending === undefined) this.#enter('ready')
    else this.#waiting.wait(pending, rejection => this.#afterStart(rejection))
  }

  /** Handles nothing after the batch in hand; with a handler that returns promises, after the event in hand. Safe to call at any time, also out of the handler. */
  halt(): void {
    this.#halted = true
    if (this.#state === 'busy' || this.#state === 'waiting') return
    this.#end()
  }

  /**
   * {@link halt}, and calls the handler's `onShutdown` if it was ever started: at once, or when the handler returns from what is in hand.
   * @throws what the exception handler throws, or what ended the processor and was not yet thrown by a step
   */
  close(): void {
    this.#closing = true
    this.#waiting.lastChance()
    this.halt()
    this.#waiting.tell()
  }

  /** {@link close}; resolves once no promise of the handler is pending any more. Not to be awaited by the handler itself. @throws as {@link close} */
  async closeAsync(): Promise<void> {
    await this.#waiting.end(() => this.close())
  }

  #stepUnready(): number {
    if (this.#state === 'new') {
      this.start()
      return this.#restep()
    }
    if (this.#state === 'inside') {
      this.#state = 'busy'
      return this.#work()
    }
    if (this.#state === 'paused') {
      const leftMs = (this.#resumeNs - this.#clock.monotonicNs()) / 1e6
      if (leftMs > 0) return leftMs
      this.#state = 'ready'
      return this.#restep()
    }
    this.#waiting.tell()
    return Infinity
  }

  #restep(): number {
    return this.#state === 'ready' ? this.step() : Infinity
  }

  // Hot: once per batch.
  /** Goes on with the batch in hand, and returns what the step returns. */
  #work(): number {
    const call = this.#call
    const inHand = this.#inHand
    for (;;) {
      const to = inHand.nextRun()
      if (inHand.at > to) return this.#finish()
      let pending: PromiseLike<unknown> | undefined
      try {
        pending = call.handOver(inHand.at, to, inHand.flushAt)
      } catch (error) {
        if (this.#recover(error)) continue
        return this.#delayMs
      }
      inHand.at = call.at
      if (pending !== undefined) return this.#await(pending)
      if (to === inHand.last) return this.#finish()
    }
  }

  #finish(): number {
    this.#inHand.finish()
    this.#faults.batchDone()
    if (this.#hasHooks) this.#hooks.after()
    this.#enter('ready')
    return 0
  }

  #idle(): number {
    const idleMs = this.#hooks.idleMs()
    if (idleMs > 0) return idleMs
    this.#state = 'busy'
    this.#inHand.abandon()
    const delayMs = this.#hooks.timeOut(this.#inHand.last)
    this.#enter('ready')
    return delayMs
  }

  /** Whether the batch goes on after an error at `call.at`. If not, `#delayMs` is what the step returns. @throws what ends the processor */
  #recover(error: unknown): boolean {
    const { at, until } = this.#call
    const { next } = this.#consumer
    const inHand = this.#inHand
    inHand.at = at
    let answer: EventResponse
    try {
      const pauseMs = this.#faults.pauseBeforeRewind(error)
      if (pauseMs >= 0) return this.#rewind(pauseMs)
      answer = this.#faults.answer(error, at, until, at < next ? undefined : this.#reader.at(at))
    } catch (fatal) {
      this.#crash(fatal)
    }
    if (answer === 'halt') this.#crash(error)
    inHand.at = Math.max(answer === 'retry' ? at : until + 1, next)
    if (answer !== 'retry') return true
    this.#delayMs = 0
    this.#enter('inside')
    return false
  }

  /** The next step begins with the first event that is not released. */
  #rewind(pauseMs: number): false {
    this.#inHand.abandon()
    this.#delayMs = pauseMs
    this.#resumeNs = this.#clock.monotonicNs() + pauseMs * 1e6
    this.#enter('paused')
    return false
  }

  #await(pending: PromiseLike<unknown>): number {
    if (!this.#canAwait) {
      ignoreOutcome(pending)
      this.#crash(new PromiseForbiddenError('the handler', this.#call.at))
    }
    this.#state = 'waiting'
    this.#waiting.wait(pending, this.#settled)
    return Infinity
  }

  #goOn(rejection: Rejection | undefined): void {
    this.#state = 'busy'
    this.#call.settled()
    if (rejection === undefined) this.#inHand.at = this.#call.until + 1
    else if (!this.#recover(rejection.error)) {
      this.#wake()
      return
    }
    if (this.#halted) this.#end()
    else if (this.#work() !== Infinity) this.#wake()
  }

  #afterStart(rejection: Rejection | undefined): void {
    if (rejection !== undefined) this.#crash(rejection.error)
    this.#enter('ready')
    this.#wake()
  }

  #shutDown(): void {
    const pending = this.#lifecycle.shutDown(this.#consumer.next)
    if (pending !== undefined) this.#waiting.wait(pending)
  }

  #enter(state: State): void {
    if (this.#halted) this.#end()
    else this.#state = state
  }

  /** Ends it, and releases what of the batch in hand is dealt with. Does nothing the second time, but for `onShutdown` where that has become due. */
  #end(): void {
    this.#state = 'ended'
    this.#halted = true
    this.#inHand.release(this.#inHand.at - 1)
    this.#inHand.abandon()
    if (this.#closing) this.#shutDown()
    this.#wake()
  }

  #crash(error: unknown): never {
    try {
      this.#end()
    } catch {
      // What ended it first is what counts.
    }
    throw error
  }
}
