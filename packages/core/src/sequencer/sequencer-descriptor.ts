import { LINE_BYTES, LINE_WORDS, roundUp } from '../memory/cells.ts'

/**
 * The memory of a struct ring. Word offsets count 32 bits; a line is 128 bytes.
 *
 * ```
 *  line 0, read mostly
 *  word 0        1         2             3          4            5           6               7        8
 *  +-------+---------+-------------+----------+------------+-----------+---------------+--------+----------------+-----
 *  | magic | version | layout hash | capacity | slot bytes | producers | max consumers | status | producer taken | ...
 *  +-------+---------+-------------+----------+------------+-----------+---------------+--------+----------------+-----
 *  line 1: cursor, a SharedSequence: low 32 bits and epoch
 *            one producer: the highest sequence published; several: the highest sequence claimed
 *  then, in whole lines each:
 *  +---------------------------------+---------------------+------------------------+------------------------+-------+
 *  | opened, status of each consumer | dependents of each  | sequence of each       | availability           | slots |
 *  | read mostly, 4 bytes each       | 4 bytes each        | one line each          | several producers only |       |
 *  +---------------------------------+---------------------+------------------------+------------------------+-------+
 * ```
 * Availability has a word per slot with the lap of the ring on which the slot was last published, as in LMAX MultiProducerSequencer. Laps count
 * modulo 2^32 / capacity; a slot is never more than one lap behind, so that is enough.
 */
export const RING_MAGIC = 0x4458_5352
export const RING_VERSION = 1
export const LAYOUT_HASH = 2
export const CAPACITY = 3
export const SLOT_BYTES = 4
export const PRODUCERS = 5
export const MAX_CONSUMERS = 6
export const STATUS = 7
export const PRODUCER_TAKEN = 8
export const CURSOR_BYTE = LINE_BYTES
export const CURSOR = LINE_WORDS
export const OPENED = 2 * LINE_WORDS

/** Values of `status`. */
export const RING_OPEN = 0
export const RING_CLOSED = 1
export const RING_HALTED = 2

/** Values of a consumer's status. */
export const CONSUMER_FREE = 0
export const CONSUMER_JOINING = 1
export const CONSUMER_LIVE = 2

export const LEAST_CAPACITY = 2
export const MOST_CAPACITY = 2 ** 26
/** Slots take at most this much, so that every offset is a small integer. */
export const MOST_SLOTS_BYTES = 2 ** 30

/** What decides where everything is. */
export interface RingShape {
  readonly capacity: number
  readonly slotBytes: number
  readonly multi: boolean
  readonly maxConsumers: number
}

/** Where everything is. Offsets without a unit are in words. */
export interface RingOffsets {
  /** Status of consumer 0. */
  readonly statuses: number
  /** Dependents of consumer 0. */
  readonly dependents: number
  /** Sequence of consumer 0; the others follow a line apart. */
  readonly sequences: number
  readonly availability: number
  readonly slotsByte: number
  readonly totalBytes: number
}

/** Lays a ring out. */
export function ringOffsets(shape: RingShape): RingOffsets {
  const statusBytes = roundUp(4 * (1 + shape.maxConsumers), LINE_BYTES)
  const dependentsByte = 2 * LINE_BYTES + statusBytes
  const sequencesByte = dependentsByte + roundUp(4 * shape.maxConsumers, LINE_BYTES)
  const availabilityByte = sequencesByte + shape.maxConsumers * LINE_BYTES
  const slotsByte = availabilityByte + (shape.multi ? roundUp(4 * shape.capacity, LINE_BYTES) : 0)
  return {
    statuses: OPENED + 1,
    dependents: dependentsByte / 4,
    sequences: sequencesByte / 4,
    availability: availabilityByte / 4,
    slotsByte,
    totalBytes: slotsByte + shape.capacity * shape.slotBytes,
  }
}
