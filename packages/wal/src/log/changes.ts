import { Wait } from './wait.ts'

/** Tells whoever waits on this thread that something changed. */
export class Changes {
  readonly #waiting = new Set<Wait>()

  /** Wakes all that wait. */
  tell(): void {
    if (this.#waiting.size === 0) return
    for (const wait of [...this.#waiting]) wait.settle()
  }

  /** Resolves at the next {@link tell}. @throws {AbortedError} */
  async next(what: string, signal: AbortSignal | undefined): Promise<void> {
    const wait = new Wait(what, signal, left => this.#waiting.delete(left))
    this.#waiting.add(wait)
    return wait.promise
  }
}
