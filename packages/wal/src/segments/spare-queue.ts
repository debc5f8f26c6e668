/**
 * What the journal's thread and the thread that prepares segments share.
 *
 * ```
 *  word 0    1      2             3           4            4 + MOST_SPARES
 *  +-------+------+-------------+-----------+-------------+
 *  | state | wake | retire from | retire to | ready slots |    a slot holds the number of a spare file, 0 when empty
 *  +-------+------+-------------+-----------+-------------+
 * ```
 */
const STATE = 0
const WAKE = 1
const RETIRE_FROM = 2
const RETIRE_TO = 3
const SLOTS = 4

/** Most spare files that can lie ready at a time. */
export const MOST_SPARES = 8

/** Most segments that wait to be taken away by a preparer that has begun: with more, it is dead or hopelessly behind. */
const MOST_RETIRING = 64
/** Most segments that wait for a preparer to begin. */
const MOST_RETIRING_UNBEGUN = 4

/** The preparer waits for the journal to lock its directory. */
const WAITING = 0
const STARTED = 1
const RUNNING = 2
const STOPPING = 3
const STOPPED = 4

/** What crosses from one thread to the other at set-up. */
export interface SpareQueueHandle {
  readonly memory: SharedArrayBuffer
  readonly dir: string
  readonly segmentBytes: number
  /** How many spare files to keep ready. */
  readonly count: number
}

/** The shared words, with a name for each thing that is done to them. */
export class SpareQueue {
  readonly handle: SpareQueueHandle
  readonly #words: Int32Array

  constructor(handle: SpareQueueHandle) {
    this.handle = handle
    this.#words = new Int32Array(handle.memory)
  }

  static create(dir: string, segmentBytes: number, count: number): SpareQueue {
    return new SpareQueue({ memory: new SharedArrayBuffer((SLOTS + MOST_SPARES) * 4), dir, segmentBytes, count })
  }

  /** The journal holds the directory now. */
  start(): void {
    if (Atomics.compareExchange(this.#words, STATE, WAITING, STARTED) === WAITING) this.#wake()
  }

  /** The preparer begins, once, if it may. */
  begin(): boolean {
    return Atomics.compareExchange(this.#words, STATE, STARTED, RUNNING) === STARTED
  }

  get running(): boolean {
    return Atomics.load(this.#words, STATE) === RUNNING
  }

  /** Whether the preparer has to end, or has ended. */
  get ending(): boolean {
    return Atomics.load(this.#words, STATE) >= STOPPING
  }

  /** Asks the preparer to end, and waits until it has, or until `timeoutMs` is over: then its thread is dead or its disk hangs. */
  stop(timeoutMs: number): void {
    const words = this.#words
    // One that has not begun never will.
    for (const idle of [WAITING, STARTED]) if (Atomics.compareExchange(words, STATE, idle, STOPPED) === idle) this.#wake()
    if (Atomics.compareExchange(words, STATE, RUNNING, STOPPING) === RUNNING) this.#wake()
    if (Atomics.load(words, STATE) === STOPPING) Atomics.wait(words, STATE, STOPPING, timeoutMs)
  }

  /** The preparer has ended: it touches nothing any more. */
  stopped(): void {
    Atomics.store(this.#words, STATE, STOPPED)
    Atomics.notify(this.#words, STATE)
  }

  /** Takes a ready spare; `undefined` when there is none. */
  take(): number | undefined {
    for (let slot = SLOTS; slot < SLOTS + MOST_SPARES; slot++) {
      const spare = Atomics.exchange(this.#words, slot, 0)
      if (spare === 0) continue
      this.#wake()
      return spare
    }
    return undefined
  }

  /** Puts a spare into an empty slot. Only the preparer does, and never more than `count`. */
  offer(spare: number): void {
    for (let slot = SLOTS; slot < SLOTS + MOST_SPARES; slot++) if (Atomics.compareExchange(this.#words, slot, 0, spare) === 0) return
  }

  get ready(): number {
    let count = 0
    for (let slot = SLOTS; slot < SLOTS + MOST_SPARES; slot++) if (Atomics.load(this.#words, slot) !== 0) count++
    return count
  }

  /** Adds the next segment to those that no log needs. Segments come in order, without gaps. */
  retire(segment: number): void {
    if (Atomics.load(this.#words, RETIRE_TO) === 0) Atomics.store(this.#words, RETIRE_FROM, segment)
    Atomics.store(this.#words, RETIRE_TO, segment)
    this.#wake()
  }

  /** The next segment to retire; 0 when there is none. */
  get nextRetired(): number {
    const to = Atomics.load(this.#words, RETIRE_TO)
    const from = Atomics.load(this.#words, RETIRE_FROM)
    return to !== 0 && from <= to ? from : 0
  }

  /** The segment that {@link nextRetired} named is gone, and durably so. Either thread may say so, and both may. */
  retired(segment: number): void {
    Atomics.compareExchange(this.#words, RETIRE_FROM, segment, segment + 1)
  }

  /** Segments that were to be retired and are not gone yet. */
  get retiring(): number {
    const from = this.nextRetired
    return from === 0 ? 0 : Atomics.load(this.#words, RETIRE_TO) + 1 - from
  }

  /**
   * The next segment to retire, when the journal has to do that itself; 0 when not. It need not know why nobody does, nor stop anybody:
   * whoever comes second finds the segment gone, and no segment is touched before the one in front of it is gone.
   */
  get overdue(): number {
    return this.retiring > this.#mostRetiring ? this.nextRetired : 0
  }

  /** So many may wait for a preparer. One that has ended does nothing any more; one that has not begun may be unable to. */
  get #mostRetiring(): number {
    if (this.ending) return 0
    return this.running ? MOST_RETIRING : MOST_RETIRING_UNBEGUN
  }

  /** What {@link sleep} compares with: read it before looking for work. */
  get wakes(): number {
    return Atomics.load(this.#words, WAKE)
  }

  /** Sleeps until something was asked since `wakes` was read. */
  sleep(wakes: number, timeoutMs: number): void {
    Atomics.wait(this.#words, WAKE, wakes, timeoutMs)
  }

  #wake(): void {
    Atomics.add(this.#words, WAKE, 1)
    Atomics.notify(this.#words, WAKE)
  }
}
