import { type EventHandler, OptionError, type ProcessorControl, type Sequence } from '@disruptorx/contracts'
import { isThenable } from './thenable.ts'

/**
 * Several handlers as one: each event goes to all of them, one after the other, on one thread and under one sequence.
 *
 * A handler that throws keeps the event from those after it; if the event is then tried again, all of them get it again. A promise is waited for before
 * the next handler gets the event. Slots are released early only as far as every one of them has asked for.
 *
 * Algorithm: LMAX AggregateEventHandler.
 */
export class AggregateHandler<E> implements EventHandler<E> {
  readonly onBatchStart?: (batchSize: number, queueDepth: number) => void
  readonly #handlers: readonly EventHandler<E>[]

  /** @throws {OptionError} there is none, or one has no `onEvent` */
  constructor(handlers: readonly EventHandler<E>[]) {
    if (handlers.length === 0) throw new OptionError('handlers', 'empty', 'at least one handler')
    for (const handler of handlers)
      if (typeof handler?.onEvent !== 'function') throw new OptionError('handlers', typeof handler, 'handlers with onEvent')
    this.#handlers = [...handlers]
    if (handlers.some(handler => handler.onBatchStart !== undefined))
      this.onBatchStart = (batchSize, queueDepth) => {
        for (const handler of this.#handlers) handler.onBatchStart?.(batchSize, queueDepth)
      }
  }

  // Hot: once per event.
  onEvent(event: E, sequence: Sequence, endOfBatch: boolean): unknown {
    const handlers = this.#handlers
    for (let i = 0; i < handlers.length; i++) {
      const outcome = (handlers[i] as EventHandler<E>).onEvent(event, sequence, endOfBatch)
      if (outcome !== undefined && isThenable(outcome)) return this.#goOn(outcome, i + 1, event, sequence, endOfBatch)
    }
    return undefined
  }

  onStart(control: ProcessorControl): unknown {
    const released = this.#handlers.map((): Sequence => -1)
    const controls = released.map((_, member) => ({ ...control, release: (sequence: Sequence) => release(member, sequence) }))
    const release = (member: number, sequence: Sequence) => {
      if (!(sequence > (released[member] as Sequence))) return
      const lowest = released.reduce((least, mark, other) => Math.min(least, other === member ? sequence : mark), Infinity)
      if (lowest > Math.min(...released)) control.release(lowest)
      released[member] = sequence
    }
    return inTurn(this.#handlers, (handler, member) => handler.onStart?.(controls[member] as ProcessorControl))
  }

  onTimeout(sequence: Sequence): void {
    for (const handler of this.#handlers) handler.onTimeout?.(sequence)
  }

  /** All of them are shut down, also if one throws: then the first error is thrown in the end. */
  onShutdown(): unknown {
    const errors: { readonly error: unknown }[] = []
    const settled = inTurn(this.#handlers, handler => attempt(() => handler.onShutdown?.(), errors))
    const end = () => {
      if (errors[0] !== undefined) throw errors[0].error
    }
    return isThenable(settled) ? settled.then(end) : end()
  }

  async #goOn(pending: PromiseLike<unknown>, next: number, event: E, sequence: Sequence, endOfBatch: boolean): Promise<void> {
    await pending
    for (const handler of this.#handlers.slice(next)) await handler.onEvent(event, sequence, endOfBatch)
  }
}

/** Calls `call` for each, and waits in between only where it has to. */
function inTurn<H>(handlers: readonly H[], call: (handler: H, index: number) => unknown): unknown {
  for (let i = 0; i < handlers.length; i++) {
    const outcome = call(handlers[i] as H, i)
    if (isThenable(outcome)) return restInTurn(outcome, handlers, i + 1, call)
  }
  return undefined
}

async function restInTurn<H>(
  pending: PromiseLike<unknown>,
  handlers: readonly H[],
  next: number,
  call: (handler: H, index: number) => unknown,
): Promise<void> {
  await pending
  for (let i = next; i < handlers.length; i++) await call(handlers[i] as H, i)
}

function attempt(call: () => unknown, errors: { readonly error: unknown }[]): unknown {
  try {
    const outcome = call()
    return isThenable(outcome) ? outcome.then(undefined, error => void errors.push({ error })) : outcome
  } catch (error) {
    errors.push({ error })
    return undefined
  }
}
