import { isDisruptorError, type Sequence } from '@disruptorx/contracts'
import { consoleLogger } from '../platform/console-logger.ts'
import type { DisruptorOptions } from './options.ts'

/** Where a disruptor failed. */
export interface FailedAt {
  /** The name of the handler. */
  readonly handler: string
  /**
   * The first event that the handler has not released, which is the one that it threw at, and with which the next start begins. Where it failed between
   * events, in `onStart` say, or its worker was ended, the event is not to blame.
   */
  readonly sequence: Sequence
}

/** What a handler threw, and where: rejects inside a disruptor in place of the error. */
export class Fault {
  readonly error: Error
  readonly at: FailedAt

  /** @param thrown whatever it was, which in JavaScript may be nothing at all */
  constructor(thrown: unknown, at: FailedAt) {
    this.error = (thrown ?? new Error(`handler '${at.handler}' threw ${thrown} at sequence ${at.sequence}`)) as Error
    this.at = at
  }
}

/** Whom to blame for the end of a run. */
export class Blame {
  readonly #onFailure: (fault: Fault) => void
  #fault: Fault | undefined
  #echo: Fault | undefined
  #stuck = false

  constructor(onFailure: (fault: Fault) => void) {
    this.#onFailure = onFailure
  }

  /** The one that ended the run, once it is known. */
  get fault(): Fault | undefined {
    return this.#fault
  }

  /** Whether a handler could not be ended, in any run: what it does to its sequence nobody knows. */
  get stuck(): boolean {
    return this.#stuck
  }

  /**
   * A handler failed. One that met a halted ring may be the victim of another, whose thread halts the ring before its error can get here: so this counts only
   * where {@link conclude} finds no other.
   */
  add(fault: Fault): void {
    if (isDisruptorError(fault.error, 'DX_HANDLER_STUCK')) this.#stuck = true
    if (isDisruptorError(fault.error, 'DX_RING_HALTED')) this.#echo ??= fault
    else this.#decide(fault)
  }

  /** All handlers have ended, and what they threw is known. */
  conclude(): Fault | undefined {
    if (this.#echo !== undefined) this.#decide(this.#echo)
    return this.#fault
  }

  /** A new run begins. */
  begin(): void {
    this.#fault = undefined
    this.#echo = undefined
  }

  /** The run did not even start: who started it is told, and nobody else. */
  notStarted(fault: Fault | undefined): void {
    this.#fault = fault
  }

  #decide(fault: Fault): void {
    if (this.#fault !== undefined) return
    this.#fault = fault
    void this.#tell(fault)
  }

  /** What `onFailure` throws becomes an unhandled rejection: it is the program's own error, and no run may fail to end because of it. */
  async #tell(fault: Fault): Promise<void> {
    this.#onFailure(fault)
  }
}

/** Who is told of a failure: what the options say, otherwise the log, as no failure may be silent. */
export function failureReport(options: DisruptorOptions): (fault: Fault) => void {
  const { logger = consoleLogger } = options
  return ({ error, at }) => {
    if (options.onFailure !== undefined) options.onFailure(error, at)
    else logger.error(`handler '${at.handler}' failed at sequence ${at.sequence}; the disruptor ends`, { ...at, error })
  }
}
