import type { Sequence } from '@disruptorx/contracts'
import { TableFullError } from '../errors.ts'
import { rebuild } from '../memory/cells.ts'
import { currentThread } from '../platform/current-thread.ts'
import { SharedSequence } from '../sequences/shared-sequence.ts'
import {
  AGAIN,
  AT,
  CLAIMED,
  CLOSED,
  FREE,
  IDLE,
  INTENT,
  LAST,
  OPENED,
  ORPHANED,
  ORPHANS,
  READY_BYTE,
  STATE,
  TENDER,
  THREAD,
  WORK,
  WORK_BYTE,
  workerLine,
} from './work-pool-descriptor.ts'

/** The shared cells of a work pool, and what is done with them. */
export class PoolMemory {
  readonly words: Int32Array
  /** Whether the last claim that failed had stood in its line for a moment, and so may have held back what others are done with. */
  withdrew = false
  readonly #work: SharedSequence
  readonly #ready: SharedSequence
  readonly #maxWorkers: number

  /** With `initial`, formats it: everything up to that is dealt with. */
  constructor(memory: SharedArrayBuffer, maxWorkers: number, initial?: Sequence) {
    this.words = new Int32Array(memory)
    this.#maxWorkers = maxWorkers
    this.#work = initial === undefined ? new SharedSequence(memory, WORK_BYTE) : new SharedSequence(memory, WORK_BYTE, initial)
    this.#ready = initial === undefined ? new SharedSequence(memory, READY_BYTE) : new SharedSequence(memory, READY_BYTE, initial)
  }

  /** Everything up to this is claimed. */
  get claimed(): Sequence {
    return this.#work.get()
  }

  /** Everything up to this may be claimed, as far as somebody has looked. */
  get ready(): Sequence {
    return this.#ready.get()
  }

  /** Whether there are claims that have nobody. */
  get hasOrphans(): boolean {
    return Atomics.load(this.words, ORPHANS) !== 0
  }

  /** Whether the pool has left its ring. */
  get isClosed(): boolean {
    return Atomics.load(this.words, CLOSED) !== 0
  }

  close(): void {
    Atomics.store(this.words, CLOSED, 1)
  }

