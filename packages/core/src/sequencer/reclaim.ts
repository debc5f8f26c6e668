import { markDead } from './intents.ts'
import { freeConsumer } from './join.ts'
import { CONSUMER_LIVE, CONSUMER_THREAD, OPENED, PRODUCER_THREAD, RING_HALTED } from './sequencer-descriptor.ts'
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
  const { words, at } = ring
  let producers = markDead(ring, thread)
  if (Atomics.compareExchange(words, PRODUCER_THREAD, thread, 0) === thread) producers++
  let consumers = 0
  let halted = false
  const opened = Atomics.load(words, OPENED)
  // From the last to the first, as those that come after others joined later.
  for (let index = opened - 1; index >= 0; index--) {
    if (Atomics.load(words, at.statuses + index) !== CONSUMER_LIVE) continue
    if (Atomics.load(words, ring.consumerLine(index) + CONSUMER_THREAD) !== thread) continue
    if (freeConsumer(ring, index)) consumers++
    else halted = true
  }
  if (halted) ring.stop(RING_HALTED)
  ring.parkingLot.unparkAll()
  return { producers, consumers, halted }
}
