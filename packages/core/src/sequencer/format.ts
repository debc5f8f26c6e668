import type { Sequence } from '@disruptorx/contracts'
import { RoleTakenError } from '../errors.ts'
import { MAGIC, VERSION } from '../memory/header.ts'
import { currentThread } from '../platform/current-thread.ts'
import {
  CAPACITY,
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

/** Writes the header of a new ring, and gives every availability word the lap before its first. */
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
}

/** Takes the one writing side of a ring for the calling thread. @throws {RoleTakenError} names the thread that has it */
export function takeSingle(ring: SequencerMemory): void {
  const holder = Atomics.compareExchange(ring.words, PRODUCER_THREAD, 0, currentThread())
  if (holder !== 0) throw new RoleTakenError('ring', 'producer', holder)
}
