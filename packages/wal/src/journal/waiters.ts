import { AbortedError, type DisruptorError } from '@disruptorx/contracts'
import { Wait } from '../log/wait.ts'

/** Promises that settle when this thread's journal is far enough. Nothing here waits or looks by itself: {@link look} does. */
export class Waiters {
  readonly #waiting = new Map<Wait, () => boolean>()
  #end: DisruptorError | undefined

  /** Resolves when `reached` is true. @throws what {@link end} was called with, or {@link AbortedError} */
  async until(reached: () => boolean, what: string, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw new AbortedError(what, signal.reason)
    if (reached()) return
    if (this.#end !== undefined) throw this.#end
    const wait = new Wait(what, signal, left => this.#waiting.delete(left))
    this.#waiting.set(wait, reached)
    return wait.promise
  }

  /** Resolves at the next {@link look}. @throws as {@link until} */
  next(what: string, signal: AbortSignal | undefined): Promise<void> {
    let asked = false
    const reached = () => {
      const before = asked
      asked = true
      return before
    }
    return this.until(reached, what, signal)
  }

  /** Settles whoever waits for what is reached by now. */
  look(): void {
    if (this.#waiting.size === 0) return
    for (const [wait, reached] of [...this.#waiting]) if (reached()) wait.settle()
  }

  /** Ends all waits, now and later, that have not reached what they wait for. */
  end(error: DisruptorError): void {
    this.#end ??= error
    for (const [wait, reached] of [...this.#waiting]) wait.settle(reached() ? undefined : error)
  }
}
