import { LINE_BYTES, LINE_WORDS, roundUp } from '../memory/cells.ts'

/**
 * The memory of a ring: what all kinds of slots have in common. Word offsets count 32 bits; a line is 128 bytes.
 *
 * ```
 *  line 0, read mostly
 *  word 0        1         2             3          4            5           6               7        8              9
 *  +-------+---------+-------------+----------+------------+-----------+---------------+--------+--------------+---------------+---
 *  | magic | version | layout hash | capacity | slot bytes | producers | max consumers | status | producer's   | max producers |...
 *  |       |         |             |          |            |           |               |        | thread, or 0 |               |
 *  +-------+---------+-------------+----------+------------+-----------+---------------+--------+--------------+---------------+---
 *  line 1: cursor, a SharedSequence: low 32 bits and epoch
 *            one producer: the highest sequence published; several: the highest sequence claimed
 *  line 2, written seldom: word 0 deaths of producers, 1 slots skipped, 2 events dropped, 3 waits for room, 4 skips announced; all wrap
 *  then, in whole lines each:
 *  +---------------------------------+-------------------+-------------------+------------------------+-------+
 *  | opened, status of each consumer | consumers,        | producers,        | availability           | slots |
 *  | read mostly, 4 bytes each       | one line each     | one line each     | several producers only |       |
 *  +---------------------------------+-------------------+-------------------+------------------------+-------+
 *  a consumer's line: word 0 the highest sequence released, 1 its thread, 2 how many slots after that are not for it, 8 to 15 a bit for each
 *    consumer that it comes after
 *  a producer's line: word 0 its thread, or 0, 1 its state, 2 and 3 its intent: from (including) and to (excluding), low 32 bits
 * ```
 * Availability has a word per slot, as in LMAX MultiProducerSequencer:
 *
 * ```
 *  bit 31              bits 30 to k                              bits k - 1 to 0, where 2^k is the capacity
 *  +-------------------+-----------------------------------------+-------------------------------------------------------------+
 *  | 1: nobody ever    | the lap on which the slot was last      | how many slots after this one were published together with  |
 *  | will publish it   | published: bits 30 to k of its sequence | it; so a reader looks at one word for each burst            |
 *  +-------------------+-----------------------------------------+-------------------------------------------------------------+
 * ```
 * Every slot's word is written on every lap, so a slot is never more than one lap behind, and the few bits of a lap are enough.
 */
export const RING_MAGIC = 0x4458_5352
export const RING_VERSION = 2
export const LAYOUT_HASH = 2
export const CAPACITY = 3
export const SLOT_BYTES = 4
export const PRODUCERS = 5
export const MAX_CONSUMERS = 6
export const STATUS = 7
export const PRODUCER_THREAD = 8
export const MAX_PRODUCERS = 9
export const CURSOR_BYTE = LINE_BYTES
export const CURSOR = LINE_WORDS
/** Goes up after a producer's line was found dead, and never down: consumers look for lines of the dead when it has moved. */
export const DEATHS = 2 * LINE_WORDS
export const SKIPPED = DEATHS + 1
export const DROPPED = DEATHS + 2
export const WAITS = DEATHS + 3
/** Goes up before slots are marked as skipped, and never down: consumers look for marks only when it has moved. */
export const ANNOUNCED = DEATHS + 4
export const OPENED = 3 * LINE_WORDS

/** Values of `status`. */
export const RING_OPEN = 0
export const RING_CLOSED = 1
export const RING_HALTED = 2

/** Values of a consumer's status. Producers wait for those from `live` on; one that joins does not count yet, or no more. */
export const CONSUMER_FREE = 0
export const CONSUMER_JOINING = 1
export const CONSUMER_LIVE = 2
/** Closing, unless others come after it. Producers still wait for it. */
export const CONSUMER_LEAVING = 3

/** Words of a consumer's line. */
export const CONSUMER_THREAD = 1
export const CONSUMER_BEHIND = 2
export const CONSUMER_AFTER = 8

/** Words of a producer's line. */
export const PRODUCER_OWNER = 0
export const PRODUCER_STATE = 1
export const INTENT_FROM = 2
export const INTENT_TO = 3

/** In an availability word: nobody will ever publish this slot on this lap. */
export const SKIP = 1 << 31

/**
 * The last two bits of a producer's state. The rest counts how often the line went through them, so that nobody takes what became of a line
 * for what it was. What was live dies, what is dead is given back, whose owner is written off then, and who takes it next makes it live.
 */
export const PRODUCER_PHASE = 3
export const PRODUCER_LIVE = 0
export const PRODUCER_DEAD = 1
export const PRODUCER_GIVEN_BACK = 2

export const LEAST_CAPACITY = 2
export const MOST_CAPACITY = 2 ** 26
export const MOST_CONSUMERS = 256
export const MOST_PRODUCERS = 256

/** What decides where everything is. */
export interface RingShape {
  readonly capacity: number
  /** 0 where the slots are not in this memory. */
  readonly slotBytes: number
  readonly multi: boolean
  readonly maxConsumers: number
  readonly maxProducers: number
}

/** Where everything is. Offsets without a unit are in words. */
export interface RingOffsets {
  /** Status of consumer 0. */
  readonly statuses: number
  /** Line of consumer 0, the first word of which is its sequence; the others follow a line apart. */
  readonly consumers: number
  /** Line of producer 0. */
  readonly producers: number
  readonly availability: number
  readonly slotsByte: number
  readonly totalBytes: number
}

/** Lays a ring out. */
export function ringOffsets(shape: RingShape): RingOffsets {
  const consumersByte = 3 * LINE_BYTES + roundUp(4 * (1 + shape.maxConsumers), LINE_BYTES)
  const producersByte = consumersByte + shape.maxConsumers * LINE_BYTES
  const availabilityByte = producersByte + (shape.multi ? shape.maxProducers * LINE_BYTES : 0)
  const slotsByte = availabilityByte + (shape.multi ? roundUp(4 * shape.capacity, LINE_BYTES) : 0)
  return {
    statuses: OPENED + 1,
    consumers: consumersByte / 4,
    producers: producersByte / 4,
    availability: availabilityByte / 4,
    slotsByte,
    totalBytes: slotsByte + shape.capacity * shape.slotBytes,
  }
}
