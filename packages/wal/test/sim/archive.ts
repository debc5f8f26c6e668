import type { Step } from '@disruptorx/contracts'
import type { SeededRandom } from '@disruptorx/testkit'
import type { JournalStepOptions } from '../../src/index.ts'

/** Stands for an archive, which takes full segments one after the other, in its own time, and outlives the journal's processes. */
export class SlowArchive implements Step {
  /** Every segment up to this one is archived. */
  archived = 0
  readonly #random: SeededRandom
  readonly #newest: () => number

  /** @param newest the segment that is being written */
  constructor(random: SeededRandom, newest: () => number) {
    this.#random = random
    this.#newest = newest
  }

  /** What one life of the journal sees of it. */
  keeper(): NonNullable<JournalStepOptions['archive']> {
    const archive = this
    return {
      start: () => undefined,
      sealed: () => undefined,
      stop: () => undefined,
      get archived() {
        return archive.archived
      },
    }
  }

  step(): number {
    if (this.archived < this.#newest() - 1 && this.#random.chance(0.5)) this.archived++
    return this.#random.float() * 10
  }

  /** @throws when a segment goes that is not archived */
  checkGone(segment: number): void {
    if (segment > this.archived) throw new Error(`segment ${segment} is taken away, and the archive has ${this.archived}`)
  }
}
