import { AbortedError, type DisruptorError } from '@disruptorx/contracts'

interface Waiter {
  readonly reached: () => boolean
  readonly settle: (error?: DisruptorError) => void
}

/** Promises that settle when this thread's journal is far enough. Nothing here waits or looks by itself: {@link look} does. */
export class Waiters {
  readonly #waiters = new Set<Waiter>()
  #end: DisruptorError | undefined

  get waiting(): boolean {
    return this.#waiters.size > 0
  }

  /** Resolves when `reached` is true. @throws what {@link end} was called with, or {@link AbortedError} */
  until(reached: () => boolean, what: string, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(new AbortedError(what, signal.reason))
    if (reached()) return Promise.resolve()
    if (this.#end !== undefined) return Promise.reject(this.#end)
    return new Promise((resolve, reject) => {
      const abort = () => waiter.settle(new AbortedError(what, signal?.reason))
      const waiter: Waiter = {
        reached,
        settle: error => {
          this.#waiters.delete(waiter)
          signal?.removeEventListener('abort', abort)
          if (error === undefined) resolve()
          else reject(error)
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiters.add(waiter)
    })
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
    if (this.#waiters.size === 0) return
    for (const waiter of [...this.#waiters]) if (waiter.reached()) waiter.settle()
  }

  /** Ends all waits, now and later, that have not reached what they wait for. */
  end(error: DisruptorError): void {
    this.#end ??= error
    for (const waiter of [...this.#waiters]) waiter.settle(waiter.reached() ? undefined : error)
  }
}
