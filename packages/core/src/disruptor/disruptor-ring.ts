import type { EventRing } from '../ring/event-ring.ts'
import type { StructRingHandle } from '../ring/struct-ring.ts'
import type { Consumer, ConsumerHandle } from '../sequencer/consumer.ts'
import type { Reclaimable } from './thread-handler.ts'

/** What a disruptor needs of its ring. */
export interface DisruptorRing<E> extends EventRing<E> {
  /** How many slots the slowest consumer leaves free. */
  remainingCapacity(): number
}

/** A ring that other threads can attach to: what handlers on workers need. */
export interface SharedRing<E> extends DisruptorRing<E>, Reclaimable {
  readonly handle: StructRingHandle
  attachConsumer(handle: ConsumerHandle): Consumer
}

/** Whether a ring can cross threads. */
export function isShared<E>(ring: DisruptorRing<E>): ring is SharedRing<E> {
  return 'handle' in ring
}
