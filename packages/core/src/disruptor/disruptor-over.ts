import { type Closeable, OptionError, type Sequence } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { consoleLogger } from '../platform/console-logger.ts'
import { PoisonSet } from '../processing/poison-set.ts'
import { SequenceBarrier, type WaitOptions } from '../processing/sequence-barrier.ts'
import type { NextOptions } from '../sequencer/producer.ts'
import { type DisruptorDescription, toMermaid } from './describe.ts'
import { isShared } from './disruptor-ring.ts'
import type { DisruptorState } from './errors.ts'
import { checkPolicy, type ExceptionPolicy } from './exception-policy.ts'
import { type FailedAt, failureReport } from './fault.ts'
import type { HandlerLike } from './handle.ts'
import { type HandlerGroup, handlerGroup } from './handler-group.ts'
import type { AddOptions, DisruptorOptions, GroupOptions, StartOptions } from './options.ts'
import { type Gathering, Publishing, type WritableRing } from './publishing.ts'
import { Runtime } from './runtime.ts'
import { endingFor } from './self-wait.ts'
import type { Stage } from './stage.ts'
import { startWithin } from './start-limit.ts'
import { type Declaration, type HandlerRef, Topology } from './topology.ts'
import { checkWorkerWait } from './worker-wait.ts'

/** The publisher of a ring that has one. */
type PublisherOf<R> = R extends { publisher(options?: infer _O): infer P } ? P : never
type PublisherArguments<R> = R extends { publisher(options?: infer O): unknown } ? [options?: O] : [ringWithoutPublisher: never]

/**
 * A ring with its handlers: on this event loop, on worker threads, side by side and one after the other, and competing for events.
 *
 * A handler that throws is fatal, unless its exception handler says otherwise: all handlers stop, publishers get a {@link DisruptorHaltedError}, and
 * {@link shutdown} rejects with what it threw.
 *
 * `E` is what handlers see, `W` what publishers write, `R` the ring.
 */
export class DisruptorOver<E, W, R extends WritableRing<E, W>> implements Closeable {
  readonly ring: R
  readonly #topology = new Topology<E>()
  readonly #runtime: Runtime<E>
  readonly #publishing: Publishing<E, W>

