import type { Parker, Step, WaitSource } from '@disruptorx/contracts'
import type { ParkingParker } from '../parking/parker.ts'

/** What a look returns: there was something to do, or there was nothing. */
export const WORKED = 1
const IDLE = 0

/**
 * Makes a step the thing that a wait strategy looks at: a look is a call of `step()`, and a sleep never outlasts the delay that the last call asked for.
 */
export class StepSource implements WaitSource, Parker {
  readonly #step: Step
  readonly #parker: Parker
  readonly #counting: ParkingParker | undefined
  readonly #stopped: () => boolean
  #delayMs = 0

  constructor(step: Step, parker: Parker, stopped: () => boolean) {
    this.#step = step
    this.#parker = parker
    this.#counting = 'noteFound' in parker ? (parker as ParkingParker) : undefined
    this.#stopped = stopped
  }

  get parker(): Parker {
    return this
  }

  available(): number {
    this.#delayMs = this.#step.step()
    if (this.#delayMs > 0) return IDLE
    this.#counting?.noteFound()
    return WORKED
  }

  alerted(): boolean {
    return this.#stopped()
  }

  raise(): void {
    this.#parker.raise()
  }

  lower(): void {
    this.#parker.lower()
  }

  park(timeoutMs: number): void {
    this.#parker.park(Math.min(timeoutMs, this.#delayMs))
  }

  parkAsync(timeoutMs: number): Promise<void> {
    return this.#parker.parkAsync(Math.min(timeoutMs, this.#delayMs))
  }
}