  /** Takes a worker's line, and returns its first word. @throws {TableFullError} */
  takeLine(): number {
    const { words } = this
    for (let worker = 0; worker < this.#maxWorkers; worker++) {
      const line = workerLine(worker)
      if (Atomics.compareExchange(words, line + STATE, FREE, IDLE) !== FREE) continue
      Atomics.store(words, line + THREAD, currentThread())
      for (let opened = Atomics.load(words, OPENED); opened <= worker; opened = Atomics.load(words, OPENED))
        Atomics.compareExchange(words, OPENED, opened, worker + 1)
      return line
    }
    throw new TableFullError('workers of the pool', 'maxWorkers', this.#maxWorkers)
  }

  // Hot: once per claim.
  /**
   * Claims up to `most` events for the worker of a line. False when nothing is ready; see {@link withdrew}.
   *
   * The range is written before it is claimed, so that whoever works out what is released sees it, see {@link lowestDone}. While it stands there
   * nothing beyond it is released, so once the work sequence is seen unmoved after that, it cannot come round to the same 32 bits either.
   */
  claim(line: number, most: number): boolean {
    const { words } = this
    this.withdrew = false
    for (;;) {
      const claimed = this.claimed
      const last = Math.min(this.ready, claimed + most)
      if (last <= claimed) {
        Atomics.store(words, line + STATE, IDLE)
        return false
      }
      Atomics.store(words, line + AT, (claimed + 1) | 0)
      Atomics.store(words, line + LAST, last | 0)
      Atomics.store(words, line + STATE, INTENT)
      this.withdrew = true
      if (this.claimed !== claimed) continue
      if (Atomics.compareExchange(words, WORK, claimed | 0, last | 0) !== (claimed | 0)) continue
      Atomics.store(words, line + STATE, CLAIMED)
      this.#work.raiseEpoch(last)
      return true
    }
  }

  /** The claim of a line: the event that it is at. */
  at(line: number): Sequence {
    return rebuild(this.claimed, Atomics.load(this.words, line + AT))
  }

  /** The claim of a line: its last event. */
  last(line: number): Sequence {
    return rebuild(this.claimed, Atomics.load(this.words, line + LAST))
  }

  /**
   * The highest sequence up to which everything is dealt with.
   *
   * The work sequence is read first. What was claimed before that stood in its worker's line before it was claimed, and stays there until it is
   * dealt with: so it is seen. What is claimed later is beyond it. Only for who tends the pool: a claim moves from one line to another only then.
   */
  lowestDone(): Sequence {
    const { words } = this
    const claimed = this.claimed
    let lowest = claimed
    const opened = Atomics.load(words, OPENED)
    for (let worker = 0; worker < opened; worker++) {
      const line = workerLine(worker)
      if (Atomics.load(words, line + STATE) < INTENT) continue
      const before = rebuild(claimed, Atomics.load(words, line + AT)) - 1
      if (before < lowest) lowest = before
    }
    return lowest
  }

  /**
   * How far the pool can get while a thread waits: to before what its workers have claimed, or, where it has all of them, before what nobody has.
   * Infinity where that has nothing to do with the thread.
   */
  heldBy(thread: number): Sequence {
    const { words, claimed } = this
    let [own, others] = [0, 0]
    let lowest = Infinity
    let unclaimed = claimed
    const opened = this.isClosed ? 0 : Atomics.load(words, OPENED)
    for (let worker = 0; worker < opened; worker++) {
      const line = workerLine(worker)
      const state = Atomics.load(words, line + STATE)
      if (state === FREE) continue
      if (state === ORPHANED) unclaimed = Math.min(unclaimed, this.at(line) - 1)
      else if (Atomics.load(words, line + THREAD) !== thread) others++
      else {
        own++
        if (state !== IDLE) lowest = Math.min(lowest, this.at(line) - 1)
      }
    }
    return own > 0 && others === 0 ? Math.min(lowest, unclaimed) : lowest
  }

  /** More is ready: up to `sequence`. Only for who tends the pool. Whether that is news. */
  makeReady(sequence: Sequence): boolean {
    if (sequence <= this.ready) return false
    this.#ready.set(sequence)
    return true
  }

  /** Nobody has to deal with anything up to `sequence`, which lies beyond what is ready. Only for who tends the pool. */
  passTo(sequence: Sequence): void {
    if (sequence <= this.claimed) return
    this.#work.set(sequence)
    this.makeReady(sequence)
  }

  /** The worker of a line is gone; its claim is left to others. */
  orphan(line: number): void {
    Atomics.add(this.words, ORPHANS, 1)
    Atomics.store(this.words, line + STATE, ORPHANED)
  }

  /** Gives a claim that has nobody to the worker of a line. Only for who tends the pool. Whether there was one. */
  adopt(line: number): boolean {
    const { words } = this
    const orphan = this.#lineIn(ORPHANED)
    if (orphan < 0) return false
    Atomics.store(words, line + AT, Atomics.load(words, orphan + AT))
    Atomics.store(words, line + LAST, Atomics.load(words, orphan + LAST))
    Atomics.store(words, line + STATE, CLAIMED)
    Atomics.store(words, orphan + STATE, FREE)
    Atomics.sub(words, ORPHANS, 1)
    return true
  }

  /**
   * The thread has ended: gives its lines back, and leaves its claims to others. Returns how many of those there are.
   *
   * A thread that died between its intent and its claim, or in the middle of adopting a claim, leaves open which of the two it had done: then the claim
   * counts, so that no event is lost, unless another line holds the same.
   */
  reclaim(thread: number): number {
    const { words } = this
    let claims = 0
    const opened = Atomics.load(words, OPENED)
    for (let worker = 0; worker < opened; worker++) {
      const line = workerLine(worker)
      const state = Atomics.load(words, line + STATE)
      if (state === FREE || state === ORPHANED || Atomics.load(words, line + THREAD) !== thread) continue
      // A claim that was made is claimed to its end: so less than that means that the thread died before it.
      const mayHaveClaimed = state !== IDLE && Math.max(this.at(line), this.last(line)) <= this.claimed
      if (mayHaveClaimed && !this.#isHeldElsewhere(line, opened)) {
        this.orphan(line)
        claims++
      } else Atomics.store(words, line + STATE, FREE)
    }
    return claims
  }

  /** Runs `task` as the only one who does, unless another thread is at it: then that one is told to look once more. Whether it ran. */
  exclusively(task: () => void): boolean {
    const { words } = this
    const thread = currentThread()
    let ran = false
    Atomics.store(words, AGAIN, 1)
    // It goes on only for those who came meanwhile: each of them either finds the place free, or has written `again` before it is given up.
    while (Atomics.load(words, AGAIN) === 1 && Atomics.compareExchange(words, TENDER, 0, thread) === 0) {
      Atomics.store(words, AGAIN, 0)
      ran = true
      try {
        task()
      } finally {
        Atomics.store(words, TENDER, 0)
      }
    }
    return ran
  }

  /** Frees the tender's place if the thread, which has ended, was in it. */
  releaseTender(thread: number): void {
    Atomics.compareExchange(this.words, TENDER, thread, 0)
  }

  #isHeldElsewhere(line: number, opened: number): boolean {
    const { words } = this
    const at = this.at(line)
    for (let worker = 0; worker < opened; worker++) {
      const other = workerLine(worker)
      const state = Atomics.load(words, other + STATE)
      if (other !== line && (state === CLAIMED || state === ORPHANED) && this.at(other) <= at && at <= this.last(other)) return true
    }
    return false
  }

  #lineIn(state: number): number {
    const opened = Atomics.load(this.words, OPENED)
    for (let worker = 0; worker < opened; worker++)
      if (Atomics.load(this.words, workerLine(worker) + STATE) === state) return workerLine(worker)
    return -1
  }
}
