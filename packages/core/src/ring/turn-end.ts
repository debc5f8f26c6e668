import { later } from '../platform/event-loop.ts'

/** How long to leave a full ring alone before the next try, in milliseconds. */
const RETRY_MS = 1

/**
 * Calls `flush` at the end of the current turn of the event loop, and again every millisecond for as long as it returns false.
 *
 * Armed once per burst: on a thread that never returns to its event loop it costs nothing after the first time.
 */
export class TurnEnd {
  readonly #flush: () => boolean
  readonly #run = () => this.#end()
  #armed = false

  constructor(flush: () => boolean) {
    this.#flush = flush
  }

  arm(): void {
    if (this.#armed) return
    this.#armed = true
    queueMicrotask(this.#run)
  }

  #end(): void {
    if (this.#flush()) this.#armed = false
    else later(RETRY_MS, this.#run)
  }
}
