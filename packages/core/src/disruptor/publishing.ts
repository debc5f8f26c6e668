import { ClosedError, isDisruptorError } from '@disruptorx/contracts'
import type { WaitOptions } from '../processing/sequence-barrier.ts'
import type { Producer } from '../sequencer/producer.ts'
import type { DisruptorRing } from './disruptor-ring.ts'

/** A publisher, as far as a disruptor looks after it. */
export interface Gathering {
  readonly pending: number
  flush(): boolean
  ready(options?: WaitOptions): Promise<void>
  close(): void
}

/** A ring, as far as it is written to. */
export interface WritableRing<E, W> extends DisruptorRing<E> {
  producer(): Producer<W>
}

/** So many publishers are remembered before those that are gone are forgotten. */
const LEAST_REMEMBERED = 64

/** The writing sides that a disruptor has given out, on its own thread. */
export class Publishing<E, W> {
  readonly #ring: WritableRing<E, W>
  readonly #refusal: () => Error | undefined
  /** A program may have a publisher for each of its clients, which come and go: one that nobody uses any more holds nothing, as its turn ended long ago. */
  #publishers: WeakRef<Gathering>[] = []
  /** Where there is one writing side at a time, it is this one, and its role has to be given back. */
  #latest: Gathering | undefined
  #mostRemembered = LEAST_REMEMBERED
  #producer: Producer<W> | undefined

  /** @param refusal why the disruptor takes no events, if it does not */
  constructor(ring: WritableRing<E, W>, refusal: () => Error | undefined) {
    this.#ring = ring
    this.#refusal = refusal
  }

  /** The disruptor's own writing side, taken at the first use. @throws {RoleTakenError | TableFullError} */
  get producer(): Producer<W> {
    this.#producer ??= this.#ring.producer()
    return this.#producer
  }

  /** Looks after a publisher: who waits for room with it is told why there will be none. */
  add<P extends Gathering>(publisher: P): P {
    const ready = publisher.ready.bind(publisher)
    publisher.ready = async options => {
      try {
        await ready(options)
      } catch (error) {
        throw this.#explain(error)
      }
    }
    this.#latest = publisher
    this.#publishers.push(new WeakRef(publisher))
    if (this.#publishers.length > this.#mostRemembered) {
      this.#publishers = this.#publishers.filter(ref => ref.deref() !== undefined)
      this.#mostRemembered = Math.max(LEAST_REMEMBERED, 2 * this.#publishers.length)
    }
    return publisher
  }

  /**
   * Makes visible what publishers hold, waiting for room, and closes everything: the ring in the same turn, so that it takes nothing that is not seen.
   * What is given out meanwhile is waited for as well.
   *
   * @throws as `Publisher.ready`
   */
  async flush(left: () => WaitOptions): Promise<void> {
    const closed = new Set<Gathering>()
    const nextOpen = () => this.#alive().find(publisher => !closed.has(publisher))
    for (let publisher = nextOpen(); publisher !== undefined; publisher = nextOpen()) {
      while (publisher.pending > 0 && !publisher.flush()) await publisher.ready(left())
      this.#retire(publisher)
      closed.add(publisher)
    }
    this.close()
    this.#ring.close()
  }

  /** Closes everything. What publishers hold becomes visible, as far as there is room. */
  close(): void {
    for (const publisher of this.#alive()) this.#retire(publisher)
    this.#publishers = []
    this.#latest = undefined
    this.#producer?.close()
    this.#producer = undefined
  }

  /** Closes a publisher. Then it says what the disruptor says. Not before: its own methods, called for every event, are not wrapped. */
  #retire(publisher: Gathering): void {
    publisher.close()
    const refuse = (): never => {
      throw this.#explain(new ClosedError('the publisher'))
    }
    Object.assign(publisher, { claim: refuse, publish: refuse, flush: refuse, ready: async () => refuse() })
  }

  /** Why nothing is taken any more, where an error says only that: the disruptor knows. */
  #explain(error: unknown): unknown {
    const isOver = isDisruptorError(error, 'DX_CLOSED') || isDisruptorError(error, 'DX_RING_HALTED')
    return (isOver ? this.#refusal() : undefined) ?? error
  }

  #alive(): readonly Gathering[] {
    const alive = new Set(this.#publishers.flatMap(ref => ref.deref() ?? []))
    if (this.#latest !== undefined) alive.add(this.#latest)
    return [...alive]
  }
}
