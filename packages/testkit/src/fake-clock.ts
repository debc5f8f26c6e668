import { type Clock, OptionError } from '@disruptorx/contracts'

/** Where a fake clock starts. */
export interface FakeClockOptions {
  /** Wall clock at the start, in milliseconds since 1970. @default 1_700_000_000_000 (14 November 2023, 22:13:20 UTC) */
  readonly nowMs?: number
  /** Monotonic clock at the start, in nanoseconds. @default 1_000_000_000 */
  readonly monotonicNs?: number
}

/** A clock that moves only when it is told to. */
export class FakeClock implements Clock {
  #nowMs: number
  #monotonicNs: number

  constructor(options: FakeClockOptions = {}) {
    this.#nowMs = finite('nowMs', options.nowMs ?? 1_700_000_000_000)
    this.#monotonicNs = notNegative('monotonicNs', options.monotonicNs ?? 1_000_000_000)
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicNs(): number {
    return this.#monotonicNs
  }

  /** Lets time pass: both clocks move by `ms`, which may have a fraction and is not negative. @throws {OptionError} */
  advance(ms: number): void {
    notNegative('ms', ms)
    this.#nowMs += ms
    this.#monotonicNs += Math.round(ms * 1e6)
  }

  /** Sets the wall clock, as an operator or a time server does: in either direction, and the monotonic clock stays. @throws {OptionError} */
  setWallClock(nowMs: number): void {
    this.#nowMs = finite('nowMs', nowMs)
  }
}

function finite(option: string, value: number): number {
  if (!Number.isFinite(value)) throw new OptionError(option, value, 'a finite number')
  return value
}

function notNegative(option: string, value: number): number {
  if (!(Number.isFinite(value) && value >= 0)) throw new OptionError(option, value, 'a finite number of at least 0')
  return value
}
