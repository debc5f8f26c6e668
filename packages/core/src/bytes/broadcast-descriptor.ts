import { LINE_BYTES } from '../memory/cells.ts'

/**
 * The memory of a broadcast ring. Word offsets count 32 bits; a line is 128 bytes.
 *
 * ```
 *  line 0, read mostly
 *  word 0        1         2          3        4       5
 *  +-------+---------+----------+--------+-------+----------+-----
 *  | magic | version | capacity | status | waits | producer | ...      producer: the number of the thread that writes, or 0
 *  +-------+---------+----------+--------+-------+----------+-----
 *  line 1: tail, a SharedSequence: how far records are published
 *  line 2: oldest, a SharedSequence: where the oldest record starts that is not about to be overwritten
 *  line 3: capacity bytes of records
 * ```
 * Positions count bytes. Whatever is written lies before `oldest` + capacity: Agrona's tail intent, kept as its other end, which is also the start of a
 * record. So a receiver that has fallen behind can go on there, and compares with its own position to see whether what it copied was overwritten.
 *
 * ```
 *  record, aligned to 16:  byte 0              4               8                               size - 8        size - 4
 *                          +-------------------+---------------+---------------------+---------+---------------+-------------+
 *                          | length of payload | number, low   | payload             | to 8    | size in bytes | number,     |
 *                          | padding: -size    | 32 bits       |                     |         |               | high bits   |
 *                          +-------------------+---------------+---------------------+---------+---------------+-------------+
 * ```
 * The number counts records. It is in each of them, so that whoever missed some knows how many; padding has that of the record behind it. The size at
 * the end leads from any position, such as the tail, to the record before it. Padding fills up the end of the ring, as no record is ever cut; a new ring
 * begins with some, so that there is always something before the tail.
 */
export const BROADCAST_MAGIC = 0x4458_4243
export const BROADCAST_VERSION = 1
export const PRODUCER_THREAD = 5
export const TAIL_BYTE = LINE_BYTES
export const OLDEST_BYTE = 2 * LINE_BYTES
export const DATA_BYTE = 3 * LINE_BYTES
export const DATA_WORD = DATA_BYTE / 4
export const HEADER_BYTES = 8
/** What a record takes besides its payload, and the least that padding takes. */
export const OVERHEAD_BYTES = 16
export const ALIGNMENT = 16
export const LEAST_CAPACITY = 256
export const MOST_CAPACITY = 2 ** 30

/** The longest payload: an eighth of the ring less what a record takes besides. */
export function maxBroadcastBytes(capacityBytes: number): number {
  return capacityBytes / 8 - OVERHEAD_BYTES
}

/** How many bytes what begins with this first word takes in all. */
export function sizeOf(firstWord: number): number {
  return firstWord < 0 ? -firstWord : (firstWord + OVERHEAD_BYTES + ALIGNMENT - 1) & -ALIGNMENT
}
