import { type Clock, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'

/** How a simulated machine tells the time. */
export interface SimulatedClockOptions {
  /** How much faster than true time the clock runs, in parts per million; negative is slower. From -500,000 to 500,000. @default 0 */
  readonly driftPpm?: number
  /** Wall clock when the simulation begins, in milliseconds since 1970. @default 1_700_000_000_000 */
  readonly wallMs?: number
}

/** The monotonic clock of a machine that was just switched on. */
const BOOT_NS = 1_000_000_000
const MOST_DRIFT_PPM = 500_000

/** The clocks of one simulated machine: they drift, the wall clock jumps, the monotonic one goes back only when the machine boots. */
export class SimulatedClock implements Clock {
  readonly #time: { readonly nowNs: number }
  /** True time of the last change of the rate. */
  #sinceNs: number
  /** The machine's nanoseconds at that moment. */
  #baseNs = 0
  /** The machine's nanoseconds when it was switched on. */
  #bootedNs = 0
  #wallMs: number
  #driftPpm: number

  /** @throws {OptionError} */
  constructor(time: { readonly nowNs: number }, options: SimulatedClockOptions = {}) {
    this.#time = time
    this.#sinceNs = time.nowNs
    this.#wallMs = options.wallMs ?? 1_700_000_000_000
    this.#driftPpm = checkDrift(options.driftPpm ?? 0)
  }

  nowMs(): number {
    return this.#wallMs + this.#localNs() / 1e6
  }

  monotonicNs(): number {
    return BOOT_NS + this.#localNs() - this.#bootedNs
  }

  /** How much faster than true time the clock runs, in parts per million. */
  get driftPpm(): number {
    return this.#driftPpm
  }

  /** From now on the clocks run at another rate. What they show stays. @throws {OptionError} */
  setDrift(driftPpm: number): void {
    this.#baseNs = this.#localNs()
    this.#sinceNs = this.#time.nowNs
    this.#driftPpm = checkDrift(driftPpm)
  }

  /** The wall clock jumps by `ms`, in either direction, as when an operator or a time server sets it. @throws {OptionError} */
  jump(ms: number): void {
    if (!Number.isFinite(ms)) throw new OptionError('ms', ms, 'a finite number')
    this.#wallMs += ms
  }

  /** The machine is switched on: its monotonic clock begins anew. */
  reboot(): void {
    this.#bootedNs = this.#localNs()
  }

  /** How much true time passes while this clock moves by so many nanoseconds. */
  trueNs(localNs: number): number {
    return localNs / (1 + this.#driftPpm / 1e6)
  }

  #localNs(): number {
    const passed = this.#time.nowNs - this.#sinceNs
    return this.#baseNs + passed + (this.#driftPpm === 0 ? 0 : Math.round((passed * this.#driftPpm) / 1e6))
  }
}

function checkDrift(driftPpm: number): number {
  return wholeNumber('driftPpm', driftPpm, -MOST_DRIFT_PPM, MOST_DRIFT_PPM)
}
