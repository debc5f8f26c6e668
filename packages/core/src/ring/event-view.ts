import type { ViewFields, ViewMethods } from '@disruptorx/layout'

/**
 * What a handler gets of an event of a struct ring: a flyweight over its slot, valid only during the call. `copy()` keeps it.
 *
 * Its fields may be written: what a handler writes, those that come after it in the graph read. Handlers side by side must not write the same field, nor read
 * one that the other writes: nobody says which of them comes first. A handler that is declared for a `ReadonlyView` takes it as well.
 */
export type EventView<T> = ViewFields<T> &
  Pick<ViewMethods<T>, 'copy' | 'offset' | 'toJSON'> & {
    /** Writes every field: all of them, or none when one is refused. @throws {FieldError} */
    set(value: T): void
  }
