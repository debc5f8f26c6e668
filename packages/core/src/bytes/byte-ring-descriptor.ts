import { LINE_BYTES, LINE_WORDS } from '../memory/cells.ts'

/**
 * The memory of a byte ring. Word offsets count 32 bits, byte offsets count from the start of the memory.
 *
 * ```
 *  word 0        1         2          3          4              32            64            byte 384
 *  +-------+---------+----------+----------+----------+-----+-----------+---+-----------+---+--------------------+
 *  | magic | version | capacity | producer | consumer | ... | published |...| released  |...| capacity bytes ... |
 *  +-------+---------+----------+----------+----------+-----+-----------+---+-----------+---+--------------------+
 *  line 0: read mostly; producer and consumer: taken?       line 1          line 2          records
 * ```
 * `published` and `released` are positions in bytes, modulo 2^32: how far the producer has written, how far the consumer has let go.
 *
 * ```
 *  record, aligned to 8:   byte 0              4               8
 *                          +-------------------+---------------+---------------------+---------+
 *                          | length of payload | kind          | payload             | to 8    |
 *                          +-------------------+---------------+---------------------+---------+
 *                          kind 1: a record; kind 2: padding up to the end of the ring, as no record is ever cut
 * ```
 */
export const BYTE_RING_MAGIC = 0x4458_4252
export const BYTE_RING_VERSION = 1
export const CAPACITY = 2
export const PRODUCER_TAKEN = 3
export const CONSUMER_TAKEN = 4
export const PUBLISHED = LINE_WORDS
export const RELEASED = 2 * LINE_WORDS
export const DATA_BYTE = 3 * LINE_BYTES
export const RECORD_HEADER_BYTES = 8
export const RECORD_ALIGNMENT = 8
export const KIND_RECORD = 1
export const KIND_PADDING = 2
export const LEAST_CAPACITY = 64
export const MOST_CAPACITY = 2 ** 30

/** The longest payload: a quarter of the ring less the header. With up to that much lost to padding, a record always fits an empty ring. */
export function maxRecordBytes(capacityBytes: number): number {
  return capacityBytes / 4 - RECORD_HEADER_BYTES
}
