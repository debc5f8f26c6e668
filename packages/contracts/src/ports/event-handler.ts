import type { Sequence } from '../brands.ts'

/** Deals with the events of a ring, one after the other. */
export interface EventHandler<T> {
  /**
   * Called for each event in order. The event is a flyweight: it is valid only during the call.
   * `endOfBatch` tells that no further event is available yet: the moment to flush.
   */
  onEvent(event: T, sequence: Sequence, endOfBatch: boolean): void
  /** Called once on the handler's own thread before the first event. */
  onStart?(): void
  /** Called once on the handler's own thread after the last event. */
  onShutdown?(): void
}
