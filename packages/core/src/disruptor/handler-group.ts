import { type EventHandler, OptionError } from '@disruptorx/contracts'
import type { ReadonlyView } from '@disruptorx/layout'
import type { Consumer } from '../sequencer/consumer.ts'
import type { ThreadHandler } from './thread-handler.ts'

/** A handler for the event loop that the disruptor lives on, or for a thread of its own. */
export type AnyHandler<T> = EventHandler<ReadonlyView<T>> | ThreadHandler

/** Handlers side by side; what comes {@link then} sees each event only when all of these have dealt with it. */
export interface HandlerGroup<T> {
  /**
   * Adds handlers that come after all of this group's.
   *
   * @throws {OptionError} one of them is no handler; so a group that is awaited by mistake rejects at once
   */
  then(...handlers: AnyHandler<T>[]): HandlerGroup<T>
}

/** Checks what a caller passes as handlers. @throws {OptionError} */
export function checkHandlers<T>(handlers: readonly AnyHandler<T>[]): void {
  if (handlers.length === 0) throw new OptionError('handlers', 'empty', 'at least one handler')
  for (const handler of handlers) {
    const fits = typeof handler === 'object' && handler !== null && ('onEvent' in handler || 'startThread' in handler)
    if (!fits) throw new OptionError('handler', typeof handler, 'an object with onEvent, or what workerHandler returns')
  }
}

/** Makes the group of these consumers. */
export function handlerGroup<T>(
  consumers: readonly Consumer[],
  add: (after: readonly Consumer[], handlers: AnyHandler<T>[]) => HandlerGroup<T>,
): HandlerGroup<T> {
  return new Group(consumers, add)
}

/** The name that every user of the Disruptor knows, although it makes a group look like a promise: {@link checkHandlers} guards against awaiting one. */
const THEN = 'then'

class Group<T> implements HandlerGroup<T> {
  readonly #consumers: readonly Consumer[]
  readonly #add: (after: readonly Consumer[], handlers: AnyHandler<T>[]) => HandlerGroup<T>

  constructor(consumers: readonly Consumer[], add: (after: readonly Consumer[], handlers: AnyHandler<T>[]) => HandlerGroup<T>) {
    this.#consumers = consumers
    this.#add = add
  }

  [THEN](...handlers: AnyHandler<T>[]): HandlerGroup<T> {
    return this.#add(this.#consumers, handlers)
  }
}
