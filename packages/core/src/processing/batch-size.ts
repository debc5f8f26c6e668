/** Decides how many events a batch may have, from how long batches took. One object serves one processor. */
export interface BatchSize {
  /** The most events of the next batch: at least 1. Asked once before each batch. */
  next(): number
  /** Tells how long the handler took for a whole batch, waiting for its promises included. */
  record(events: number, elapsedNs: number): void
}
