import { wholeNumber } from '@disruptorx/contracts/internal'
import { eventLoopTurn, microtasksDrained } from '../platform/turns.ts'
import { SeededRandom } from '../seeded-random.ts'
import { Coverage } from './coverage.ts'
import { SimulationCutError, SimulationError, type SimulationFailureKind } from './errors.ts'
import { type EventOwner, EventQueue, SimulatedEvent } from './event-queue.ts'
import { Invariants } from './invariants.ts'
import { type ResolvedLimits, resolveLimits, type SimulationLimits } from './limits.ts'
import { Trace, type TraceOptions } from './trace.ts'

/** What a simulation is made of. */
export interface SimulationOptions {
  /** Decides everything that is left to chance. A whole number from 0 to 2^53 - 1. */
  readonly seed: number
  /** Whether to keep what happened. @default false */
  readonly trace?: boolean | TraceOptions
  readonly limits?: SimulationLimits
}

/** How far to let a simulation run. Without any bound: until nothing is left to happen. */
export interface RunOptions {
  /** Virtual time at which to stop, in milliseconds since the simulation began. */
  readonly untilMs?: number
  /** Virtual time to let pass, in milliseconds. */
  readonly forMs?: number
  /** Events after which to stop. From 1. */
  readonly maxEvents?: number
  /** Asked after each event: true stops. */
  readonly until?: () => boolean
}

/** Why a simulation stopped: nothing left to happen, the time over, the events used up, or what was asked for came true. */
export type RunOutcome = 'idle' | 'time' | 'events' | 'until'

/** Events after which the process that simulates gets a turn for its own timers and messages. */
const EVENTS_PER_TURN = 16_384

/**
 * A world in which time passes only when everything that belongs to a moment has happened, and one seed decides everything.
 *
 * Events happen one after the other in the order of (moment, scheduling). What uses chance takes a source of its own by {@link randomFor}. Nodes,
 * disks and networks are built on these three calls: {@link schedule}, {@link randomFor} and {@link run}.
 *
 * @example
 * const sim = new Simulation({ seed: 7 })
 * sim.schedule(1_000_000, () => console.log(sim.nowMs)) // 1
 * await sim.run()
 */
export class Simulation {
  readonly seed: number
  /** What was really met so far, by kind of fault. */
  readonly coverage = new Coverage()
  /** What the run achieved, by name: shows that a run that found nothing did something. */
  readonly facts = new Coverage()
  /** What happened; `undefined` unless asked for. */
  readonly trace: Trace | undefined
  readonly limits: ResolvedLimits
  readonly #root: SeededRandom
  readonly #queue = new EventQueue()
  readonly #invariants = new Invariants()
  #nowNs = 0
  #events = 0
  #sequence = 0
  #fingerprint = 0
  #usesPromises = false
  #running = false
  #failure: SimulationError | undefined

