import { ClosedError, isDisruptorError, type Sequence } from '@disruptorx/contracts'
import type { WaitOptions } from '../processing/sequence-barrier.ts'
import type { NextOptions, Producer } from '../sequencer/producer.ts'
import type { DisruptorRing } from './disruptor-ring.ts'

/** A publisher, as far as a disruptor looks after it. */
export interface Gathering {
  readonly pending: number
  flush(): boolean
  ready(options?: WaitOptions): Promise<void>
  close(): void
  /** Where it has the only writing side of the ring: lends that for a whole event; undefined when it was closed. */
  lend?(): unknown
  takeBack?(): void
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
  /** The publisher whose side is in use for whole events. */
  #lender: Gathering | undefined

  /** @param refusal why the disruptor takes no events, if it does not */
  constructor(ring: WritableRing<E, W>, refusal: () => Error | undefined) {
    this.#ring = ring
    this.#refusal = refusal
  }

  /**
   * Where to write whole events, until `#done`: with the open publisher, where that has the only writing side; otherwise with a side of the disruptor's
   * own, taken at the first use.
   *
   * @throws {RoleTakenError | TableFullError | RingHaltedError | ClosedError}
   */
  #begin(): Producer<W> {
    this.checkOpen()
    const lent = this.#latest?.lend?.()
    if (lent !== undefined) {
      this.#lender = this.#latest
      return lent as Producer<W>
    }
    this.#producer ??= this.#ring.producer()
    return this.#producer
  }

  /** Ends what `#begin` began. */
  #done(): void {
    if (this.#lender === undefined) return
    this.#lender.takeBack?.()
    this.#lender = undefined
  }

  /** Gives back the disruptor's own writing side, for a publisher to have it. */
  makeWay(): void {
    this.#producer?.close()
    this.#producer = undefined
  }

  /** @throws {DisruptorHaltedError | DisruptorClosedError} the disruptor takes no events */
  checkOpen(): void {
    const refusal = this.#refusal()
    if (refusal !== undefined) throw refusal
  }

  publishEvent(write: (event: W, sequence: Sequence) => void, options?: NextOptions): void {
    const producer = this.#begin()
    try {
      producer.publishEvent(write, options)
    } finally {
      this.#done()
    }
  }

  publishEvents(count: number, write: (event: W, sequence: Sequence, index: number) => void, options?: NextOptions): void {
    const producer = this.#begin()
    try {
      producer.publishEvents(count, write, options)
    } finally {
      this.#done()
    }
  }

  tryPublishEvent(write: (event: W, sequence: Sequence) => void): boolean {
    const producer = this.#begin()
    try {
      return producer.tryPublishEvent(write)
    } finally {
      this.#done()
    }
  }

  tryPublishEvents(count: number, write: (event: W, sequence: Sequence, index: number) => void): boolean {
    const producer = this.#begin()
    try {
      return producer.tryPublishEvents(count, write)
    } finally {
      this.#done()
    }
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
    this.makeWay()
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
