import type { Sequence } from '@disruptorx/contracts'
import { rebuild } from '../memory/cells.ts'
import { CONSUMER_LIVE, DROPPED, OPENED, SKIPPED, WAITS } from './sequencer-descriptor.ts'
import type { SequencerMemory } from './sequencer-memory.ts'

/** Where a consumer is. */
export interface ConsumerStats {
  /** Its place in the ring's table. */
  readonly index: number
  /** The highest sequence that it has released. */
  readonly released: Sequence
  /** How many events it is behind the cursor. */
  readonly lag: number
}

/** The figures of a ring at one moment, read from its cells by any thread. Nobody pays for them but who asks. */
export interface RingStats {
  readonly capacity: number
  /** One producer: the highest sequence published. Several: the highest claimed. */
  readonly cursor: Sequence
  /** Slots that the slowest consumer leaves free. */
  readonly remaining: number
  readonly consumers: readonly ConsumerStats[]
  /** Waits for room, by threads and event loops. This count and the next two wrap at 2^32. */
  readonly waits: number
  /** Events that publishers told to drop when the ring is full have dropped. */
  readonly dropped: number
  /** Slots that no producer published, because it died, failed, or gave its side back. */
  readonly skipped: number
  /** Sleeps of the parking lot that ended by its limit although there was something to do. 0 unless a thread died while waking others. */
  readonly fallbackWakes: number
}

/** Reads the figures of a ring. */
export function readStats(ring: SequencerMemory): RingStats {
  const { words, at, shape } = ring
  const cursor = ring.cursor.get()
  const consumers: ConsumerStats[] = []
  for (let index = 0; index < Atomics.load(words, OPENED); index++) {
    if (Atomics.load(words, at.statuses + index) < CONSUMER_LIVE) continue
    const released = rebuild(cursor, Atomics.load(words, ring.consumerLine(index)))
    consumers.push({ index, released, lag: Math.max(0, cursor - released) })
  }
  return {
    capacity: shape.capacity,
    cursor,
    remaining: Math.max(0, Math.min(shape.capacity, ring.remainingCapacity(cursor))),
    consumers,
    waits: Atomics.load(words, WAITS) >>> 0,
    dropped: Atomics.load(words, DROPPED) >>> 0,
    skipped: Atomics.load(words, SKIPPED) >>> 0,
    fallbackWakes: ring.parkingLot.stats().fallbackWakes,
  }
}
