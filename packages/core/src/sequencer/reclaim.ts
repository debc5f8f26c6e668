import { currentThread } from '../platform/current-thread.ts'
import { markDead } from './intents.ts'
import { freeConsumer } from './join.ts'
import { CONSUMER_THREAD, PRODUCER_THREAD, RING_HALTED } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/** What a thread that ended had held in a ring. */
export interface Reclaimed {
  /** Writing sides. Slots that they had claimed and not published are skipped by consumers, and counted there. */
  readonly producers: number
  /** Reading sides that were taken out of the ring: producers no longer wait for them. */
  readonly consumers: number
  /** Whether the ring was halted, because others come after a consumer that is gone: they would see events that it never dealt with. */
  readonly halted: boolean
}

/** Takes everything of a thread that has ended out of a ring. */
export function reclaimThread(ring: SequencerMemory, thread: number): Reclaimed {
  const { words } = ring
  let producers = markDead(ring, thread)
  if (Atomics.compareExchange(words, PRODUCER_THREAD, thread, 0) === thread) producers++
  const taken = takeConsumers(ring, thread)
  let left = taken
  // Those that come after others go first, wherever in the table they are: again while that makes others free.
  for (let before = Infinity; left.length < before; left = left.filter(index => !freeConsumer(ring, index))) before = left.length
  for (const index of left) Atomics.store(words, ring.consumerLine(index) + CONSUMER_THREAD, thread)
  const halted = left.length > 0
  if (halted) ring.stop(RING_HALTED)
  ring.parkingLot.unparkAll()
  return { producers, consumers: taken.length - left.length, halted }
}

/** Makes a thread's consumers ours, so that of two who reclaim one thread only one frees each; and those of who dies here are found again. */
function takeConsumers(ring: SequencerMemory, thread: number): readonly number[] {
  const { words, shape } = ring
  const taken: number[] = []
  for (let index = 0; index < shape.maxConsumers; index++) {
    const cell = ring.consumerLine(index) + CONSUMER_THREAD
    if (Atomics.compareExchange(words, cell, thread, currentThread()) === thread) taken.push(index)
  }
  return taken
}
