import { AbortedError, type DisruptorError } from '@disruptorx/contracts'
import type { ParkingLot, ParkingParker } from '@disruptorx/core'

interface Waiter {
  readonly reached: () => boolean
  readonly resolve: () => void
  readonly reject: (error: DisruptorError) => void
}

/** Promises that settle when something that another thread moves is far enough. */
export class ProgressWaiters {
  readonly #parkingLot: ParkingLot
  readonly #parker: ParkingParker
  readonly #hold: (held: boolean) => void
  readonly #waiters = new Set<Waiter>()
  #watching = false
  #end: DisruptorError | undefined

  /** @param hold called with true while anybody waits: the process has to live as long */
  constructor(parkingLot: ParkingLot, hold: (held: boolean) => void) {
    this.#parkingLot = parkingLot
    this.#parker = parkingLot.parker()
    this.#hold = hold
  }

  /** Resolves when `reached` is true. @throws what {@link end} was called with, or {@link AbortedError} */
  until(reached: () => boolean, what: string, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(new AbortedError(what, signal.reason))
    if (reached()) return Promise.resolve()
    if (this.#end !== undefined) return Promise.reject(this.#end)
    return new Promise((resolve, reject) => {
      const abort = () => this.#settle(waiter, () => reject(new AbortedError(what, signal?.reason)))
      const done = () => signal?.removeEventListener('abort', abort)
      const waiter: Waiter = {
        reached,
        resolve: () => this.#settle(waiter, resolve, done),
        reject: error => this.#settle(waiter, () => reject(error), done),
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiters.add(waiter)
      if (!this.#watching) void this.#watch()
    })
  }

  /** Ends all waits, now and later, that have not reached what they wait for. */
  end(error: DisruptorError): void {
    this.#end ??= error
    for (const waiter of [...this.#waiters]) {
      if (waiter.reached()) waiter.resolve()
      else waiter.reject(error)
    }
    if (!this.#watching) this.#parker.close()
  }

  async #watch(): Promise<void> {
    this.#watching = true
    this.#hold(true)
    while (this.#waiters.size > 0) {
      this.#parker.raise()
      for (const waiter of this.#waiters) if (waiter.reached()) waiter.resolve()
      if (this.#waiters.size === 0) break
      await this.#parker.parkAsync(Number.POSITIVE_INFINITY)
    }
    this.#parker.lower()
    this.#hold(false)
    this.#watching = false
    if (this.#end !== undefined) this.#parker.close()
  }

  #settle(waiter: Waiter, settle: () => void, done?: () => void): void {
    if (!this.#waiters.delete(waiter)) return
    done?.()
    settle()
    // The last one that leaves ends the watch.
    if (this.#waiters.size === 0) this.#parkingLot.unparkAll()
  }
}
