import type { Simulation } from '@disruptorx/testkit'

/** Faults that may show one look at the disk something else than the look before. */
const blinding = ['disk.coldReads', 'disk.bitFlips', 'disk.bitRot', 'disk.misdirectedWrites', 'disk.ignoredSyncs', 'disk.badSectors']

/** Tells whether two looks at the disk may have seen different things. */
export class Blindness {
  readonly #sim: Simulation
  readonly #seen: number

  /** From now on. */
  constructor(sim: Simulation) {
    this.#sim = sim
    this.#seen = this.#count()
  }

  /** Whether such a fault has fired since. */
  get hasStruck(): boolean {
    return this.#count() !== this.#seen
  }

  #count(): number {
    return blinding.reduce((sum, kind) => sum + this.#sim.coverage.of(kind), 0)
  }
}
