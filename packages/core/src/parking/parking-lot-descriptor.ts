import { LINE_BYTES, LINE_WORDS } from '../memory/cells.ts'

/**
 * The memory of a parking lot. Every offset is in 32-bit words.
 *
 * ```
 *  word 0        1         2             3        32              64                   64 + 32 n
 *  +-------+---------+-------------+--------+-----+--------+------+--------------------+-----
 *  | magic | version | max threads | opened | ... | raised | ...  | block of parker 0  | ...
 *  +-------+---------+-------------+--------+-----+--------+------+--------------------+-----
 *  line 0: read mostly                            line 1: how      one line each:
 *                                                 many flags       word 0  taken (0 or 1)
 *                                                 are up, at least word 1  flag (0 or 1)
 *                                                                  word 2  wake count, wraps
 * ```
 * `opened` counts the blocks that were ever taken: nobody looks at the others.
 */
export const LOT_MAGIC = 0x4458_504c
export const LOT_VERSION = 1
export const MAX_THREADS = 2
export const OPENED = 3
export const RAISED = LINE_WORDS
const FIRST_BLOCK = 2 * LINE_WORDS
export const BLOCK_TAKEN = 0
export const BLOCK_FLAG = 1
export const BLOCK_WAKES = 2

/** Bytes of a lot for so many threads. */
export function lotBytes(maxThreads: number): number {
  return (FIRST_BLOCK / LINE_WORDS + maxThreads) * LINE_BYTES
}

/** The first word of a parker's block. */
export function blockAt(index: number): number {
  return FIRST_BLOCK + index * LINE_WORDS
}
