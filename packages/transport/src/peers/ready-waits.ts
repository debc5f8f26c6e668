import { TimeoutError } from '@disruptorx/contracts'
import { onAbort } from '../link/signal.ts'
import type { Timekeeper } from '../time/timekeeper.ts'

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  release(): void
}

/** Who waits until a peer can be sent to. */
export class ReadyWaits {
  readonly #time: Timekeeper
  readonly #waiters = new Map<string, Set<Waiter>>()

  constructor(time: Timekeeper) {
    this.#time = time
  }

  /** Resolves at the next {@link tell} of this peer. */
  wait(peer: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      let ignore = () => {}
      const what = `the wait for ${peer}`
      const timer = Number.isFinite(timeoutMs) ? this.#time.after(timeoutMs, () => leave(new TimeoutError(what, timeoutMs))) : undefined
      const release = () => {
        this.#time.cancel(timer)
        ignore()
      }
      const waiter: Waiter = { resolve, reject, release }
      const leave = (error: Error) => {
        const waiters = this.#waiters.get(peer)
        if (waiters?.delete(waiter) !== true) return
        if (waiters.size === 0) this.#waiters.delete(peer)
        release()
        reject(error)
      }
      const waiters = this.#waiters.get(peer) ?? new Set()
      this.#waiters.set(peer, waiters.add(waiter))
      ignore = onAbort(signal, what, leave)
    })
  }

  /** A peer can be sent to. */
  tell(peer: string): void {
    const waiters = this.#waiters.get(peer)
    if (waiters === undefined) return
    this.#waiters.delete(peer)
    for (const waiter of waiters) {
      waiter.release()
      waiter.resolve()
    }
  }

  /** Nobody can be sent to any more. */
  end(reason: Error): void {
    for (const waiters of this.#waiters.values())
      for (const waiter of waiters) {
        waiter.release()
        waiter.reject(reason)
      }
    this.#waiters.clear()
  }
}
