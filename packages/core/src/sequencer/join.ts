import { OptionError } from '@disruptorx/contracts'
import { TableFullError } from '../errors.ts'
import type { Consumer, ConsumerHandle } from './consumer.ts'
import { CONSUMER_FREE, CONSUMER_JOINING, CONSUMER_LIVE, OPENED } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/**
 * Takes a place in a ring's table of consumers, starting after the cursor.
 *
 * The sequence is set before the place goes live, so that a producer never reads an old one, and again from a cursor read after it went live: then no
 * producer has passed it, see {@link SequencerMemory.lowestReleased}.
 */
export function joinRing(ring: SequencerMemory, after: readonly Consumer[]): ConsumerHandle {
  const { words, at } = ring
  const upstream = after.map(consumer => indexOf(ring, consumer))
  const index = takePlace(ring)
  Atomics.store(words, ring.sequenceCell(index), ring.cursor.get() | 0)
  Atomics.store(words, at.dependents + index, 0)
  for (const consumer of upstream) Atomics.add(words, at.dependents + consumer, 1)
  for (let opened = Atomics.load(words, OPENED); opened <= index; opened = Atomics.load(words, OPENED))
    Atomics.compareExchange(words, OPENED, opened, index + 1)
  Atomics.store(words, at.statuses + index, CONSUMER_LIVE)
  Atomics.store(words, ring.sequenceCell(index), ring.cursor.get() | 0)
  return { index, after: upstream }
}

function takePlace(ring: SequencerMemory): number {
  const { maxConsumers } = ring.shape
  for (let index = 0; index < maxConsumers; index++) {
    if (Atomics.compareExchange(ring.words, ring.at.statuses + index, CONSUMER_FREE, CONSUMER_JOINING) === CONSUMER_FREE) return index
  }
  throw new TableFullError('consumers of the ring', 'maxConsumers', maxConsumers)
}

function indexOf(ring: SequencerMemory, consumer: Consumer): number {
  if (!consumer.isOf(ring)) throw new OptionError('after', 'a consumer of another ring', 'consumers of this ring that are not closed')
  return consumer.index
}
