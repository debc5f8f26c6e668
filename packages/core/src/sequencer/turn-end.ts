import { later } from '../platform/event-loop.ts'

/** How long to leave a full ring alone before the next try, in milliseconds. */
const RETRY_MS = 1

/** The publishers of this thread that may hold events back. */
const armed = new Set<TurnEnd>()

/**
 * Calls `flush` at the end of the current turn of the event loop, and again every millisecond for as long as it returns false; and whenever this
 * thread is about to block, see {@link flushBeforeWait}.
 *
 * Armed once per burst: on a thread that never returns to its event loop it costs nothing after the first time.
 */
export class TurnEnd {
  readonly #flush: () => boolean
  readonly #run = () => this.#end()
  #armed = false

  /** @param flush makes what was gathered visible; false when it could not. Never throws. */
  constructor(flush: () => boolean) {
    this.#flush = flush
  }

  arm(): void {
    if (this.#armed) return
    this.#armed = true
    armed.add(this)
    queueMicrotask(this.#run)
  }

  /** Flushes before the end of the turn. */
  flushNow(): void {
    this.#flush()
  }

  #end(): void {
    if (!this.#flush()) {
      later(RETRY_MS, this.#run)
      return
    }
    this.#armed = false
    armed.delete(this)
  }
}

/**
 * Makes everything visible that publishers of this thread hold back. For whatever is about to block the thread: it may wait for an answer to
 * just these events, and the turn does not end meanwhile.
 */
export function flushBeforeWait(): void {
  for (const turnEnd of armed) turnEnd.flushNow()
}
