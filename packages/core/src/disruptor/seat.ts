import { type AnyEventHandler, type Logger, OptionError, type Sequence } from '@disruptorx/contracts'
import type { WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { ExceptionHandlerWrapper } from '../processing/exception-handler.ts'
import type { PoisonSet } from '../processing/poison-set.ts'
import { SharedFlag } from '../sequences/shared-flag.ts'
import type { HandlerDescription } from './describe.ts'
import { type DisruptorRing, isShared } from './disruptor-ring.ts'
import { type ExceptionPolicy, policyForEventLoop, policyForThread } from './exception-policy.ts'
import { Fault } from './fault.ts'
import { isThreadHandler } from './handle.ts'
import { type EventProcessorFactory, makeProcessor } from './make-processor.ts'
import type { Place } from './place.ts'
import { isRewindStrategy } from './rewind-policy.ts'
import { type RunningHere, runOnEventLoop } from './run-on-event-loop.ts'
import { type ProcessorFigures, SharedStats } from './shared-stats.ts'
import type { RunningThread, ThreadHandler } from './thread-handler.ts'
import type { Member } from './topology.ts'

/** What all handlers of a disruptor have in common. */
export interface SeatContext<E> {
  readonly ring: DisruptorRing<E>
  readonly logger: Logger
  readonly poisonSet: PoisonSet | undefined
  /** How workers wait whose handlers say nothing else. */
  readonly waitStrategy: WaitStrategyHandle
  /** What becomes of errors of handlers that say nothing else. */
  readonly exceptionPolicy: ExceptionPolicy<E>
  /** Told when a handler that had started fails. */
  readonly failed: (fault: Fault) => void
}

/** A handler in its place: starts it, stops it, and knows what it has done. */
export class Seat<E> {
  readonly member: Member<E>
  readonly #place: Place
  /** On the event loop errors may be sent elsewhere while the handler runs. */
  readonly #exceptions = new ExceptionHandlerWrapper<E>()
  #policy: ExceptionPolicy<E> | undefined
  #figures: () => ProcessorFigures | undefined = () => undefined
  #stop: SharedFlag | undefined
  #run: RunningThread | RunningHere | undefined
  #ended = false
  /** The event that its processor has not released: of one that shares the events, one of its own. */
  #next: () => Sequence | undefined = () => undefined

  constructor(member: Member<E>, place: Place) {
    this.member = member
    this.#place = place
    this.#policy = member.options.exceptionHandler
  }

  get onThread(): boolean {
    return isThreadHandler(this.member.handler)
  }

  /** Chooses what becomes of errors: at once on the event loop, from the next start on a worker. @throws {OptionError} it cannot be used there */
  setPolicy(policy: ExceptionPolicy<E>, logger: Logger): void {
    if (this.onThread) policyForThread(this.member.name, policy)
    else this.#exceptions.switchTo(policyForEventLoop(this.member.name, policy, logger))
    this.#policy = policy
  }

  /** As {@link setPolicy}, for a handler of which nothing was said. */
  setDefaultPolicy(policy: ExceptionPolicy<E>, logger: Logger): void {
    if (this.#policy === undefined && !this.onThread) this.#exceptions.switchTo(policyForEventLoop(this.member.name, policy, logger))
  }

  /** Says what would keep it from starting. @throws {OptionError} */
  check({ ring, exceptionPolicy, logger }: SeatContext<E>): void {
    const { name } = this.member
    const policy = this.#policy ?? exceptionPolicy
    if (!this.onThread) this.#exceptions.switchTo(policyForEventLoop(name, policy, logger))
    else if (isShared(ring)) policyForThread(name, policy)
    else throw cannotShare(name)
  }

  /** Starts the handler. Rejects with a {@link Fault} of loading it, or of its `onStart`. To be called once it has ended, if it ever started. */
  async start(context: SeatContext<E>, signal: AbortSignal): Promise<void> {
    const { handler } = this.member
    const stop = SharedFlag.create(context.ring.parkingLot)
    this.#stop = stop
    this.#ended = false
    this.#next = () => undefined
    try {
      this.#run = isThreadHandler(handler)
        ? await this.#startThread(handler, context, stop, signal)
        : this.#startHere(handler, context, stop)
    } catch (thrown) {
      throw this.#fault(thrown)
    }
    const finished = () => {
      this.#ended = true
      // Who waits until all is handled waits for this one no more.
      context.ring.parkingLot.unparkAll()
    }
    this.#run.finished.then(finished, thrown => context.failed(this.#fault(thrown)))
  }

  /** Whether the handler has ended since it was last started, be it by its own `halt`: it releases nothing any more. */
  get ended(): boolean {
    return this.#ended
  }

  /** Whether the handler is being called right now, on this event loop. */
  get isBusy(): boolean {
    return this.#run !== undefined && 'isBusy' in this.#run && this.#run.isBusy()
  }

  /** Asks the handler to end after the batch in hand. */
  stop(): void {
    if (this.#run !== undefined && 'halt' in this.#run) this.#run.halt()
    this.#stop?.raise()
  }

  /** Waits until the handler has ended, by force after `graceMs`. @throws {Fault} what it threw */
  async close(graceMs: number): Promise<void> {
    try {
      await this.#run?.close(graceMs)
    } catch (thrown) {
      throw this.#fault(thrown)
    } finally {
      this.#run = undefined
      this.#stop = undefined
      if (this.onThread) this.#place.takeBack()
    }
  }

  /** The handler as data. */
  describe(): HandlerDescription {
    const { handler, name } = this.member
    const figures = this.#figures()
    const kind = isThreadHandler(handler)
      ? ({ kind: 'worker', url: handler.url, exportName: handler.exportName } as const)
      : { kind: 'eventLoop' as const }
    return { name, ...kind, ...(figures && { figures }) }
  }

  #startHere(handler: AnyEventHandler<E> | EventProcessorFactory<E>, { ring, poisonSet }: SeatContext<E>, stop: SharedFlag): RunningHere {
    const { options, name } = this.member
    const { consumer, release: giveBack } = this.#place.source(options.maxBatch)
    const release = () => {
      // Read now: what a worker of a pool had claimed is another's afterwards.
      const { next } = consumer
      this.#next = () => next
      giveBack()
    }
    try {
      const processor = makeProcessor({
        ring,
        consumer,
        handler,
        exceptionHandler: this.#exceptions,
        rewind: options.rewind,
        maxBatch: options.maxBatch,
        batchSize: options.batchSize,
        timeoutMs: options.timeoutMs,
        poisonSet,
        canAwait: true,
      })
      this.#figures = () => processor.stats && { ...processor.stats }
      return runOnEventLoop({ name, processor, ring, stop, release })
    } catch (error) {
      release()
      throw error
    }
  }

  #fault(thrown: unknown): Fault {
    return new Fault(thrown, { handler: this.member.name, sequence: this.#next() ?? this.#place.inRing.released() + 1 })
  }

  #startThread(handler: ThreadHandler, context: SeatContext<E>, stop: SharedFlag, signal: AbortSignal): Promise<RunningThread> {
    const { ring, poisonSet } = context
    const { options, name } = this.member
    if (!isShared(ring)) throw cannotShare(name)
    const stats = SharedStats.create()
    this.#figures = () => stats.read()
    this.#next = () => stats.failedAt
    // Its place outlives the thread: it is taken back before all else that the thread held is given up.
    const reclaim = (thread: number) => {
      if (this.#stop === stop) this.#place.takeBack(thread)
      ring.reclaim(thread)
      ring.parkingLot.reclaim(thread)
    }
    const job = {
      name,
      ring: ring.handle,
      ...this.#place.lend(),
      stop: stop.handle,
      waitStrategy: options.waitStrategy ?? context.waitStrategy,
      exceptionPolicy: policyForThread(name, this.#policy ?? context.exceptionPolicy),
      rewind: isRewindStrategy(options.rewind) ? undefined : options.rewind,
      maxBatch: options.maxBatch,
      batchSize: options.batchSize,
      timeoutMs: options.timeoutMs,
      poisonSet: poisonSet?.handle,
      stats: stats.memory,
    }
    return handler.startThread(job, { rings: [{ reclaim }], signal })
  }
}

function cannotShare(name: string): OptionError {
  return new OptionError('handler', name, 'a handler for the event loop: an object ring cannot leave its thread, a ring with a layout can')
}
