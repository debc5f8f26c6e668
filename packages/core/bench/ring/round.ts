/**
 * How the threads of a case keep time, in shared memory. Each word has a line of its own.
 *
 * A round lasts for some time rather than for some events, because a machine may be twenty times slower at another moment. So producers write
 * chunks, of which each is announced before its first event, and consumers read until everything that was announced has been seen.
 * That costs both sides one access per chunk.
 */
const GO = 0
const ARRIVED = 32
const ANNOUNCED = 64
const FINISHED = 96
const CONTROL_BYTES = 512

/** `go` of a case that is over. */
const OVER = -1

/** The part of {@link Round} that crosses a thread. */
export interface RoundHandle {
  readonly memory: SharedArrayBuffer
  readonly threads: number
  readonly producers: number
  /** Events of a chunk. */
  readonly chunk: number
  /** How long producers go on beginning chunks; at 0 they write one. */
  readonly durationMs: number
}

/** The clock and the meeting point of one case. */
export class Round {
  readonly chunk: number
  readonly #words: Int32Array
  readonly #handle: RoundHandle
  #number = 0
  #endMs = 0

  constructor(handle: RoundHandle) {
    this.#handle = handle
    this.#words = new Int32Array(handle.memory)
    this.chunk = handle.chunk
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(CONTROL_BYTES)
  }

  /** Lets all threads of the case run their next round. For whoever directs it, when none of them runs. */
  begin(): void {
    const words = this.#words
    for (const word of [ARRIVED, ANNOUNCED, FINISHED]) Atomics.store(words, word, 0)
    Atomics.store(words, GO, ++this.#number)
    Atomics.notify(words, GO)
  }

  /** Sends the threads of the case home. */
  end(): void {
    Atomics.store(this.#words, GO, OVER)
    Atomics.notify(this.#words, GO)
  }

  /** Sleeps until the next round begins; false when there is none. */
  next(): boolean {
    Atomics.wait(this.#words, GO, this.#number)
    return this.#begun()
  }

  /** {@link next} on an event loop. */
  async nextAsync(): Promise<boolean> {
    const wait = Atomics.waitAsync(this.#words, GO, this.#number)
    if (wait.async) await wait.value
    return this.#begun()
  }

  /** Waits for the other threads, spinning, so that all begin together. */
  meet(): void {
    Atomics.add(this.#words, ARRIVED, 1)
    while (Atomics.load(this.#words, ARRIVED) < this.#handle.threads);
    this.#endMs = performance.now() + this.#handle.durationMs
  }

  /** Announces a chunk of this producer, its number `written`; false when the time is over and it has written enough. */
  announce(written: number): boolean {
    if (written > 0 && performance.now() >= this.#endMs) {
      Atomics.add(this.#words, FINISHED, 1)
      return false
    }
    Atomics.add(this.#words, ANNOUNCED, 1)
    return true
  }

  /** How many events a consumer that has seen `seen` may go on to; `seen` when there are no more in this round. */
  limit(seen: number): number {
    for (;;) {
      const finished = Atomics.load(this.#words, FINISHED) === this.#handle.producers
      const announced = Atomics.load(this.#words, ANNOUNCED) * this.chunk
      if (announced > seen || finished) return announced
    }
  }

  #begun(): boolean {
    if (Atomics.load(this.#words, GO) === OVER) return false
    this.#number++
    return true
  }
}
