import type { WaitOptions } from '../processing/sequence-barrier.ts'
import type { Producer } from '../sequencer/producer.ts'
import type { DisruptorRing } from './disruptor-ring.ts'

/** A publisher, as far as a disruptor looks after it. */
export interface Gathering {
  readonly pending: number
  flush(): boolean
  ready(options: WaitOptions): Promise<void>
  close(): void
}

/** A ring, as far as it is written to. */
export interface WritableRing<E, W> extends DisruptorRing<E> {
  producer(): Producer<W>
}

/** The writing sides that a disruptor has given out, on its own thread. */
export class Publishing<E, W> {
  readonly #ring: WritableRing<E, W>
  #publishers: Gathering[] = []
  #producer: Producer<W> | undefined

  constructor(ring: WritableRing<E, W>) {
    this.#ring = ring
  }

  /** The disruptor's own writing side, taken at the first use. @throws {RoleTakenError | TableFullError} */
  get producer(): Producer<W> {
    this.#producer ??= this.#ring.producer()
    return this.#producer
  }

  /** Looks after a publisher. */
  add<P extends Gathering>(publisher: P): P {
    this.#publishers.push(publisher)
    return publisher
  }

  /** Makes visible what publishers hold, waiting for room, and closes everything. @throws as `Publisher.ready` */
  async flush(left: () => WaitOptions): Promise<void> {
    for (const publisher of this.#publishers) {
      while (publisher.pending > 0 && !publisher.flush()) await publisher.ready(left())
      publisher.close()
    }
    this.close()
  }

  /** Closes everything. What publishers hold becomes visible, as far as there is room. */
  close(): void {
    for (const publisher of this.#publishers) publisher.close()
    this.#publishers = []
    this.#producer?.close()
    this.#producer = undefined
  }
}
