import { OptionError, type Sequence, type SequenceCell } from '@disruptorx/contracts'
import type { ParkingLot } from '../parking/parking-lot.ts'
import type { Consumer } from '../sequencer/consumer.ts'
import type { RingStats } from '../sequencer/stats.ts'

/** How a processor gets at the events of a ring. One reader serves one processor. */
export interface EventReader<E> {
  // Hot: once per event.
  /** The event of a sequence: valid until the next call, and until its slot is released. */
  at(sequence: Sequence): E
  /** Everything up to `upTo` is about to be released: a late use of it shall be found. Only where that is looked for. */
  expire?(upTo: Sequence): void
}

/** What a processor needs of a ring, whatever its slots are made of. */
export interface EventRing<E> {
  readonly capacity: number
  readonly parkingLot: ParkingLot
  /** One producer: the highest sequence published. Several: the highest claimed. `-1` before the first. */
  readonly cursor: SequenceCell
  /** Whether the ring takes no more events. */
  readonly stopped: boolean
  /** A reader with a flyweight of its own, where events are flyweights. */
  reader(): EventReader<E>
  /** Adds a consumer that starts after the cursor, or sees each event only when all of `after` have released it. */
  addConsumer(options?: { readonly after?: readonly Consumer[] }): Consumer
  /** Takes no more events; consumers read on. */
  close(): void
  /** As {@link close}, because something failed: publishers get a `RingHaltedError`. */
  halt(): void
  /** Takes events again, after {@link close} or {@link halt}. */
  reopen(): void
  /** The figures of this moment. */
  stats(): RingStats
}

/** Refuses what is no ring: a disruptor, say, which has one. @throws {OptionError} */
export function checkRing<E>(ring: EventRing<E>): void {
  const given = ring as Partial<EventRing<E>> | null | undefined
  if (typeof given?.reader === 'function') return
  const shown = typeof given === 'object' && given !== null ? `an object with ${Object.keys(given).join(', ') || 'nothing'}` : given
  throw new OptionError('ring', shown, 'a StructRing or an ObjectRing; a disruptor has its own as disruptor.ring')
}
