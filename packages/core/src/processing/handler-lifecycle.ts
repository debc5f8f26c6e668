import type { AnyEventHandler, ProcessorControl, Sequence } from '@disruptorx/contracts'
import type { Faults } from './faults.ts'
import { PromiseForbiddenError } from './processing-errors.ts'
import { ignoreOutcome, isThenable } from './thenable.ts'

/** Calls a handler's `onStart` and `onShutdown`: each once, and the second only after the first, whatever came of that. */
export class HandlerLifecycle<E> {
  readonly #handler: AnyEventHandler<E>
  readonly #faults: Faults<E>
  readonly #canAwait: boolean
  #started = false
  #shutDown = false

  constructor(handler: AnyEventHandler<E>, faults: Faults<E>, canAwait: boolean) {
    this.#handler = handler
    this.#faults = faults
    this.#canAwait = canAwait
  }

  /** Calls `onStart`. The result, if any, is what to wait for. Throws, or rejects, with what the exception handler throws. */
  start(control: ProcessorControl, next: Sequence): Promise<void> | undefined {
    this.#started = true
    try {
      const outcome = this.#handler.onStart?.(control)
      if (!isThenable(outcome)) return undefined
      if (this.#canAwait) return guarded(outcome, error => this.#faults.startFailed(error))
      ignoreOutcome(outcome)
    } catch (error) {
      this.#faults.startFailed(error)
      return undefined
    }
    throw new PromiseForbiddenError('onStart', next)
  }

  /** Calls `onShutdown`, as {@link start} does `onStart`. */
  shutDown(next: Sequence): Promise<void> | undefined {
    if (!this.#started || this.#shutDown) return undefined
    this.#shutDown = true
    try {
      const outcome = this.#handler.onShutdown?.()
      if (!isThenable(outcome)) return undefined
      if (this.#canAwait) return guarded(outcome, error => this.#faults.shutdownFailed(error))
      ignoreOutcome(outcome)
    } catch (error) {
      this.#faults.shutdownFailed(error)
      return undefined
    }
    throw new PromiseForbiddenError('onShutdown', next)
  }
}

async function guarded(outcome: PromiseLike<unknown>, onError: (error: unknown) => void): Promise<void> {
  try {
    await outcome
  } catch (error) {
    onError(error)
  }
}
