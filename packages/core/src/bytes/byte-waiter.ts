import { AbortedError, OptionError, TimeoutError, type WaitSource, type WaitStrategy } from '@disruptorx/contracts'
import { createAsyncWaitStrategy, createWaitStrategy } from '@disruptorx/wait-strategies'
import type { ParkingParker } from '../parking/parker.ts'
import { holdOpen } from '../platform/event-loop.ts'
import type { ReadyOptions } from '../ring/publisher.ts'
import type { NextOptions } from '../sequencer/producer.ts'
import { flushBeforeWait } from '../sequencer/turn-end.ts'
import type { RingStatus } from './ring-status.ts'

/** What a look that found something counts as, where wait strategies wait for a sequence. */
const FOUND = 1

/** Waits at a ring of bytes, for room or for a record, on one thread. It owns the sleeping place, taken at the first wait. */
export class ByteWaiter implements WaitSource {
  readonly #status: RingStatus
  readonly #look: () => boolean
  #parker: ParkingParker | undefined
  #strategy: WaitStrategy | undefined

  /** `look` tells whether the wait is over. After it has told so it is not asked again. */
  constructor(status: RingStatus, look: () => boolean) {
    this.#status = status
    this.#look = look
  }

  get parker(): ParkingParker {
    this.#parker ??= this.#status.parkingLot.parker()
    return this.#parker
  }

  available(): number {
    return this.#look() ? FOUND : 0
  }

  alerted(): boolean {
    return this.#status.stopped
  }

  /** Blocks until a look finds something. False: the ring was stopped before one did. @throws {TimeoutError | BlockingForbiddenError | OptionError} */
  wait(what: string, options: NextOptions): boolean {
    const timeoutMs = checkTimeout(options.timeoutMs)
    this.#status.countWait()
    flushBeforeWait()
    this.#strategy ??= createWaitStrategy()
    const strategy = options.strategy ?? this.#strategy
    try {
      if (strategy.waitFor(FOUND, this, timeoutMs) < FOUND) return this.#lastLook(what, timeoutMs)
      this.#parker?.noteFound()
      return true
    } finally {
      // A look may throw, out of the middle of a strategy.
      this.#parker?.lower()
    }
  }

  /** {@link wait} on an event loop, keeping its process alive meanwhile. @throws {TimeoutError | AbortedError | OptionError} */
  async waitAsync(what: string, options: ReadyOptions): Promise<boolean> {
    const timeoutMs = checkTimeout(options.timeoutMs)
    const { signal } = options
    if (signal?.aborted) throw new AbortedError(what, signal.reason)
    if (this.#look()) return true
    this.#status.countWait()
    const { parkingLot } = this.#status
    const parker = parkingLot.parker()
    const wake = () => parkingLot.unparkAll()
    const letGo = holdOpen()
    signal?.addEventListener('abort', wake)
    try {
      const alerted = () => this.#status.stopped || signal?.aborted === true
      const source = { available: () => this.available(), alerted, parker }
      if ((await createAsyncWaitStrategy().waitForAsync(FOUND, source, timeoutMs)) >= FOUND) {
        parker.noteFound()
        return true
      }
      if (signal?.aborted) throw new AbortedError(what, signal.reason)
      return this.#lastLook(what, timeoutMs)
    } finally {
      signal?.removeEventListener('abort', wake)
      parker.close()
      letGo()
    }
  }

  /** Gives the sleeping place back. Safe to call twice. */
  close(): void {
    this.#parker?.close()
    this.#parker = undefined
  }

  /** A ring that was stopped after the last look may have got something before it was. */
  #lastLook(what: string, timeoutMs: number): boolean {
    if (!this.#status.stopped) throw new TimeoutError(what, timeoutMs)
    return this.#look()
  }
}

/** @throws {OptionError} */
function checkTimeout(timeoutMs = Infinity): number {
  if (!(timeoutMs >= 0)) throw new OptionError('timeoutMs', timeoutMs, 'a number from 0, or Infinity')
  return timeoutMs
}
