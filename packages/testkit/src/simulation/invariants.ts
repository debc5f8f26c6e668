import { OptionError } from '@disruptorx/contracts'

interface Invariant {
  readonly name: string
  readonly check: () => void
  readonly everyEvents: number
  /** Events until it is looked at again. */
  left: number
}

/** Makes the error of an invariant that does not hold. */
export type Accuse = (name: string, cause: unknown) => Error

/** What must always hold in a simulation. */
export class Invariants {
  readonly #all: Invariant[] = []

  /** @throws {OptionError} `everyEvents` is below 1 */
  add(name: string, check: () => void, everyEvents: number): void {
    if (!(everyEvents >= 1)) throw new OptionError('everyEvents', everyEvents, 'a whole number from 1, or Infinity')
    this.#all.push({ name, check, everyEvents, left: everyEvents })
  }

  // Hot: benchmark `simulation/kernel`.
  /** Looks at those whose turn it is. */
  afterEvent(accuse: Accuse): void {
    for (let i = 0; i < this.#all.length; i++) {
      const invariant = this.#all[i] as Invariant
      if (--invariant.left > 0) continue
      invariant.left = invariant.everyEvents
      verify(invariant, accuse)
    }
  }

  checkAll(accuse: Accuse): void {
    for (const invariant of this.#all) verify(invariant, accuse)
  }
}

function verify({ name, check }: Invariant, accuse: Accuse): void {
  try {
    check()
  } catch (error) {
    throw accuse(name, error)
  }
}
