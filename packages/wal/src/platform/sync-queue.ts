import { systemClock } from '@disruptorx/contracts/internal'

/**
 * What a journal's thread and its sync thread share.
 *
 * ```
 *  word 0    32      64          65       96         97
 *  +-------+-------+-----------+--------+----------+---------+
 *  | state | wakes | submitted | handle | answered | outcome |    submitted and answered count requests, and wrap
 *  +-------+-------+-----------+--------+----------+---------+
 * ```
 */
const STATE = 0
const WAKES = 32
const SUBMITTED = 64
const HANDLE = 65
const ANSWERED = 96
const OUTCOME = 97
const WORDS = 128

const STARTING = 0
const READY = 1
const ENDING = 2
const ENDED = 3

/** How long the sync thread stays awake once it was roused. */
const AWAKE_NS = 200_000

/** The shared words, with a name for each thing that is done to them. One request is under way at a time. Each side has an object of its own. */
export class SyncQueue {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array
  /** Answers that this side has given, or taken. */
  #answered = 0

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** Whether there is somebody who answers. */
  get ready(): boolean {
    return Atomics.load(this.#words, STATE) === READY
  }

  /** Whether nobody will answer any more. */
  get ended(): boolean {
    return Atomics.load(this.#words, STATE) === ENDED
  }

  /** A request will come soon: the sync thread wakes up for it now. */
  rouse(): void {
    this.#wake()
  }

  // Hot: benchmark `wal/append1K`. No allocation.
  /** Asks for the sync of a file. The request before it was answered. */
  submit(handle: number): void {
    this.#words[HANDLE] = handle
    Atomics.store(this.#words, SUBMITTED, (this.#answered + 1) | 0)
    this.#wake()
  }

  /** Takes the answer: 0, or the system's error number; `undefined` as long as there is none. */
  takeAnswer(): number | undefined {
    if (Atomics.load(this.#words, ANSWERED) === this.#answered) return undefined
    this.#answered = (this.#answered + 1) | 0
    return this.#words[OUTCOME] as number
  }

  /** Sleeps until there is an answer, or nobody who gives one. False when there is still none after `timeoutMs`. */
  awaitAnswer(timeoutMs: number): boolean {
    return this.ended || Atomics.wait(this.#words, ANSWERED, this.#answered, timeoutMs) !== 'timed-out'
  }

  /** The sync thread ends when it has answered. */
  close(): void {
    const words = this.#words
    if (Atomics.compareExchange(words, STATE, READY, ENDING) !== READY) Atomics.compareExchange(words, STATE, STARTING, ENDING)
    this.#wake()
  }

  /** For the sync thread: it answers from now on. */
  begin(): void {
    Atomics.compareExchange(this.#words, STATE, STARTING, READY)
  }

  /** For the sync thread: waits for a request, and returns its file; `undefined` when it shall end. */
  next(): number | undefined {
    const words = this.#words
    for (let awakeUntilNs = systemClock.monotonicNs() + AWAKE_NS; ; ) {
      const wakes = Atomics.load(words, WAKES)
      if (Atomics.load(words, SUBMITTED) !== this.#answered) return words[HANDLE]
      if (Atomics.load(words, STATE) !== READY) return undefined
      if (systemClock.monotonicNs() < awakeUntilNs) continue
      Atomics.wait(words, WAKES, wakes)
      awakeUntilNs = systemClock.monotonicNs() + AWAKE_NS
    }
  }

  /** For the sync thread: 0, or the system's error number. */
  answer(outcome: number): void {
    this.#words[OUTCOME] = outcome
    this.#answered = (this.#answered + 1) | 0
    Atomics.store(this.#words, ANSWERED, this.#answered)
    Atomics.notify(this.#words, ANSWERED)
  }

  /** The sync thread is gone, or going. Either side may say so. */
  end(): void {
    Atomics.store(this.#words, STATE, ENDED)
    Atomics.notify(this.#words, ANSWERED)
  }

  #wake(): void {
    Atomics.add(this.#words, WAKES, 1)
    Atomics.notify(this.#words, WAKES)
  }
}
