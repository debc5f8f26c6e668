import type { Clock, Sequence } from '@disruptorx/contracts'

/** Decides how many events a batch may have, from how long batches took. One object serves one processor. */
export interface BatchSize {
  /** The most events of the next batch, asked once before each: from 1. What is not a number from 1 counts as 1. */
  next(): number
  /** Tells how long the handler took for a batch, waiting for its promises included. Not told of batches that the handler threw back. */
  record(events: number, elapsedNs: number): void
}

/** Measures the batches of one processor for its {@link BatchSize}. */
export class BatchMeter {
  readonly #batchSize: BatchSize
  readonly #clock: Clock
  #startedNs = 0
  #events = 0

  constructor(batchSize: BatchSize, clock: Clock) {
    this.#batchSize = batchSize
    this.#clock = clock
  }

  /** A batch begins: returns the last of its events, which is no later than `last`. */
  begin(first: Sequence, last: Sequence): Sequence {
    const most = Math.trunc(this.#batchSize.next())
    const end = most >= 1 ? Math.min(last, first + most - 1) : first
    this.#events = end - first + 1
    this.#startedNs = this.#clock.monotonicNs()
    return end
  }

  /** The batch that began last is dealt with. */
  end(): void {
    this.#batchSize.record(this.#events, this.#clock.monotonicNs() - this.#startedNs)
  }
}
