import { AbortedError } from '@disruptorx/contracts'

/** Tells whoever waits on this thread that something changed. */
export class Changes {
  readonly #waiting = new Set<() => void>()

  /** Wakes all that wait. */
  tell(): void {
    if (this.#waiting.size === 0) return
    for (const wake of [...this.#waiting]) wake()
  }

  /** Resolves at the next {@link tell}. @throws {AbortedError} */
  next(what: string, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(new AbortedError(what, signal.reason))
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(wake)
        signal?.removeEventListener('abort', abort)
      }
      const wake = () => {
        leave()
        resolve()
      }
      const abort = () => {
        leave()
        reject(new AbortedError(what, signal?.reason))
      }
      this.#waiting.add(wake)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
}
