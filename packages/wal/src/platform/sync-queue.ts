import { systemClock } from '@disruptorx/contracts/internal'

/**
 * What a journal's thread and its sync thread share.
 *
 * ```
 *  word 0    32      64          65       66       68       70         96     97         98        100
 *  +-------+-------+-----------+--------+--------+--------+----------+------+----------+---------+---------+
 *  | state | wakes | submitted | handle | offset | length | position | told | answered | outcome | written |    submitted and answered count requests, and wrap
 *  +-------+-------+-----------+--------+--------+--------+----------+------+----------+---------+---------+
 * ```
 *
 * Offset, length, position and written are doubles.
 */
const STATE = 0
const WAKES = 32
const SUBMITTED = 64
const HANDLE = 65
const OFFSET = 66 / 2
const LENGTH = 68 / 2
const POSITION = 70 / 2
const TOLD = 96
const ANSWERED = 97
const OUTCOME = 98
const WRITTEN = 100 / 2
const WORDS = 128

const STARTING = 0
const READY = 1
const ENDING = 2
const ENDED = 3

/** Stands for the answer of a sync thread that died before it had one. */
export const NO_ANSWER = 1

/** How long the sync thread stays awake once it has answered. */
const AWAKE_NS = 200_000

/** The shared words, with a name for each thing that is done to them. One request is under way at a time. Each side has an object of its own. */
export class SyncQueue {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  /** Answers that this side has given, or taken. */
  #answered = 0

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
    this.#doubles = new Float64Array(memory)
  }

  /** Whether there is somebody who answers. */
  get ready(): boolean {
    return Atomics.load(this.#words, STATE) === READY
  }

  /** Whether nobody will answer any more. */
  get ended(): boolean {
    return Atomics.load(this.#words, STATE) === ENDED
  }

  // Hot: benchmark `wal/append1K`. No allocation.
  /** Asks for the sync of a file, and for a write of so many bytes right before, if there are any. The request before it was answered. */
  submit(handle: number, offset: number, length: number, position: number): void {
    this.#words[HANDLE] = handle
    this.#doubles[OFFSET] = offset
    this.#doubles[LENGTH] = length
    this.#doubles[POSITION] = position
    Atomics.store(this.#words, SUBMITTED, (this.#answered + 1) | 0)
    this.#change(WAKES)
  }

  /** Takes the answer: 0, the error number of what failed, which is negative, or {@link NO_ANSWER}; `undefined` as long as there is none. */
  takeAnswer(): number | undefined {
    // Looked at first: whoever has ended has given all its answers before.
    const { ended } = this
    if (Atomics.load(this.#words, ANSWERED) === this.#answered) return ended ? NO_ANSWER : undefined
    this.#answered = (this.#answered + 1) | 0
    return this.#words[OUTCOME] as number
  }

  /** How many bytes were written of the request that was answered last. If they are fewer than asked for, there was no sync. */
  get written(): number {
    return this.#doubles[WRITTEN] as number
  }

  /** Sleeps until there is an answer, or nobody who gives one. False when there is still none after `timeoutMs`. */
  awaitAnswer(timeoutMs: number): boolean {
    const told = Atomics.load(this.#words, TOLD)
    if (this.ended || Atomics.load(this.#words, ANSWERED) !== this.#answered) return true
    return Atomics.wait(this.#words, TOLD, told, timeoutMs) !== 'timed-out'
  }

  /** The sync thread ends when it has answered. */
  close(): void {
    const words = this.#words
    if (Atomics.compareExchange(words, STATE, READY, ENDING) !== READY) Atomics.compareExchange(words, STATE, STARTING, ENDING)
    this.#change(WAKES)
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

  /** For the sync thread: where the bytes to write begin. */
  get offset(): number {
    return this.#doubles[OFFSET] as number
  }

  /** For the sync thread: how many bytes to write before the sync, 0 for none. */
  get length(): number {
    return this.#doubles[LENGTH] as number
  }

  /** For the sync thread: where in the file to write them. */
  get position(): number {
    return this.#doubles[POSITION] as number
  }

  /** For the sync thread: 0, or the system's error number; and how much of what was to be written is. */
  answer(outcome: number, written: number): void {
    this.#words[OUTCOME] = outcome
    this.#doubles[WRITTEN] = written
    this.#answered = (this.#answered + 1) | 0
    Atomics.store(this.#words, ANSWERED, this.#answered)
    this.#change(TOLD)
  }

  /** The sync thread is gone, or going. Either side may say so. */
  end(): void {
    Atomics.store(this.#words, STATE, ENDED)
    this.#change(TOLD)
  }

  /** Wakes whoever sleeps on a word, or is about to. */
  #change(word: number): void {
    Atomics.add(this.#words, word, 1)
    Atomics.notify(this.#words, word)
  }
}
