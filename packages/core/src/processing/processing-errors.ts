import { DisruptorError, type Sequence } from '@disruptorx/contracts'

/**
 * A handler throws this to have an event passed over: by itself, and by every handler that comes after it in the graph. It is no failure: where
 * the processor has a poison set, no exception handler is asked. A handler of batches throws it for all of the batch that it has not released.
 */
export class EventPoisonedError extends DisruptorError {
  constructor(reason: string, options?: ErrorOptions) {
    super('DX_EVENT_POISONED', `the event is poisoned: ${reason}; handlers that come after pass over it`, { reason }, options)
  }
}

/** An event was to be marked as poisoned, and there is no set to mark it in. */
export class NoPoisonSetError extends DisruptorError {
  constructor(sequence: Sequence) {
    super('DX_NO_POISON_SET', `event ${sequence} cannot be marked as poisoned: give every processor of the ring the same poison set`, {
      sequence,
    })
  }
}

/** A handler returned a promise on a thread that blocks between events: it would never settle. */
export class PromiseForbiddenError extends DisruptorError {
  constructor(hook: string, sequence: Sequence) {
    super(
      'DX_PROMISE_FORBIDDEN',
      `${hook} returned a promise at sequence ${sequence}, on a thread that blocks between events: it would never settle; make the handler synchronous, or run it on an event loop: workerHandler takes eventLoop: true`,
      { hook, sequence },
    )
  }
}
