import type { Sequence } from '../brands.ts'

/**
 * What a handler may ask of the processor that calls it. Handed to `onStart`; for the handler's own thread.
 */
export interface ProcessorControl {
  /**
   * Releases everything up to and including `sequence` before the batch ends, so that publishers and handlers that come after go on. Only for events
   * that the handler is done with: their slots may be overwritten at once, and a rewind or a retry never goes back before them.
   *
   * @throws {SequenceRangeError} that is not an event of the batch in hand
   */
  release(sequence: Sequence): void
  /**
   * Marks an event of the batch in hand as poisoned: handlers that come after this one in the graph do not see it.
   *
   * @throws {SequenceRangeError} that is not an event of the batch in hand
   * @throws {NoPoisonSetError} the processor was made without a poison set
   */
  poison(sequence: Sequence): void
  /** Handles nothing after the batch in hand; with a handler that returns promises, after the event in hand. */
  halt(): void
}

/** What every handler may have besides its events. All of it runs on the handler's own thread. */
export interface HandlerHooks {
  /** Called once before the first event. May return a promise where the thread has an event loop: the first event waits for it. */
  onStart?(control: ProcessorControl): unknown
  /** Called once after the last event, if `onStart` was called, whatever came of that. May return a promise, as `onStart`. */
  onShutdown?(): unknown
  /** Called when no event came for the processor's `timeoutMs`, and again each time that passes. `sequence` is the last one handled. */
  onTimeout?(sequence: Sequence): void
  /** Called before each batch: how many events it has, and how many are available in all. */
  onBatchStart?(batchSize: number, queueDepth: number): void
}

/** Deals with the events of a ring, one after the other. */
export interface EventHandler<E> extends HandlerHooks {
  /**
   * Called for each event in order. In a ring of flyweights the event is valid only during the call.
   * `endOfBatch` tells that this is the last event before all of the batch is released: the moment to flush.
   *
   * A promise that it returns is waited for before the next event; the event stays valid meanwhile. Anything else that it returns is ignored.
   */
  onEvent(event: E, sequence: Sequence, endOfBatch: boolean): unknown
}

/** Deals with the events of a ring a batch at a time. */
export interface BatchHandler<E> extends HandlerHooks {
  /** Called for each batch in order. A promise that it returns is waited for; the batch stays valid meanwhile. Anything else that it returns is ignored. */
  onBatch(batch: EventBatch<E>): unknown
}

/** Either kind of handler. */
export type AnyEventHandler<E> = EventHandler<E> | BatchHandler<E>

/**
 * Consecutive events of a ring. One object is used for every batch of a processor, and in a ring of flyweights one event for every place of it.
 */
export interface EventBatch<E> extends Iterable<E> {
  /** Sequence of the first event. */
  readonly first: Sequence
  /** Sequence of the last event. */
  readonly last: Sequence
  /** How many events there are: at least 1 while the batch is valid, 0 afterwards. */
  readonly length: number
  /** The event with sequence `first + index`. @throws {SequenceRangeError} `index` is not from 0 to `length - 1`: so too once the batch is over */
  at(index: number): E
}
