import type { HandlerLike } from './handle.ts'

/** Handlers side by side. What comes after the group sees each event only when all of them have dealt with it. */
export interface HandlerGroup<E> {
  /** The names of the handlers, or of the group. */
  readonly names: readonly string[]
  /**
   * Adds handlers that come after all of this group's, side by side.
   *
   * @throws {OptionError} one of them is no handler; so a group that is awaited by mistake rejects at once
   * @throws as `Disruptor.handleEventsWith`
   */
  then(...handlers: HandlerLike<E>[]): HandlerGroup<E>
  /** Adds handlers that come after all of this group's and share the events: each is dealt with by one of them. @throws as {@link then} */
  thenHandleEventsWithWorkerPool(...handlers: HandlerLike<E>[]): HandlerGroup<E>
  /** This group and others as one. */
  and(...groups: HandlerGroup<E>[]): HandlerGroup<E>
}

/** Adds handlers after those with these names. */
export type AddHandlers<E> = (after: readonly string[], handlers: HandlerLike<E>[], competing: boolean) => HandlerGroup<E>

/** The name that every user of the Disruptor knows, although it makes a group look like a promise: the check of what is a handler guards against awaiting one. */
const THEN = 'then'

/** Makes the group of the handlers with these names. */
export function handlerGroup<E>(names: readonly string[], add: AddHandlers<E>): HandlerGroup<E> {
  return {
    names,
    [THEN]: (...handlers) => add(names, handlers, false),
    thenHandleEventsWithWorkerPool: (...handlers) => add(names, handlers, true),
    and: (...groups) => handlerGroup([...new Set([names, ...groups.map(group => group.names)].flat())], add),
  }
}
