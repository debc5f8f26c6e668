/*
 * How the threads of a case keep time, in shared memory. Each word has a line of its own.
 *
 * A round lasts for some time rather than for some events, because a machine may be twenty times slower at another moment. So producers write
 * chunks, each announced before its first event, and consumers read until everything that was announced has been seen. That costs both sides
 * one access per chunk.
 */
const GO = 0
const ARRIVED = 32
const ANNOUNCED = 64
const FINISHED = 96
const CHUNK = 128
const CONTROL_BYTES = 1024

/** `go` of a case that is over. */
const OVER = -1

/** How often a consumer looks for the next chunk before it sleeps for a moment. */
const LOOKS = 10_000

/** A {@link Round} as it crosses a thread. */
export interface RoundHandle {
  readonly memory: SharedArrayBuffer
  readonly threads: number
  readonly producers: number
  /** How long producers go on beginning chunks. */
  readonly durationMs: number
  /** How many chunks each of them writes at least. */
  readonly leastChunks: number
}

/** A monotonic clock that all threads share. */
export function nowNs(): number {
  return Number(process.hrtime.bigint())
}

/** The clock and the meeting point of one case. */
export class Round {
  /** Events of a chunk in this round. */
  chunk = 0
  readonly durationMs: number
  readonly #words: Int32Array
  readonly #handle: RoundHandle
  #number = 0
  #endNs = 0

  constructor(handle: RoundHandle) {
    this.#handle = handle
    this.#words = new Int32Array(handle.memory)
    this.durationMs = handle.durationMs
  }

  /** Memory for a {@link RoundHandle}. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(CONTROL_BYTES)
  }

  /** Lets all threads of the case run their next round, with chunks of so many events. For whoever directs it, when none of them runs. */
  begin(chunk: number): void {
    const words = this.#words
    this.chunk = chunk
    Atomics.store(words, CHUNK, chunk)
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
    this.#endNs = nowNs() + this.durationMs * 1e6
  }

  /** Whether the time is over. */
  get over(): boolean {
    return nowNs() >= this.#endNs
  }

  /** Announces the next chunk of a producer that has written `chunks`; false when it has written enough. */
  announce(chunks: number): boolean {
    const more = chunks < this.#handle.leastChunks || !this.over
    Atomics.add(this.#words, more ? ANNOUNCED : FINISHED, 1)
    Atomics.notify(this.#words, ANNOUNCED)
    return more
  }

  /** How many events a consumer that has seen `seen` may go on to; `seen` when there are no more in this round. */
  limit(seen: number): number {
    for (let look = 1; ; look++) {
      const finished = Atomics.load(this.#words, FINISHED) === this.#handle.producers
      const chunks = Atomics.load(this.#words, ANNOUNCED)
      if (chunks * this.chunk > seen || finished) return chunks * this.chunk
      if (look > LOOKS) Atomics.wait(this.#words, ANNOUNCED, chunks, 1)
    }
  }

  #begun(): boolean {
    if (Atomics.load(this.#words, GO) === OVER) return false
    this.#number++
    this.chunk = Atomics.load(this.#words, CHUNK)
    return true
  }
}
