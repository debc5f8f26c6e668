import type { Parker } from '@disruptorx/contracts'
import { BlockingForbiddenError } from '../errors.ts'
import { BLOCK_FLAG, BLOCK_TAKEN, BLOCK_WAKES, blockAt, RAISED } from './parking-lot-descriptor.ts'

/**
 * Where one thread sleeps, or one task of an event loop. See {@link ParkingLot} for why no wake-up is lost.
 *
 * A sleep may end without cause: look again, and sleep again.
 */
export class ParkingParker implements Parker {
  readonly #words: Int32Array
  readonly #block: number
  readonly #fallbackMs: number
  /** The wake count when the flag went up: a different one means that somebody woke us. */
  #wakes = 0
  #endedByFallback = false
  #fallbackWakes = 0
  #closed = false

  constructor(words: Int32Array, index: number, fallbackMs: number) {
    this.#words = words
    this.#block = blockAt(index)
    this.#fallbackMs = fallbackMs
  }

  /**
   * How often a sleep ended by the fallback limit and there was something to do: each is a wake-up that never came.
   * Counted through {@link noteFound}; 0 unless a thread died while it was waking others.
   */
  get fallbackWakes(): number {
    return this.#fallbackWakes
  }

  raise(): void {
    this.#wakes = Atomics.load(this.#words, this.#block + BLOCK_WAKES)
    if (Atomics.load(this.#words, this.#block + BLOCK_FLAG) === 1) return
    Atomics.add(this.#words, RAISED, 1)
    Atomics.store(this.#words, this.#block + BLOCK_FLAG, 1)
  }

  lower(): void {
    if (Atomics.load(this.#words, this.#block + BLOCK_FLAG) === 0) return
    if (Atomics.compareExchange(this.#words, this.#block + BLOCK_FLAG, 1, 0) === 1) Atomics.sub(this.#words, RAISED, 1)
  }

  /** @throws {BlockingForbiddenError} on the main thread of a browser */
  park(timeoutMs: number): void {
    const limitMs = Math.min(timeoutMs, this.#fallbackMs)
    try {
      const outcome = Atomics.wait(this.#words, this.#block + BLOCK_WAKES, this.#wakes, limitMs)
      this.#endedByFallback = outcome === 'timed-out' && limitMs < timeoutMs
    } catch (error) {
      if (error instanceof TypeError) throw new BlockingForbiddenError('sleeping until a sequence moves')
      throw error
    } finally {
      this.lower()
    }
  }

  /**
   * {@link park} for event loops. A pending one does not keep a Node process alive: that is left to whatever the program
   * is really waiting for, such as a worker or a socket.
   */
  async parkAsync(timeoutMs: number): Promise<void> {
    const limitMs = Math.min(timeoutMs, this.#fallbackMs)
    const wait = Atomics.waitAsync(this.#words, this.#block + BLOCK_WAKES, this.#wakes, limitMs)
    const outcome = wait.async ? await wait.value : wait.value
    this.#endedByFallback = outcome === 'timed-out' && limitMs < timeoutMs
    this.lower()
  }

  /** Tells that the look after a sleep found something. For whoever waits: it is how {@link fallbackWakes} is counted. */
  noteFound(): void {
    if (this.#endedByFallback) this.#fallbackWakes++
    this.#endedByFallback = false
  }

  /** Gives the place back. Safe to call twice; not to be used afterwards. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.lower()
    Atomics.store(this.#words, this.#block + BLOCK_TAKEN, 0)
  }
}