  /** See {@link DisruptorConstructor}. */
  constructor(options: DisruptorOptions, ring: R) {
    const graceMs = wholeNumber('graceMs', options.graceMs ?? 5000, 0, 3_600_000)
    if (options.waitStrategy !== undefined) checkWorkerWait(options.waitStrategy)
    this.ring = ring
    this.#publishing = new Publishing(ring, () => this.#runtime.refusal)
    this.#runtime = new Runtime({
      ring,
      graceMs,
      topology: this.#topology,
      logger: options.logger ?? consoleLogger,
      poisonSet: options.poison === true ? PoisonSet.create(ring.capacity) : undefined,
      waitStrategy: options.waitStrategy,
      onFailure: failureReport(options),
      onStopping: () => this.#publishing.close(),
    })
  }

  get state(): DisruptorState {
    return this.#runtime.state
  }

  /** What a handler threw in this run, once one has. */
  get failure(): Error | undefined {
    return this.#runtime.fault?.error
  }

  /** Which handler threw {@link failure}, and at which event. */
  get failedAt(): FailedAt | undefined {
    return this.#runtime.fault?.at
  }

  /** Resolves when this run has ended by `shutdown`, `halt` or `close`; rejects with what a handler threw. A new start begins a new run. */
  get closed(): Promise<void> {
    return this.#runtime.closed
  }

  /**
   * Adds handlers that see every event, side by side. Not while it runs: then {@link add} does.
   *
   * @throws {OptionError} one of them is no handler, or its name is taken
   * @throws {TableFullError} the ring has not so many places for consumers
   * @throws {DisruptorStateError | ClosedError}
   */
  handleEventsWith(...handlers: HandlerLike<E>[]): HandlerGroup<E> {
    return this.#declare({ handlers, after: [] })
  }

  /** Adds handlers that share the events: each event is dealt with by one of them, whichever is free. @throws as {@link handleEventsWith} */
  handleEventsWithWorkerPool(...handlers: HandlerLike<E>[]): HandlerGroup<E> {
    return this.#declare({ handlers, after: [], competing: true })
  }

  /**
   * Adds a group by a name that others depend on. Groups may be declared in any order; what they depend on is looked up when the disruptor starts.
   *
   * @throws as {@link handleEventsWith}
   */
  group(name: string, options: GroupOptions<E>): HandlerGroup<E> {
    return this.#declare(this.#declaration({ ...options, name }))
  }

  /**
   * The handlers that were added before as a group, to put others after them; names also of handlers and groups that are declared later.
   *
   * @throws {UnknownDependencyError} one of the handlers was never added
   */
  after(...refs: HandlerRef<E>[]): HandlerGroup<E> {
    return this.#group(this.#topology.namesOf(refs, 'after'))
  }

  /**
   * Adds handlers while the others run; before the start, only declares them. They see what is published from then on; nobody else misses anything.
   *
   * @returns their names, once they are loaded and run
   * @throws as {@link handleEventsWith}
   * @throws what loading them threw: then none of them is there
   */
  async add(options: AddOptions<E>): Promise<readonly string[]> {
    const nodes = await this.#runtime.add(this.#declaration(options))
    return nodes.map(({ name }) => name)
  }

  /**
   * Takes handlers, or all of a group, out: each ends after the batch in hand. Nobody else misses anything, and publishers no longer wait for them.
   *
   * Handlers that come after others rely on what these do to each event. So they are not moved up silently: remove them in the same call, or first.
   *
   * @throws {HandlerInUseError} others come after one of them
   * @throws {UnknownDependencyError} there is none by that name
   * @throws {DisruptorStateError | ClosedError}
   */
  remove(...refs: HandlerRef<E>[]): Promise<void> {
    return this.#runtime.remove(() => this.#topology.find(this.#topology.namesOf(refs, 'remove'), 'remove'))
  }

  /** What becomes of errors of a handler: at once on the event loop, from the next start on a worker. @throws {UnknownDependencyError} it was never added */
  handleExceptionsFor(ref: HandlerRef<E>): { with(policy: ExceptionPolicy<E>): void } {
    const nodes = this.#topology.find(this.#topology.namesOf([ref], 'handleExceptionsFor'), 'handleExceptionsFor')
    return {
      with: policy => {
        checkPolicy(policy)
        for (const node of nodes) this.#runtime.setPolicy(node, policy)
      },
    }
  }

  /** What becomes of errors of handlers of which nothing else was said: at once on the event loop, from the next start on workers. @throws {OptionError} */
  setDefaultExceptionHandler(policy: ExceptionPolicy<E>): void {
    checkPolicy(policy)
    this.#runtime.setDefaultPolicy(policy)
  }

  /**
   * Starts every handler; resolves when all of them are loaded and run. After `halt`, `shutdown` or a failure it starts again: each handler goes on after
   * the last event that it has dealt with.
   *
   * @throws {UnknownDependencyError | DependencyCycleError} names of what comes after what do not fit; nothing was started
   * @throws {OptionError} options of a handler do not fit where it runs; nothing was started
   * @throws what loading a handler threw, {@link StartInterruptedError}, {@link TimeoutError} or {@link AbortedError}: what had started has ended again
   */
  async start(options: StartOptions = {}): Promise<this> {
    await startWithin(options, signal => this.#runtime.start(signal))
    return this
  }

  /**
   * Takes no more events, waits until every handler has dealt with every event, and ends the handlers.
   *
   * @throws what a handler threw
   * @throws {SelfWaitError} as {@link halt}
   * @throws {NotStartedError} there are events that nobody would ever see
   * @throws {TimeoutError | AbortedError} not all was handled in time: handlers go on, and `shutdown` or `halt` may be called again
   */
  shutdown(options: WaitOptions = {}): Promise<void> {
    const flush = (left: () => WaitOptions) => this.#publishing.flush(left)
    return endingFor(this.#runtime.stages.busy, 'shutdown()', this.#runtime.shutdown(options, flush))
  }

  /**
   * Ends every handler after the batch that it is dealing with, whatever is left. Safe to call twice, at any time. A handler may call it, {@link shutdown}
   * and {@link remove}, but not wait for them: they wait for it. Later than at the handler's own first `await` nobody can tell that it is the handler who calls:
   * then a halt gives the handler up after `graceMs`.
   *
   * @throws {SelfWaitError} a handler on this event loop has called it and waits: it has begun all the same
   */
  halt(): Promise<void> {
    return endingFor(this.#runtime.stages.busy, 'halt()', this.#runtime.halt())
  }

  /** {@link halt}, and leaves the ring for good: it cannot be started again. Safe to call twice. */
  close(): Promise<void> {
    return endingFor(this.#runtime.stages.busy, 'close()', this.#runtime.close())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * A writing side that gathers events into bursts, for this thread, of a ring with a layout. The end of the run flushes and closes it: {@link shutdown}
   * waits for room for what it holds, {@link halt} and a failure do not.
   *
   * @throws as `StructRing.publisher`
   * @throws {DisruptorHaltedError | DisruptorClosedError} the disruptor has stopped
   */
  publisher(...[options]: PublisherArguments<R>): PublisherOf<R> {
    this.#publishing.checkOpen()
    if (!hasPublisher(this.ring)) throw new OptionError('ring', 'an object ring', 'a ring with a layout; publishEvent() writes to any')
    this.#publishing.makeWay()
    return this.#publishing.add(this.ring.publisher(options)) as Gathering & PublisherOf<R>
  }

  /**
   * Claims a slot, lets `write` fill it, and publishes it. Blocks this thread while the ring is full. It goes together with a
   * {@link publisher}: where the ring has one producer, what that holds becomes visible first, and `write` cannot publish by either.
   *
   * @throws what `write` throws: then nothing is published
   * @throws {WouldDeadlockError} the ring is full, and a handler that has to make room runs on this thread: {@link tryPublishEvent} returns instead
   * @throws {TimeoutError | BlockingForbiddenError | RoleTakenError | RingHaltedError}
   * @throws {DisruptorHaltedError | DisruptorClosedError} the disruptor has stopped
   */
  publishEvent(write: (event: W, sequence: Sequence) => void, options?: NextOptions): void {
    this.#publishing.publishEvent(write, options)
  }

  /** As {@link publishEvent} for `count` events that become visible together; `index` counts them from 0. When `write` throws, none is published. */
  publishEvents(count: number, write: (event: W, sequence: Sequence, index: number) => void, options?: NextOptions): void {
    this.#publishing.publishEvents(count, write, options)
  }

  /** As {@link publishEvent}, but false when the ring is full. */
  tryPublishEvent(write: (event: W, sequence: Sequence) => void): boolean {
    return this.#publishing.tryPublishEvent(write)
  }

  /** As {@link publishEvents}, but false when the ring has no room for all of them. */
  tryPublishEvents(count: number, write: (event: W, sequence: Sequence, index: number) => void): boolean {
    return this.#publishing.tryPublishEvents(count, write)
  }

  /** The highest sequence that a handler, or all of a group, has dealt with. @throws {UnknownDependencyError} */
  sequenceOf(ref: HandlerRef<E>): Sequence {
    return Math.min(...this.#stages([ref], 'sequenceOf').map(stage => stage.released()))
  }

  /** A barrier on which to wait until all of these have dealt with a sequence. It is alerted when the disruptor stops. @throws {UnknownDependencyError} */
  barrier(...refs: HandlerRef<E>[]): SequenceBarrier {
    const cells = this.#stages(refs, 'barrier').map(stage => ({ get: () => stage.released(), set: () => {} }))
    return new SequenceBarrier({ cells, parkingLot: this.ring.parkingLot, alerted: () => this.#runtime.isEnding })
  }

  /** The disruptor as data, which survives JSON. @throws {UnknownDependencyError | DependencyCycleError} */
  describe(): DisruptorDescription {
    const { ring, state } = this
    const producers = isShared(ring) ? ring.handle.producers : undefined
    const shape = { kind: isShared(ring) ? ('struct' as const) : ('object' as const), capacity: ring.capacity, cursor: ring.cursor.get() }
    return { state, ring: { ...shape, ...(producers && { producers }) }, nodes: this.#runtime.stages.describe() }
  }

  /** The disruptor as a Mermaid flow chart: the ring, then stage after stage. @throws as {@link describe} */
  toMermaid(): string {
    return toMermaid(this.describe())
  }

  #stages(refs: readonly HandlerRef<E>[], by: string): readonly Stage<E>[] {
    if (refs.length === 0) throw new OptionError('handlers', 'empty', 'at least one handler')
    return this.#topology.find(this.#topology.namesOf(refs, by), by).map(node => this.#runtime.stages.of(node))
  }

  #declaration({ handlers, dependsOn = [], competing = false, name }: AddOptions<E>): Declaration<E> {
    const after = this.#topology.namesOf(dependsOn, name ?? 'add')
    return { handlers, after, competing, ...(name !== undefined && { group: name }) }
  }

  #declare(declaration: Declaration<E>): HandlerGroup<E> {
    const nodes = this.#runtime.declare(declaration)
    return this.#group(declaration.group === undefined ? nodes.map(({ name }) => name) : [declaration.group])
  }

  #group(names: readonly string[]): HandlerGroup<E> {
    return handlerGroup(names, (after, handlers, competing) => this.#declare({ handlers, after, competing }))
  }
}

function hasPublisher(ring: object): ring is { publisher(options: unknown): Gathering } {
  return 'publisher' in ring
}
