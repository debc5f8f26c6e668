import { ClosedError, type Parker } from '@disruptorx/contracts'
import { BlockingForbiddenError } from '@disruptorx/wait-strategies'
import { SharedSequence } from '../sequences/shared-sequence.ts'
import { BLOCK_FALLBACK_WAKES, BLOCK_FLAG, BLOCK_OWNER, BLOCK_WAKES, blockAt, RAISED, sleepsByte } from './parking-lot-descriptor.ts'

/**
 * Where one thread sleeps, or one task of an event loop. See {@link ParkingLot} for why no wake-up is lost.
 *
 * A sleep may end without cause: look again, and sleep again.
 */
export class ParkingParker implements Parker {
  readonly #words: Int32Array
  readonly #block: number
  readonly #fallbackMs: number
  /** How often this block was slept in, by whomever. Only its owner counts. */
  readonly #sleeps: SharedSequence
  #slept: number
  /** The wake count when the flag went up: a different one means that somebody woke us. */
  #wakes = 0
  #endedByFallback = false
  #fallbackWakes = 0
  #closed = false

  constructor(memory: SharedArrayBuffer, index: number, fallbackMs: number) {
    this.#words = new Int32Array(memory)
    this.#block = blockAt(index)
    this.#fallbackMs = fallbackMs
    this.#sleeps = new SharedSequence(memory, sleepsByte(index))
    this.#slept = this.#sleeps.get()
  }

  /**
   * How often a sleep ended by the fallback limit and there was something to do: each is a wake-up that never came.
   * Counted through {@link noteFound}; 0 unless a thread died while it was waking others.
   */
  get fallbackWakes(): number {
    return this.#fallbackWakes
  }

  /** @throws {ClosedError} its place may belong to another thread by now */
  raise(): void {
    if (this.#closed) throw new ClosedError('the parker')
    const words = this.#words
    this.#wakes = Atomics.load(words, this.#block + BLOCK_WAKES)
    if (Atomics.load(words, this.#block + BLOCK_FLAG) === 1) return
    Atomics.store(words, this.#block + BLOCK_FLAG, 1)
    if (Atomics.load(words, RAISED) === 0) Atomics.store(words, RAISED, 1)
  }

  lower(): void {
    if (this.#closed) return
    if (Atomics.load(this.#words, this.#block + BLOCK_FLAG) !== 0) Atomics.store(this.#words, this.#block + BLOCK_FLAG, 0)
  }

  /** Without effect but {@link lower} unless `timeoutMs` is above 0. @throws {BlockingForbiddenError} on the main thread of a browser */
  park(timeoutMs: number): void {
    const limitMs = this.#limit(timeoutMs)
    try {
      this.#note(Atomics.wait(this.#words, this.#block + BLOCK_WAKES, this.#wakes, limitMs), limitMs < timeoutMs)
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
    const limitMs = this.#limit(timeoutMs)
    const wait = Atomics.waitAsync(this.#words, this.#block + BLOCK_WAKES, this.#wakes, limitMs)
    this.#note(wait.async ? await wait.value : wait.value, limitMs < timeoutMs)
    this.lower()
  }

  /** Tells that the look after a sleep found something. For whoever waits: it is how {@link fallbackWakes} is counted. */
  noteFound(): void {
    if (!this.#endedByFallback) return
    this.#endedByFallback = false
    this.#fallbackWakes++
    Atomics.add(this.#words, this.#block + BLOCK_FALLBACK_WAKES, 1)
  }

  /** Gives the place back, and ends a sleep of {@link parkAsync} that is under way. Safe to call twice; not to be used afterwards. */
  close(): void {
    if (this.#closed) return
    this.lower()
    this.#closed = true
    Atomics.add(this.#words, this.#block + BLOCK_WAKES, 1)
    Atomics.notify(this.#words, this.#block + BLOCK_WAKES)
    Atomics.store(this.#words, this.#block + BLOCK_OWNER, 0)
  }

  /** `Atomics.wait` takes NaN for ever. */
  #limit(timeoutMs: number): number {
    return timeoutMs > 0 ? Math.min(timeoutMs, this.#fallbackMs) : 0
  }

  #note(outcome: 'ok' | 'not-equal' | 'timed-out', byFallback: boolean): void {
    if (this.#closed) return
    this.#endedByFallback = outcome === 'timed-out' && byFallback
    if (outcome !== 'not-equal') this.#sleeps.set(++this.#slept)
  }
}
