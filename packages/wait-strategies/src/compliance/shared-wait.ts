import type { Parker, Sequence, WaitSource } from '@disruptorx/contracts'
import { ComplianceError } from './compliance-error.ts'

/**
 * The memory through which a thread of the suite moves a sequence, in 32-bit words: a line each, so that the two threads meet only where they mean to.
 */
const SEQUENCE = 0
const FLAG = 32
const WAKES = 64
/** The sequence that the waiting thread asks for next. */
const ASKED = 96
const ALERTED = 128
/** How often the other thread has moved the sequence, or alerted, and then woken whoever had its flag up. */
const DONE = 160
const WORDS = 192

/** A sleep that nothing ends is looked at again after that long: the strategy's fault only if the other thread has done all that was asked, wake-up included. */
const FALLBACK_MS = 500

/** So many of them in a row, and the other thread is taken for dead. */
const MOST_FALLBACKS = 90

/** The suite's memory for one wait, all of it zero. */
export function sharedWaitMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * WORDS)
}

/** A source and a parker in shared memory: the waiting side. Protocol as a parking lot's, for one sleeper. */
export class SharedWait implements WaitSource, Parker {
  readonly #words: Int32Array
  readonly #blocking: boolean
  #wakesSeen = 0
  #announced = false
  #fallbacks = 0

  constructor(memory: SharedArrayBuffer, blocking: boolean) {
    this.#words = new Int32Array(memory)
    this.#blocking = blocking
  }

  get parker(): Parker {
    return this
  }

  /** Whether its flag is up. */
  get raised(): boolean {
    return Atomics.load(this.#words, FLAG) !== 0
  }

  available(): Sequence {
    return Atomics.load(this.#words, SEQUENCE)
  }

  alerted(): boolean {
    return Atomics.load(this.#words, ALERTED) !== 0
  }

  raise(): void {
    this.#wakesSeen = Atomics.load(this.#words, WAKES)
    this.#announced = true
    Atomics.store(this.#words, FLAG, 1)
  }

  lower(): void {
    this.#announced = false
    Atomics.store(this.#words, FLAG, 0)
  }

  park(timeoutMs: number): void {
    if (!this.#blocking) throw new ComplianceError('called park, which blocks the event loop')
    const limitMs = this.#limit(timeoutMs)
    this.#note(Atomics.wait(this.#words, WAKES, this.#wakesSeen, limitMs) === 'timed-out' && limitMs === FALLBACK_MS)
  }

  async parkAsync(timeoutMs: number): Promise<void> {
    if (this.#blocking) throw new ComplianceError('called parkAsync, which does not wait')
    const limitMs = this.#limit(timeoutMs)
    const wait = Atomics.waitAsync(this.#words, WAKES, this.#wakesSeen, limitMs)
    this.#note((wait.async ? await wait.value : wait.value) === 'timed-out' && limitMs === FALLBACK_MS)
  }

  /** Tells the other thread what it has to move to. */
  ask(sequence: Sequence): void {
    Atomics.store(this.#words, ASKED, sequence)
    Atomics.notify(this.#words, ASKED)
  }

  #limit(timeoutMs: number): number {
    if (!this.#announced) throw new ComplianceError('slept without having raised its flag since its last sleep')
    return timeoutMs > 0 ? Math.min(timeoutMs, FALLBACK_MS) : 0
  }

  #note(fellBack: boolean): void {
    const done = Atomics.load(this.#words, DONE) >= Atomics.load(this.#words, ASKED)
    // In that order: a wake-up that comes late was given before the work was done.
    const missed = fellBack && done && Atomics.load(this.#words, WAKES) === this.#wakesSeen
    this.lower()
    this.#fallbacks = fellBack ? this.#fallbacks + 1 : 0
    if (missed) throw new ComplianceError(`slept through a wake-up: another thread had moved the sequence to ${this.available()}`)
    if (this.#fallbacks >= MOST_FALLBACKS) throw new ComplianceError('cannot be checked: the thread that moves the sequence does not')
  }
}

/** The moving side: another thread. */
export class SharedMover {
  readonly #words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
  }

  /** Blocks until the waiting side has asked for `sequence`. */
  awaitAsked(sequence: Sequence): void {
    for (;;) {
      const asked = Atomics.load(this.#words, ASKED)
      if (asked >= sequence) return
      Atomics.wait(this.#words, ASKED, asked)
    }
  }

  moveTo(sequence: Sequence): void {
    Atomics.store(this.#words, SEQUENCE, sequence)
    this.#wake()
  }

  alert(): void {
    Atomics.store(this.#words, ALERTED, 1)
    this.#wake()
  }

  #wake(): void {
    if (Atomics.compareExchange(this.#words, FLAG, 1, 0) === 1) {
      Atomics.add(this.#words, WAKES, 1)
      Atomics.notify(this.#words, WAKES)
    }
    Atomics.add(this.#words, DONE, 1)
  }
}
