import type { Logger, Sequence } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'

/**
 * What becomes of an event whose handler threw:
 *
 * - `skip`: this handler goes on with the next event; other handlers see it all the same.
 * - `poison`: as `skip`, and handlers that come after this one in the graph do not see it.
 * - `retry`: the same event again, at the next step.
 * - `halt`: the processor ends, and its `step()` throws the error. The event is not released.
 */
export type EventResponse = 'skip' | 'poison' | 'retry' | 'halt'

/** More about an event whose handler threw. */
export interface EventFailure {
  /** How often this event has failed now: from 1. */
  readonly attempt: number
  /** The last sequence that the answer is for. A handler of batches fails for all of its batch that it has not released; one of events for a single event. */
  readonly last: Sequence
}

/** Decides what becomes of errors of a handler. What it throws itself ends the processor, as `halt` does. Algorithm: LMAX ExceptionHandler. */
export interface ExceptionHandler<E = unknown> {
  /**
   * The handler threw at an event, or in one of its hooks between events: then `event` is undefined, and every answer but `halt` means to go on.
   *
   * @param sequence the event; for a handler of batches the first event that it has not released; in a hook the next event, in `onTimeout` the last
   * @param event undefined also where the handler has released it
   */
  handleEventException(error: unknown, sequence: Sequence, event: E | undefined, failure: EventFailure): EventResponse
  /** The handler's `onStart` threw. Returns to let it have events all the same. */
  handleOnStartException(error: unknown): void
  /** The handler's `onShutdown` threw. */
  handleOnShutdownException(error: unknown): void
}

/** The default: the first error ends the processor, and whoever runs it gets that error. Algorithm: LMAX FatalExceptionHandler. */
export const fatalExceptionHandler: ExceptionHandler = {
  handleEventException: () => 'halt',
  handleOnStartException: rethrow,
  handleOnShutdownException: rethrow,
}

function rethrow(error: unknown): never {
  throw error
}

/** Reports errors and goes on with the next event. Algorithm: LMAX IgnoreExceptionHandler. */
export function ignoreExceptionHandler(logger: Logger): ExceptionHandler {
  return {
    handleEventException(error, sequence, _event, { last }) {
      logger.error('a handler threw; the event is skipped', { error, sequence, last })
      return 'skip'
    },
    handleOnStartException: error => logger.error('a handler threw in onStart', { error }),
    handleOnShutdownException: error => logger.error('a handler threw in onShutdown', { error }),
  }
}

/**
 * Hands an event over again until it has failed `attempts` times: then `otherwise` decides.
 *
 * @param attempts how often an event may fail: 1 to 1,000,000
 * @throws {OptionError}
 */
export function retryExceptionHandler<E>(attempts: number, otherwise: ExceptionHandler<E> = fatalExceptionHandler): ExceptionHandler<E> {
  const most = wholeNumber('attempts', attempts, 1, 1_000_000)
  return {
    handleEventException: (error, sequence, event, failure) =>
      failure.attempt < most ? 'retry' : otherwise.handleEventException(error, sequence, event, failure),
    handleOnStartException: error => otherwise.handleOnStartException(error),
    handleOnShutdownException: error => otherwise.handleOnShutdownException(error),
  }
}

/** Passes errors to another exception handler, which may be changed at any time. Algorithm: LMAX ExceptionHandlerWrapper. */
export class ExceptionHandlerWrapper<E = unknown> implements ExceptionHandler<E> {
  #delegate: ExceptionHandler<E>

  constructor(delegate: ExceptionHandler<E> = fatalExceptionHandler) {
    this.#delegate = delegate
  }

  /** From now on errors go to `delegate`. */
  switchTo(delegate: ExceptionHandler<E>): void {
    this.#delegate = delegate
  }

  handleEventException(error: unknown, sequence: Sequence, event: E | undefined, failure: EventFailure): EventResponse {
    return this.#delegate.handleEventException(error, sequence, event, failure)
  }

  handleOnStartException(error: unknown): void {
    this.#delegate.handleOnStartException(error)
  }

  handleOnShutdownException(error: unknown): void {
    this.#delegate.handleOnShutdownException(error)
  }
}
