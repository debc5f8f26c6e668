import { MultiProducer } from '../sequencer/multi-producer.ts'
import type { SequencerMemory } from '../sequencer/sequencer-memory.ts'

/**
 * The one producer behind all publishers that a thread has on a ring for several: each claims and publishes in one go, so they never meet in
 * it, and a thread may have as many as it likes for one place in the ring's table.
 */
export class SharedProducer {
  readonly #ring: SequencerMemory
  #producer: MultiProducer<undefined> | undefined
  #users = 0

  constructor(ring: SequencerMemory) {
    this.#ring = ring
  }

  /** @throws {TableFullError} */
  take(): MultiProducer<undefined> {
    this.#producer ??= new MultiProducer(this.#ring, { at: () => undefined })
    this.#users++
    return this.#producer
  }

  giveBack(): void {
    if (--this.#users > 0) return
    this.#producer?.close()
    this.#producer = undefined
  }
}
