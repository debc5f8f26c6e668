import type { Files, Step } from '@disruptorx/contracts'
import type { SeededRandom, SimulatedProcess } from '@disruptorx/testkit'
import type { JournalStepOptions } from '../../src/index.ts'
import type { JournalWorld } from './journal-world.ts'
import type { LifeOptions } from './profile.ts'

/** What one life of the journal has of its archive, and what moves that. */
export interface LifeOfArchive extends Step {
  readonly keeper: NonNullable<JournalStepOptions['archive']>
}

/** The archive of a simulated journal: it outlives the journal's processes. */
export interface SimulatedArchiving {
  /** A process begins, which sees the journal by these files. */
  attach(process: SimulatedProcess, files: Files, encryption: LifeOptions['encryption']): LifeOfArchive
  /** A segment with this content is about to be taken away. @throws when it must not be */
  checkGone(segment: number, content: Uint8Array | undefined): void
  /** Nothing fails any more. */
  heal(): void
  /** At the end, when only the newest segment is still there. @throws when anything is missing, or wrong */
  checkEnd(world: JournalWorld): Promise<void>
}

/** Stands for an archive, which takes full segments one after the other, in its own time, and looks at none of them. */
export class SlowArchive implements SimulatedArchiving, Step {
  /** Every segment up to this one is archived. */
  archived = 0
  readonly #random: SeededRandom
  readonly #newest: () => number

  /** @param newest the segment that is being written */
  constructor(random: SeededRandom, newest: () => number) {
    this.#random = random
    this.#newest = newest
  }

  attach(): LifeOfArchive {
    const archive = this
    return {
      step: () => this.step(),
      keeper: {
        checkFor: () => undefined,
        start: () => undefined,
        sealed: () => undefined,
        stop: () => undefined,
        get archived() {
          return archive.archived
        },
      },
    }
  }

  step(): number {
    if (this.archived < this.#newest() - 1 && this.#random.chance(0.5)) this.archived++
    return this.#random.float() * 10
  }

  checkGone(segment: number): void {
    if (segment > this.archived) throw new Error(`segment ${segment} is taken away, and the archive has ${this.archived}`)
  }

  heal(): void {}

  async checkEnd(): Promise<void> {}
}