  /** @throws {OptionError} */
  constructor(options: SimulationOptions) {
    this.#root = new SeededRandom(options.seed)
    this.seed = options.seed
    this.limits = resolveLimits(options.limits)
    const now = () => ({ event: this.#events, atNs: this.#nowNs })
    if (options.trace) this.trace = new Trace(now, options.trace === true ? {} : options.trace)
  }

  /** Virtual time since the simulation began, in nanoseconds. */
  get nowNs(): number {
    return this.#nowNs
  }

  /** Virtual time since the simulation began, in milliseconds. */
  get nowMs(): number {
    return this.#nowNs / 1e6
  }

  /** Events that happened so far. */
  get events(): number {
    return this.#events
  }

  /** A checksum of the order and the moments of all events so far: the same for two runs of one seed. */
  get fingerprint(): string {
    return (this.#fingerprint >>> 0).toString(16).padStart(8, '0')
  }

  /** The source of chance that belongs to this name alone. Asking for another one changes nothing for it. Ask once and keep it. */
  randomFor(...names: readonly (string | number)[]): SeededRandom {
    return this.#root.derive(...names)
  }

  // Hot: benchmark `simulation/kernel`.
  /** Makes something happen after `delayNs`, rounded to whole nanoseconds. With an owner: only while that runs. @throws {SimulationError} a budget is used up */
  schedule(delayNs: number, task: () => void, owner?: EventOwner): SimulatedEvent {
    if (!(delayNs >= 0)) throw new RangeError(`delayNs is ${delayNs}; it must be a number of at least 0`)
    const event = new SimulatedEvent(this.#nowNs + Math.round(delayNs), this.#sequence++, task, owner)
    if (this.#queue.size >= this.limits.maxQueued) throw this.#error('budget', `more than ${this.limits.maxQueued} events wait`)
    this.#queue.push(event)
    return event
  }

  /** Takes an event back. Safe to call twice, and for events that happened. */
  cancel(event: SimulatedEvent): void {
    this.#queue.cancel(event)
  }

  /**
   * Checks something after every `everyEvents`-th event, and always at the end of {@link check}. With `Infinity`: there only.
   *
   * @param check throws when it does not hold
   */
  invariant(name: string, check: () => void, everyEvents = 1): void {
    this.#invariants.add(name, check, everyEvents)
  }

  /** Checks all invariants now. @throws {SimulationError} also what {@link fail} was told before, if nothing has thrown it yet */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#invariants.checkAll((name, cause) => this.#error('invariant', `${name}: ${reasonOf(cause)}`, cause))
  }

  /** From now on promises are used: after each event every one that can settle does so before the next event. */
  usePromises(): void {
    this.#usesPromises = true
  }

  /** Ends the run at the end of this event: code under test did what it must not. The first failure counts. */
  fail(cause: unknown, kind: SimulationFailureKind = 'error', what = ''): void {
    this.#failure ??=
      cause instanceof SimulationError ? cause : this.#error(kind, what === '' ? reasonOf(cause) : `${what}: ${reasonOf(cause)}`, cause)
  }

  /**
   * Lets events happen.
   *
   * @throws {SimulationError} an invariant, an error or a budget
   * @throws {SimulationCutError} the limits say to stop here
   */
  async run(options: RunOptions = {}): Promise<RunOutcome> {
    if (this.#running) throw new Error('the simulation runs already: await the run before')
    this.#running = true
    try {
      // What the world was built from may have promises of its own under way.
      if (this.#usesPromises) await microtasksDrained()
      return await this.#run(options)
    } finally {
      this.#running = false
    }
  }

  /**
   * Lets events happen until something comes true.
   *
   * @throws {SimulationError} kind `liveness`: it did not within the time; and whatever {@link run} throws
   */
  async eventually(what: string, condition: () => boolean, withinMs: number): Promise<void> {
    if (condition()) return
    const outcome = await this.run({ forMs: withinMs, until: condition })
    if (outcome === 'until' || condition()) return
    throw this.#error(
      'liveness',
      `${what} did not come true within ${withinMs} ms${outcome === 'idle' ? ': nothing is left to happen' : ''}`,
    )
  }

  async #run({ untilMs = Number.POSITIVE_INFINITY, forMs = Number.POSITIVE_INFINITY, maxEvents, until }: RunOptions): Promise<RunOutcome> {
    const last = this.#events + (maxEvents === undefined ? Number.POSITIVE_INFINITY : wholeNumber('maxEvents', maxEvents, 1, 2 ** 53 - 1))
    const untilNs = Math.round(Math.min(untilMs * 1e6, this.#nowNs + forMs * 1e6))
    if (this.#failure !== undefined) throw this.#failure
    for (;;) {
      const event = this.#queue.peek()
      if (event === undefined || event.atNs > untilNs) {
        if (untilNs !== Number.POSITIVE_INFINITY) this.#nowNs = Math.max(this.#nowNs, untilNs)
        return event === undefined ? 'idle' : 'time'
      }
      this.#queue.take(event)
      if (!this.#admits(event)) continue
      this.#happen(event)
      if (this.#usesPromises) await microtasksDrained()
      if (this.#failure !== undefined) throw this.#failure
      this.#invariants.afterEvent((name, cause) => this.#error('invariant', `${name}: ${reasonOf(cause)}`, cause))
      if (until?.()) return 'until'
      if (this.#events >= last) return 'events'
      if (this.#events % EVENTS_PER_TURN === 0) await eventLoopTurn()
    }
  }

  /** Whether an event's owner lets it happen. */
  #admits(event: SimulatedEvent): boolean {
    const state = event.owner?.state
    if (state === 'paused') event.owner?.defer(event)
    return state === undefined || state === 'running'
  }

  #happen(event: SimulatedEvent): void {
    const { limits } = this
    if (this.#events >= limits.stopAfterEvents) {
      this.check()
      throw new SimulationCutError(this.#events)
    }
    this.#events++
    this.#nowNs = event.atNs
    this.#fingerprint = (Math.imul(this.#fingerprint ^ (event.atNs | 0), 0x9e3779b1) + event.sequence) | 0
    if (this.#events > limits.maxEvents) throw this.#error('budget', `more than ${limits.maxEvents} events happened`)
    if (this.nowMs > limits.maxSimulatedMs) throw this.#error('budget', `more than ${limits.maxSimulatedMs} ms passed`)
    try {
      event.task()
    } catch (error) {
      this.fail(error)
    }
  }

  #error(kind: SimulationFailureKind, reason: string, cause?: unknown): SimulationError {
    return new SimulationError(kind, reason, { seed: this.seed, event: this.#events, atMs: this.nowMs }, cause)
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
