import { AbortedError, type DisruptorError } from '@disruptorx/contracts'
import type { ParkingParker } from '@disruptorx/core'
import { Wait } from '../log/wait.ts'
import type { JournalProgress } from './progress.ts'

/** Promises that settle when a journal's thread is far enough. One sleep serves all of them. */
export class ProgressWaiters {
  readonly #progress: JournalProgress
  readonly #parker: ParkingParker
  readonly #hold: (held: boolean) => void
  /** Those who wait for an LSN, ascending: a look ends at the first that has to wait on. Some are settled already. */
  readonly #durable: Wait[] = []
  readonly #others = new Map<Wait, () => boolean>()
  #waiting = 0
  #watching = false
  #end: DisruptorError | undefined

  /** @param hold called with true while anybody waits: the process has to live as long */
  constructor(progress: JournalProgress, hold: (held: boolean) => void) {
    this.#progress = progress
    this.#parker = progress.parkingLot.parker()
    this.#hold = hold
  }

  /** Resolves when everything up to `lsn` is durable, also after the {@link end}. @throws as {@link until} */
  async durable(lsn: number, signal: AbortSignal | undefined): Promise<void> {
    const what = `waiting for LSN ${lsn}`
    if (signal?.aborted) throw new AbortedError(what, signal.reason)
    if (this.#progress.durableLsn >= lsn) return
    const wait = this.#wait(what, signal, lsn)
    // Most wait for what was appended last.
    let at = this.#durable.length
    while (at > 0 && (this.#durable[at - 1] as Wait).lsn > lsn) at--
    if (at === this.#durable.length) this.#durable.push(wait)
    else this.#durable.splice(at, 0, wait)
    return this.#begin(wait)
  }

  /** Resolves when `reached` is true. @throws what {@link end} was called with, or {@link AbortedError} */
  async until(reached: () => boolean, what: string, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw new AbortedError(what, signal.reason)
    if (this.#end === undefined && reached()) return
    const wait = this.#wait(what, signal)
    this.#others.set(wait, reached)
    return this.#begin(wait)
  }

  /** Ends all waits, now and later, that have not reached what they wait for. */
  end(error: DisruptorError): void {
    if (this.#end !== undefined) return
    this.#end = error
    this.#look()
    for (const wait of [...this.#durable, ...this.#others.keys()]) wait.settle(error)
    if (!this.#watching) this.#parker.close()
  }

  #wait(what: string, signal: AbortSignal | undefined, lsn = 0): Wait {
    if (this.#end !== undefined) throw this.#end
    return new Wait(what, signal, () => this.#left(), lsn)
  }

  /** For a wait that has its place already: the watch's first look must not miss it. */
  #begin(wait: Wait): Promise<void> {
    this.#waiting++
    if (!this.#watching) void this.#watch()
    return wait.promise
  }

  async #watch(): Promise<void> {
    this.#watching = true
    this.#hold(true)
    while (this.#waiting > 0) {
      this.#parker.raise()
      this.#look()
      if (this.#waiting === 0) break
      await this.#parker.parkAsync(Number.POSITIVE_INFINITY)
    }
    this.#parker.lower()
    this.#hold(false)
    this.#watching = false
    if (this.#end !== undefined) this.#parker.close()
  }

  #look(): void {
    const { durableLsn } = this.#progress
    let reached = 0
    for (; reached < this.#durable.length; reached++) {
      const wait = this.#durable[reached] as Wait
      if (wait.lsn > durableLsn && !wait.settled) break
      wait.settle()
    }
    if (reached > 0) this.#durable.splice(0, reached)
    for (const [wait, isReached] of this.#others) {
      if (!wait.settled && !isReached()) continue
      this.#others.delete(wait)
      wait.settle()
    }
  }

  /** The last one that leaves ends the watch. */
  #left(): void {
    this.#waiting--
    if (this.#waiting === 0) this.#progress.parkingLot.unparkAll()
  }
}
