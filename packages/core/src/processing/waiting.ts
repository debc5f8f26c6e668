/** A promise was rejected: a value of its own, as what it was rejected with may be undefined. */
export interface Rejection {
  readonly error: unknown
}

/** The promises of one handler, one at a time, and the errors that come up while nobody calls its processor. */
export class Waiting {
  /** The newest promise with all that followed from it. Rejects only once {@link lastChance} was called. */
  newest: Promise<void> | undefined
  #untold: Rejection | undefined
  #lastChance = false

  /** Calls `settled` once `promise` has settled. What that throws, or a rejection where nobody is to be called, is kept for {@link tell}. */
  wait(promise: PromiseLike<unknown>, settled: (rejection: Rejection | undefined) => void = rethrow): void {
    this.newest = this.#wait(promise, settled)
  }

  /** Throws what nobody was told about. */
  tell(): void {
    const untold = this.#untold
    this.#untold = undefined
    if (untold !== undefined) throw untold.error
  }

  /** Nobody may ask any more: from now on an error rejects {@link newest}, and is an unhandled rejection if nobody waits for that. */
  lastChance(): void {
    this.#lastChance = true
  }

  /** Calls `close`, and resolves when nothing is pending any more, nor what follows from that: `onShutdown`, say. Rejects with the first error. */
  async end(close: () => void): Promise<void> {
    const errors: Rejection[] = []
    try {
      close()
    } catch (error) {
      errors.push({ error })
    }
    for (let last: Promise<void> | undefined; last !== this.newest; ) {
      last = this.newest
      await last?.catch(error => void errors.push({ error }))
    }
    if (errors[0] !== undefined) throw errors[0].error
  }

  // `await` calls the `then` of a thenable once, in a turn of its own, and heeds only the first answer.
  async #wait(promise: PromiseLike<unknown>, settled: (rejection: Rejection | undefined) => void): Promise<void> {
    let rejection: Rejection | undefined
    try {
      await promise
    } catch (error) {
      rejection = { error }
    }
    try {
      settled(rejection)
    } catch (error) {
      if (this.#lastChance) throw error
      this.#untold = { error }
    }
  }
}

function rethrow(rejection: Rejection | undefined): void {
  if (rejection !== undefined) throw rejection.error
}
