import type { Simulation } from '@disruptorx/testkit'

/** Faults that may show one look at the disk something else than the look before. */
const blinding = ['disk.coldReads', 'disk.bitFlips', 'disk.bitRot', 'disk.misdirectedWrites', 'disk.ignoredSyncs', 'disk.badSectors']

/** Tells whether two looks at the disk may have seen different things. */
export class Blindness {
  readonly #sim: Simulation
  readonly #kinds: readonly string[]
  readonly #seen: number

  /** From now on. @param others further kinds of faults that count */
  constructor(sim: Simulation, ...others: readonly string[]) {
    this.#sim = sim
    this.#kinds = [...blinding, ...others]
    this.#seen = this.#count()
  }

  /** Whether such a fault has fired since. */
  get hasStruck(): boolean {
    return this.#count() !== this.#seen
  }

  #count(): number {
    return this.#kinds.reduce((sum, kind) => sum + this.#sim.coverage.of(kind), 0)
  }
}
