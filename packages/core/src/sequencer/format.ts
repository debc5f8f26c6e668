import type { Sequence } from '@disruptorx/contracts'
import { RoleTakenError } from '../errors.ts'
import { MAGIC, VERSION } from '../memory/header.ts'
import { currentThread } from '../platform/current-thread.ts'
import {
  CAPACITY,
  INTENT_FROM,
  INTENT_TO,
  LAYOUT_HASH,
  MAX_CONSUMERS,
  MAX_PRODUCERS,
  PRODUCER_THREAD,
  PRODUCERS,
  RING_MAGIC,
  RING_VERSION,
  SLOT_BYTES,
} from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/** Writes the header of a new ring, gives every availability word the lap before its first, and every producer an intent without anything. */
export function formatRing(ring: SequencerMemory, layoutHash: number, initial: Sequence): void {
  const { words, shape } = ring
  words[MAGIC] = RING_MAGIC
  words[VERSION] = RING_VERSION
  words[LAYOUT_HASH] = layoutHash
  words[CAPACITY] = shape.capacity
  words[SLOT_BYTES] = shape.slotBytes
  words[PRODUCERS] = shape.multi ? 1 : 0
  words[MAX_CONSUMERS] = shape.maxConsumers
  words[MAX_PRODUCERS] = shape.maxProducers
  if (!shape.multi) return
  for (let ahead = 0; ahead < shape.capacity; ahead++) {
    const low = (initial + ahead) | 0
    words[ring.availabilityOf(low)] = ring.lapOf((low - shape.capacity) | 0)
  }
  for (let producer = 0; producer < shape.maxProducers; producer++) {
    words[ring.producerLine(producer) + INTENT_FROM] = initial
    words[ring.producerLine(producer) + INTENT_TO] = initial
  }
}

/** Takes the one writing side of a ring for the calling thread. @throws {RoleTakenError} names the thread that has it */
export function takeSingle(ring: SequencerMemory): void {
  const holder = Atomics.compareExchange(ring.words, PRODUCER_THREAD, 0, currentThread())
  if (holder !== 0) throw new RoleTakenError('ring', 'producer', "or create the ring with producers: 'multi'", holder)
}
