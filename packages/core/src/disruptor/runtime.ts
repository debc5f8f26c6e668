import { AbortedError, ClosedError } from '@disruptorx/contracts'
import { defaultWaitStrategy, type WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { NotStartedError } from '../errors.ts'
import { later } from '../platform/event-loop.ts'
import type { WaitOptions } from '../processing/sequence-barrier.ts'
import { drain } from './drain.ts'
import { DisruptorClosedError, DisruptorHaltedError, type DisruptorState, DisruptorStateError, StartInterruptedError } from './errors.ts'
import type { ExceptionPolicy } from './exception-policy.ts'
import { Blame, Fault } from './fault.ts'
import type { SeatContext } from './seat.ts'
import { withoutEcho } from './self-wait.ts'
import type { Stage } from './stage.ts'
import { Stages } from './stages.ts'
import type { Declaration, Declared, Topology } from './topology.ts'

/** What a {@link Runtime} is made from. */
export interface RuntimeOptions<E> extends Omit<SeatContext<E>, 'waitStrategy' | 'failed' | 'exceptionPolicy'> {
  readonly topology: Topology<E>
  readonly waitStrategy: WaitStrategyHandle | undefined
  readonly graceMs: number
  readonly onFailure: (fault: Fault) => void
  /** Told when handlers are about to end, while the ring still takes events. */
  readonly onStopping: () => void
}

const THE_START = 'the start of the disruptor'

/**
 * Starts and stops the handlers of a disruptor.
 *
 * ```
 *            start()              all loaded
 *   new ----------------> starting --------> running
 *    |                     |  ^                 |
 *    | halt(), shutdown()  |  | start()         | halt(), shutdown() once all is handled,
 *    |                     |  |                 | a handler threw
 *    |                     v  |                 v
 *    |                    stopping <------------+
 *    |   all ended as asked |  | one threw, or could not be loaded
 *    v                      v  v
 *  stopped <----------------+  +------> failed
 *
 *  close() ends in `closed` from anywhere, and nothing leads out of that.
 * ```
 * A start after a stop goes on where each handler had stopped; after a failure, with the event at which it failed. What was published meanwhile is
 * not lost, as publishers wait for every handler that was ever declared; while the disruptor is stopped they are refused.
 */
export class Runtime<E> {
  readonly #options: RuntimeOptions<E>
  readonly stages: Stages<E>
  #state: DisruptorState = 'new'
  #policy: ExceptionPolicy<E> = 'fatal'
  readonly #blame: Blame
  /** Settles when all handlers of a start have been loaded, or have failed to. Never rejects. */
  #loaded: Promise<unknown> = Promise.resolve()
  #loading = new AbortController()
  /** Settles when the last change to the running graph is made. Never rejects. */
  #changed: Promise<unknown> = Promise.resolve()
  /** How many changes are not made yet. */
  #changes = 0
  #ending: Promise<void> | undefined
  #closed = withoutEcho()
  #final = false
  /** Whether the end of this run was asked for by `shutdown`. */
  #shutDown = false

  constructor(options: RuntimeOptions<E>) {
    this.#options = options
    this.#blame = new Blame(options.onFailure)
    this.stages = new Stages(options.topology, options.ring)
  }

  get state(): DisruptorState {
    return this.#state
  }

  /** What a handler threw in this run, and where. */
  get fault(): Fault | undefined {
    return this.#blame.fault
  }

  /** Whether the handlers are being ended, or have been since the last start. */
  get isEnding(): boolean {
    return this.#ending !== undefined
  }

  /** Why it takes no events; undefined while it does, which it does before its first start, too. */
  get refusal(): Error | undefined {
    if (this.#final) return new DisruptorClosedError('closed')
    if (this.fault !== undefined) return new DisruptorHaltedError(this.fault.error)
    if (this.#shutDown && this.#options.ring.stopped) return new DisruptorClosedError('shut down')
    return this.isEnding ? new DisruptorHaltedError(undefined) : undefined
  }

  /** Settles when this run has ended: rejects with what a handler threw. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  /** The default for handlers that say nothing of their own. */
  setDefaultPolicy(policy: ExceptionPolicy<E>): void {
    for (const stage of this.stages.all) for (const seat of stage.seats) seat.setDefaultPolicy(policy, this.#options.logger)
    this.#policy = policy
  }

  /** What becomes of the errors of a node's handlers. @throws {OptionError} */
  setPolicy(node: Declared<E>, policy: ExceptionPolicy<E>): void {
    for (const seat of this.stages.of(node).seats) seat.setPolicy(policy, this.#options.logger)
  }

  /**
   * Declares nodes: before the start, or between two.
   *
   * @throws {DisruptorStateError | ClosedError | OptionError | TableFullError}
   */
  declare(declaration: Declaration<E>): readonly Declared<E>[] {
    this.#checkOpen()
    if (this.#isUp()) throw new DisruptorStateError('setting up handlers', this.#state, 'await add(...) instead')
    return this.stages.join(declaration)
  }

  /** Resolves when every handler is loaded and runs. @throws as `Disruptor.start` */
  async start(signal?: AbortSignal): Promise<void> {
    // A change that a stop has interrupted takes back what it had begun.
    while (this.#state === 'stopping' || this.#changes > 0) await (this.#state === 'stopping' ? this.#ending : this.#changed)
    this.#checkOpen()
    if (this.#isUp()) throw new DisruptorStateError('start', this.#state, 'it has started already')
    if (this.#blame.stuck) throw new DisruptorStateError('start', this.#state, 'a handler never ended, so make a new one')
    if (signal?.aborted) throw new AbortedError(THE_START, signal.reason)
    const stages = this.stages.plan(this.#context())
    this.#begin()
    const run = this.#loading
    const abort = () => {
      void this.halt()
      run.abort()
    }
    signal?.addEventListener('abort', abort)
    try {
      await this.#load(stages)
      this.#state = 'running'
      // For a shutdown that came meanwhile.
      this.#options.ring.parkingLot.unparkAll()
    } catch (thrown) {
      const fault = thrown instanceof Fault ? thrown : undefined
      // Whoever stopped it may have started it again by now: that is another run.
      if (this.#loading === run) {
        if (this.#ending === undefined) this.#blame.notStarted(fault)
        await this.halt()
      }
      throw signal?.aborted ? new AbortedError(THE_START, signal.reason) : (fault?.error ?? thrown)
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Declares nodes, and starts them while the others run. @throws as {@link declare}, and what loading them threw: then they are not there */
  add(declaration: Declaration<E>): Promise<readonly Declared<E>[]> {
    return this.#oneAtATime(async () => {
      this.#checkOpen()
      if (!this.#isUp()) return this.stages.join(declaration)
      this.#checkRuns('add')
      const nodes = this.stages.join(declaration)
      try {
        await this.#load(this.stages.plan(this.#context(), nodes))
      } catch (thrown) {
        this.stages.drop(nodes)
        await this.#leave(nodes)
        throw thrown instanceof Fault ? thrown.error : thrown
      }
      return nodes
    })
  }

  /** Ends nodes after the batch in hand, and takes them out of the ring. @throws as `Disruptor.remove` */
  remove(nodes: () => readonly Declared<E>[]): Promise<void> {
    return this.#oneAtATime(async () => {
      this.#checkOpen()
      if (this.#isUp()) this.#checkRuns('remove')
      const found = nodes()
      this.stages.withdraw(found)
      const [fault] = await this.#leave(found)
      if (fault !== undefined) throw fault.error
    })
  }

  /** As `Disruptor.shutdown`. `closePublishers` makes visible what they hold. */
  async shutdown(options: WaitOptions, closePublishers: (left: () => WaitOptions) => Promise<void>): Promise<void> {
    if (this.#state === 'new' && !this.stages.isHandled) throw new NotStartedError()
    if (!this.isEnding) this.#shutDown = true
    if ((this.#state === 'running' || this.#state === 'starting') && this.fault === undefined) {
      const isHandled = () => this.#state === 'running' && this.stages.isHandled
      await drain({ ring: this.#options.ring, isHandled, isEnding: () => this.isEnding, closePublishers }, options)
    }
    await this.halt()
    if (this.fault !== undefined) throw this.fault.error
  }

  /** Ends every handler after the batch that it is dealing with, whatever is left. */
  halt(): Promise<void> {
    this.#ending ??= this.#stop()
    return this.#ending
  }

  /** {@link halt}, and leaves the ring for good. */
  async close(): Promise<void> {
    this.#final = true
    await this.halt()
    this.#state = 'closed'
    this.stages.leaveAll()
  }

  async #leave(nodes: readonly Declared<E>[]): Promise<readonly Fault[]> {
    const faults = await this.stages.leave(nodes, this.#options.graceMs)
    for (const fault of faults) this.#fail(fault)
    return faults
  }

  #begin(): void {
    if (this.#ending !== undefined) this.#closed = withoutEcho()
    this.#state = 'starting'
    this.#blame.begin()
    this.#ending = undefined
    this.#shutDown = false
    this.#loading = new AbortController()
    if (this.#options.ring.stopped) this.#options.ring.reopen()
  }

  /** Starts stages. @throws what one of them threw, or because the disruptor was stopped meanwhile: then all of it has ended */
  async #load(stages: readonly Stage<E>[]): Promise<void> {
    const context = this.#context()
    const loading = Promise.allSettled(stages.map(stage => stage.start(context, this.#loading.signal)))
    this.#loaded = Promise.all([this.#loaded, loading]).then(() => {})
    const outcomes = await loading
    if (this.#ending !== undefined) {
      await this.#ending
      throw this.fault ?? new StartInterruptedError()
    }
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async #stop(): Promise<void> {
    const { ring, graceMs, onStopping } = this.#options
    this.#state = 'stopping'
    onStopping()
    ring.halt()
    const stages = this.stages.all
    for (const stage of stages) stage.stop()
    const cancel = later(graceMs, () => this.#loading.abort())
    await this.#loaded
    cancel()
    const faults = (await Promise.all(stages.map(stage => stage.close(graceMs)))).flat()
    for (const fault of faults) this.#fail(fault)
    const fault = this.#blame.conclude()
    this.#state = fault === undefined ? 'stopped' : 'failed'
    if (fault === undefined) this.#closed.resolve()
    else this.#closed.reject(fault.error)
  }

  #fail(fault: Fault): void {
    this.#blame.add(fault)
    // Publishers that wait for room are told, and the other handlers end.
    void this.halt()
  }

  #context(): SeatContext<E> {
    const threads = 1 + this.stages.all.flatMap(({ seats }) => seats).filter(seat => seat.onThread).length
    const waitStrategy = this.#options.waitStrategy ?? { ...defaultWaitStrategy, threads }
    return { ...this.#options, waitStrategy, exceptionPolicy: this.#policy, failed: fault => this.#fail(fault) }
  }

  #oneAtATime<T>(change: () => Promise<T>): Promise<T> {
    this.#changes++
    const result = this.#changed.then(change).finally(() => this.#changes--)
    this.#changed = result.catch(() => {})
    return result
  }

  #isUp(): boolean {
    return this.#state === 'starting' || this.#state === 'running' || this.#state === 'stopping'
  }

  #checkRuns(action: string): void {
    if (this.#state !== 'running') throw new DisruptorStateError(action, this.#state, 'wait for that to end')
  }

  #checkOpen(): void {
    if (this.#final) throw new ClosedError('the disruptor')
  }
}
