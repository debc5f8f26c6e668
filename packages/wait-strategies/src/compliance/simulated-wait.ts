import type { Parker, Sequence, WaitSource } from '@disruptorx/contracts'
import { ComplianceError } from './compliance-error.ts'
import type { SteppingClock } from './stepping-clock.ts'

/** After so many calls nobody believes any more that a wait will end. */
const MOST_CALLS = 200_000

/** A strategy that has not announced a sleep by then never will: what is to happen happens now. */
const CALLS_WITHOUT_SLEEP = 2000

/** Something that another thread does. `wake` is what whoever moves or alerts does afterwards; with nothing moved, it wakes for no cause. */
export interface Happening {
  /** Before which call of the strategy: 0 is its first `raise`, and the calls after that are counted on. What is due in a sleep happens in it. */
  readonly at: number
  readonly what: 'move' | 'alert' | 'wake'
}

/** What one simulated wait is like. */
export interface SimulatedWaitOptions {
  readonly clock: SteppingClock
  readonly sequence: Sequence
  /** How long the wait may take. @default Infinity */
  readonly limitMs?: number
  /** Whether it may end before that for no cause: by a limit of its own. @default false */
  readonly endsEarly?: boolean
  /** What is available at first. */
  readonly available: Sequence
  /** What is available after the move. */
  readonly movedTo?: Sequence
  readonly alerted?: boolean
  /** What happens, in this order. @default nothing */
  readonly happenings?: readonly Happening[]
  /** Whether the strategy may block the thread. */
  readonly blocking: boolean
}

/**
 * A source and a parker without threads: what other threads do happens between two calls of the strategy, exactly where a case wants it, and a
 * sleep that nothing will ever end is an error instead of a hang.
 */
export class SimulatedWait implements WaitSource, Parker {
  readonly #options: SimulatedWaitOptions
  readonly #due: Happening[]
  readonly #endNs: number
  #available: Sequence
  #alerted: boolean
  #flag = false
  #wakes = 0
  /** The wake count at the last `raise`. */
  #wakesSeen = 0
  #announced = false
  #lookedSinceRaise = false
  #lastLook: Sequence | undefined
  #calls = 0
  /** Calls since the first `raise`, which is number 0. */
  #point = -1
  #sleeps = 0

  constructor(options: SimulatedWaitOptions) {
    this.#options = options
    this.#due = [...(options.happenings ?? [])]
    this.#endNs = options.clock.nowNs + (options.limitMs ?? Infinity) * 1e6
    this.#available = options.available
    this.#alerted = options.alerted ?? false
  }

  get parker(): Parker {
    return this
  }

  /** How often the strategy slept. */
  get sleeps(): number {
    return this.#sleeps
  }

  /** Whether the strategy ever announced a sleep. */
  get raised(): boolean {
    return this.#point >= 0
  }

  /** How long it has been over, in milliseconds of the simulated clock: negative before that. */
  get overMs(): number {
    return (this.#options.clock.nowNs - this.#endNs) / 1e6
  }

  available(): Sequence {
    this.#call()
    this.#lookedSinceRaise = true
    this.#lastLook = this.#available
    return this.#available
  }

  alerted(): boolean {
    this.#call()
    return this.#alerted
  }

  raise(): void {
    if (this.#point < 0) this.#point = 0
    this.#call()
    this.#wakesSeen = this.#wakes
    this.#flag = this.#announced = true
    this.#lookedSinceRaise = false
  }

  lower(): void {
    this.#call()
    this.#flag = this.#announced = false
  }

  park(timeoutMs: number): void {
    if (!this.#options.blocking) throw new ComplianceError('called park, which blocks the event loop')
    this.#sleep(timeoutMs)
  }

  // Not an async function: what it throws must reach a strategy that does not await it.
  parkAsync(timeoutMs: number): Promise<void> {
    if (this.#options.blocking) throw new ComplianceError('called parkAsync, which does not wait')
    this.#sleep(timeoutMs)
    return Promise.resolve()
  }

  /** Checks how the wait ended. @throws {ComplianceError} */
  end(result: unknown): Sequence {
    const { sequence, endsEarly = false } = this.#options
    if (typeof result !== 'number')
      throw new ComplianceError(`returned ${typeof result === 'object' ? 'an object' : String(result)}, not a sequence`)
    if (this.#lastLook === undefined) throw new ComplianceError(`returned ${result} without having looked, or not since its last sleep`)
    if (result !== this.#lastLook) throw new ComplianceError(`returned ${result}, but its last look found ${this.#lastLook}`)
    if (this.#flag) throw new ComplianceError('left its flag up, so that every later move has to wake it in vain')
    if (result < sequence && !this.#alerted && !endsEarly && this.overMs < 0)
      throw new ComplianceError(`returned ${result} when it waited for ${sequence}, ${-this.overMs} ms before its time was over`)
    return result
  }

  #call(): void {
    if (this.#point >= 0) this.#happen(this.#point++)
    else if (this.#calls >= CALLS_WITHOUT_SLEEP) this.#happen(Infinity)
    if (++this.#calls > MOST_CALLS)
      throw new ComplianceError(`made ${MOST_CALLS} calls and did not end${this.#alerted ? ', though it was alerted' : ''}`)
  }

  #happen(point: number): void {
    while (this.#due.length > 0 && (this.#due[0] as Happening).at <= point) this.#apply((this.#due.shift() as Happening).what)
  }

  #apply(what: Happening['what']): void {
    if (what === 'move') this.#available = this.#options.movedTo ?? this.#options.sequence
    else if (what === 'alert') this.#alerted = true
    else if (this.#flag) {
      this.#flag = false
      this.#wakes++
    }
  }

  #sleep(timeoutMs: number): void {
    this.#call()
    this.#checkSleep(timeoutMs)
    if (timeoutMs > 0) this.#sleepUntilWoken(timeoutMs)
    this.#flag = this.#announced = false
    this.#lastLook = undefined
  }

  #sleepUntilWoken(timeoutMs: number): void {
    this.#sleeps++
    while (this.#due.length > 0 && this.#wakes === this.#wakesSeen) this.#apply((this.#due.shift() as Happening).what)
    if (this.#wakes !== this.#wakesSeen) return
    if (this.#available >= this.#options.sequence)
      throw new ComplianceError('slept through a wake-up: the sequence had moved before it slept')
    if (this.#alerted) throw new ComplianceError('slept through a wake-up: it had been alerted before it slept')
    if (timeoutMs === Infinity) throw new ComplianceError('slept without a limit, and nobody will wake it')
    this.#options.clock.advance(timeoutMs)
  }

  #checkSleep(timeoutMs: number): void {
    if (Number.isNaN(timeoutMs)) throw new ComplianceError('slept with a limit that is no number')
    if (!this.#announced) throw new ComplianceError('slept without having raised its flag since its last sleep')
    if (!this.#lookedSinceRaise) throw new ComplianceError('did not look again between raising its flag and sleeping')
    // It read the clock a few times before it knew its own end.
    const slackMs = (8 * this.#options.clock.stepNs) / 1e6 + 0.001
    if (timeoutMs > slackMs - this.overMs)
      throw new ComplianceError(`wanted to sleep for up to ${timeoutMs} ms when ${Math.max(0, -this.overMs)} ms were left`)
  }
}
