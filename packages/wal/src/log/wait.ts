import { AbortedError, type DisruptorError } from '@disruptorx/contracts'

/** A promise that settles once: when what it waits for is reached, when that will never be, or when its signal ends it. */
export class Wait {
  readonly promise: Promise<void>
  /** What has to be reached, of those that wait for an LSN. */
  readonly lsn: number
  settled = false
  readonly #resolve: () => void
  readonly #reject: (error: DisruptorError) => void
  readonly #leave: (wait: Wait) => void
  readonly #signal: AbortSignal | undefined
  readonly #abort: (() => void) | undefined

  /**
   * @param what what waits, for the error of a signal
   * @param leave called when it is settled
   * @throws {AbortedError} the signal has ended it before
   */
  constructor(what: string, signal: AbortSignal | undefined, leave: (wait: Wait) => void, lsn = 0) {
    if (signal?.aborted) throw new AbortedError(what, signal.reason)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.promise = promise
    this.lsn = lsn
    this.#resolve = resolve
    this.#reject = reject
    this.#leave = leave
    this.#signal = signal
    this.#abort = signal === undefined ? undefined : () => this.settle(new AbortedError(what, signal.reason))
    if (this.#abort !== undefined) signal?.addEventListener('abort', this.#abort, { once: true })
  }

  /** Resolves, or rejects with an error. Without effect when it is settled. */
  settle(error?: DisruptorError): void {
    if (this.settled) return
    this.settled = true
    if (this.#abort !== undefined) this.#signal?.removeEventListener('abort', this.#abort)
    if (error === undefined) this.#resolve()
    else this.#reject(error)
    this.#leave(this)
  }
}
