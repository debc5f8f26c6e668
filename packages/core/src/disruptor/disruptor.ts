import { OptionError } from '@disruptorx/contracts'
import type { View } from '@disruptorx/layout'
import type { EventView } from '../ring/event-view.ts'
import { ObjectRing, type ObjectRingOptions } from '../ring/object-ring.ts'
import { StructRing, type StructRingOptions } from '../ring/struct-ring.ts'
import { DisruptorOver } from './disruptor-over.ts'
import type { DisruptorOptions } from './options.ts'
import type { WritableRing } from './publishing.ts'

/** A disruptor over a ring in shared memory: its events are of a fixed layout, `T` is what that describes. Handlers run on any thread. */
export type Disruptor<T> = DisruptorOver<EventView<T>, View<T>, StructRing<T>>

/** A disruptor over a ring of objects, all handlers of which run on its own event loop. */
export type ObjectDisruptor<T> = DisruptorOver<T, T, ObjectRing<T>>

/** Makes disruptors: over a ring in shared memory from `layout`, over a ring of objects from `factory`, or over a ring that is there. */
export interface DisruptorConstructor {
  /** For handlers on this event loop and on workers. @throws {OptionError} */
  new <T>(options: StructRingOptions<T> & DisruptorOptions): Disruptor<T>
  /** For handlers on this event loop. @throws {OptionError} */
  new <T>(options: ObjectRingOptions<T> & DisruptorOptions): ObjectDisruptor<T>
  /** The ring is the disruptor's from then on: that closes, halts and reopens it. @throws {OptionError} */
  new <T>(options: { readonly ring: StructRing<T> } & DisruptorOptions): Disruptor<T>
  new <T>(options: { readonly ring: ObjectRing<T> } & DisruptorOptions): ObjectDisruptor<T>
}

type AnyRing = WritableRing<unknown, unknown>
type AnyOptions = DisruptorOptions & (StructRingOptions<unknown> | ObjectRingOptions<unknown> | { readonly ring: AnyRing })

/** What the options say decides what handlers see, which the types of one constructor cannot say. */
class AnyDisruptor extends DisruptorOver<unknown, unknown, AnyRing> {
  constructor(options: AnyOptions) {
    super(options, ringOf(options))
  }
}

export const Disruptor = AnyDisruptor as unknown as DisruptorConstructor

function ringOf(options: AnyOptions): AnyRing {
  if (typeof options !== 'object' || options === null)
    throw new OptionError('options', options, 'an object with capacity, and layout or factory')
  if ('ring' in options) return options.ring
  if ('factory' in options) return ObjectRing.create(options)
  if ('layout' in options) return StructRing.create(options)
  throw new OptionError('layout', undefined, 'a layout, or a factory of objects, or a ring in its place')
}
