import {
  AbortedError,
  OptionError,
  type Sequence,
  type SequenceCell,
  TimeoutError,
  type WaitSource,
  type WaitStrategy,
} from '@disruptorx/contracts'
import { createAsyncWaitStrategy, createWaitStrategy } from '@disruptorx/wait-strategies'
import type { ParkingParker } from '../parking/parker.ts'
import type { ParkingLot } from '../parking/parking-lot.ts'
import { holdOpen } from '../platform/event-loop.ts'
import { flushBeforeWait } from '../sequencer/turn-end.ts'

/** How a {@link SequenceBarrier} is made. */
export interface SequenceBarrierOptions {
  /** What has to be reached: all of them. At least one. */
  readonly cells: readonly SequenceCell[]
  /** The lot that is woken whenever one of the cells moves. */
  readonly parkingLot: ParkingLot
  /** How {@link SequenceBarrier.waitFor} waits. @default adaptive */
  readonly strategy?: WaitStrategy
  /** Ends every wait early while it returns true; whoever changes that wakes the parking lot. @default never */
  readonly alerted?: () => boolean
}

/** A limit to a wait. */
export interface WaitOptions {
  /** How long to wait: from 0. @default Infinity */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * Waits until several sequences have all passed a number: "on disk and handled" is a barrier over those two. For one thread.
 *
 * Algorithm: LMAX SequenceBarrier.
 */
export class SequenceBarrier {
  readonly #cells: readonly SequenceCell[]
  readonly #parkingLot: ParkingLot
  readonly #alerted: () => boolean
  #strategy: WaitStrategy | undefined
  #parker: ParkingParker | undefined

  /** @throws {OptionError} there is no cell */
  constructor(options: SequenceBarrierOptions) {
    if (options.cells.length === 0) throw new OptionError('cells', 'empty', 'at least one cell')
    this.#cells = options.cells
    this.#parkingLot = options.parkingLot
    this.#strategy = options.strategy
    this.#alerted = options.alerted ?? (() => false)
  }

  /** The highest sequence that all cells have reached. */
  available(): Sequence {
    let lowest = Infinity
    for (const cell of this.#cells) lowest = Math.min(lowest, cell.get())
    return lowest
  }

  /**
   * Blocks until all cells have reached `sequence`, and returns how far they are: less than that only if the barrier was alerted.
   * Before it does, what publishers of this thread hold back is made visible.
   *
   * @param timeoutMs how long to wait: from 0, for a single look, to Infinity
   * @throws {TimeoutError} the time is over
   * @throws {OptionError} the time is negative, or not a number
   * @throws {BlockingForbiddenError} it would have to wait, and this thread may not block: the main thread of a browser
   */
  waitFor(sequence: Sequence, timeoutMs = Infinity): Sequence {
    checkTimeout(timeoutMs)
    const first = this.available()
    if (first >= sequence || this.#alerted()) return first
    flushBeforeWait()
    this.#parker ??= this.#parkingLot.parker()
    this.#strategy ??= createWaitStrategy()
    const parker = this.#parker
    try {
      const available = this.#strategy.waitFor(sequence, this.#source(parker, this.#alerted), timeoutMs)
      return this.#checked(available, sequence, timeoutMs, parker)
    } finally {
      parker.lower()
    }
  }

  /**
   * {@link waitFor} on an event loop. Keeps a Node process alive meanwhile.
   *
   * @throws {TimeoutError | AbortedError | OptionError}
   */
  async waitForAsync(sequence: Sequence, options: WaitOptions = {}): Promise<Sequence> {
    const { timeoutMs = Infinity, signal } = options
    checkTimeout(timeoutMs)
    if (signal?.aborted) throw new AbortedError(waitingFor(sequence), signal.reason)
    const first = this.available()
    if (first >= sequence || this.#alerted()) return first
    const parker = this.#parkingLot.parker()
    const letGo = holdOpen()
    const wake = () => this.#parkingLot.unparkAll()
    signal?.addEventListener('abort', wake)
    try {
      const alerted = () => signal?.aborted === true || this.#alerted()
      const available = await createAsyncWaitStrategy().waitForAsync(sequence, this.#source(parker, alerted), timeoutMs)
      if (available < sequence && signal?.aborted) throw new AbortedError(waitingFor(sequence), signal.reason)
      return this.#checked(available, sequence, timeoutMs, parker)
    } finally {
      signal?.removeEventListener('abort', wake)
      letGo()
      parker.close()
    }
  }

  /** Gives its sleeping place back. Safe to call twice. */
  close(): void {
    this.#parker?.close()
    this.#parker = undefined
  }

  #source(parker: ParkingParker, alerted: () => boolean): WaitSource {
    return { available: () => this.available(), alerted, parker }
  }

  #checked(available: Sequence, sequence: Sequence, timeoutMs: number, parker: ParkingParker): Sequence {
    if (available >= sequence) parker.noteFound()
    else if (!this.#alerted()) throw new TimeoutError(waitingFor(sequence), timeoutMs)
    return available
  }
}

function waitingFor(sequence: Sequence): string {
  return `waiting for sequence ${sequence}`
}

function checkTimeout(timeoutMs: number): void {
  if (!(timeoutMs >= 0)) throw new OptionError('timeoutMs', timeoutMs, 'a number from 0, or Infinity')
}
