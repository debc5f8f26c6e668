import { LINE_BYTES, LINE_WORDS, roundUp } from '../memory/cells.ts'

/**
 * The memory of a byte ring. Word offsets count 32 bits; a line is 128 bytes.
 *
 * ```
 *  line 0, read mostly
 *  word 0        1         2          3        4       5           6               7          8
 *  +-------+---------+----------+--------+-------+-----------+---------------+----------+----------+-----
 *  | magic | version | capacity | status | waits | producers | max producers | consumer | reclaims | ...
 *  +-------+---------+----------+--------+-------+-----------+---------------+----------+----------+-----
 *            producers: 0 single, 1 multi; consumer: the number of the thread that holds the reading side, or 0;
 *            reclaims: how often a dead thread had held a side, wraps
 *  line 1: cursor, a SharedSequence: how far the only producer has published, or several have claimed
 *  line 2: released, a SharedSequence: how far the consumer has let go
 *  line 3: what the consumer skipped: word 0 gaps, word 1 units of 8 bytes; both wrap
 *  then:
 *  +--------------------------+--------------------------------+----------------+
 *  | producers, one line each | flags, a byte for each 8 bytes | capacity bytes |
 *  |                          | several producers only         | records        |
 *  +--------------------------+--------------------------------+----------------+
 *    word 0 of a producer: the number of its thread, or 0
 *    word 1 of a producer: its intent, see ProducerTable; several producers only
 * ```
 * Positions count bytes; the cells hold their low 32 bits.
 *
 * ```
 *  record, aligned to 8:   byte 0              4               8
 *                          +-------------------+---------------+---------------------+---------+
 *                          | length of payload | kind          | payload             | to 8    |
 *                          +-------------------+---------------+---------------------+---------+
 *                          kind 1: a record; kind 2: nothing: up to the end of the ring, as no record is ever cut, or a claim given up
 * ```
 * With several producers, the flag of a record's first 8 bytes is 1 from when it is published until it is released. All other flags are 0: so
 * what an older record left there is never taken for a header, and no memory has to be cleared but the flags.
 */
export const BYTE_RING_MAGIC = 0x4458_4252
export const BYTE_RING_VERSION = 2
export const PRODUCERS = 5
export const MAX_PRODUCERS = 6
export const CONSUMER_THREAD = 7
export const RECLAIMS = 8
export const CURSOR_BYTE = LINE_BYTES
export const CURSOR = LINE_WORDS
export const RELEASED_BYTE = 2 * LINE_BYTES
export const RELEASED = 2 * LINE_WORDS
export const SKIPPED = 3 * LINE_WORDS
export const SKIPPED_UNITS = SKIPPED + 1
/** The line of producer 0. */
export const PRODUCER_LINES = 4 * LINE_WORDS
export const PRODUCER_THREAD = 0
export const PRODUCER_INTENT = 1
/** Where the records of a ring for one producer start. */
export const SINGLE_DATA_BYTE = 5 * LINE_BYTES

export const RECORD_HEADER_BYTES = 8
export const RECORD_ALIGNMENT = 8
/** How far to shift a position to count the units of {@link RECORD_ALIGNMENT} before it. */
export const UNIT_SHIFT = 3
export const KIND_RECORD = 1
export const KIND_PADDING = 2
export const LEAST_CAPACITY = 64
export const MOST_CAPACITY = 2 ** 30
export const MOST_PRODUCERS = 1024

/** What decides where everything is. */
export interface ByteRingShape {
  readonly capacityBytes: number
  readonly producers: 'single' | 'multi'
  readonly maxProducers: number
}

/** Where the flags are, the records, and the end, in bytes. */
export interface ByteRingOffsets {
  readonly flagsByte: number
  readonly dataByte: number
  readonly totalBytes: number
}

/** Lays a ring out. */
export function byteRingOffsets(shape: ByteRingShape): ByteRingOffsets {
  const flagsByte = 4 * PRODUCER_LINES + shape.maxProducers * LINE_BYTES
  const dataByte = flagsByte + (shape.producers === 'multi' ? roundUp(shape.capacityBytes >> UNIT_SHIFT, LINE_BYTES) : 0)
  return { flagsByte, dataByte, totalBytes: dataByte + shape.capacityBytes }
}

/** The longest payload: a quarter of the ring less the header. With up to that much lost to padding, a record always fits an empty ring. */
export function maxRecordBytes(capacityBytes: number): number {
  return capacityBytes / 4 - RECORD_HEADER_BYTES
}
