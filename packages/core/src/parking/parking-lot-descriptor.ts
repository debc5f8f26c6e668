import { LINE_BYTES, LINE_WORDS } from '../memory/cells.ts'

/**
 * The memory of a parking lot. Every offset is in 32-bit words.
 *
 * ```
 *  word 0        1         2             3        32              64                   64 + 64 n
 *  +-------+---------+-------------+--------+-----+--------+------+--------------------+-----
 *  | magic | version | max threads | opened | ... | raised | ...  | block of parker 0  | ...
 *  +-------+---------+-------------+--------+-----+--------+------+--------------------+-----
 *  line 0: read mostly                            line 1: 1 where  two lines each:
 *                                                 a flag may be up word 0   owner: the thread's number, or 0
 *                                                                  word 1   flag (0 or 1)
 *                                                                  word 2   wake count, wraps
 *                                                                  word 3   fallback wakes
 *                                                                  word 32  sleeps, a SharedSequence
 * ```
 * `opened` counts the blocks that were ever taken: nobody looks at the others. The counts of a block outlive its owner.
 */
export const LOT_MAGIC = 0x4458_504c
export const LOT_VERSION = 2
export const MAX_THREADS = 2
export const OPENED = 3
export const RAISED = LINE_WORDS
const FIRST_BLOCK = 2 * LINE_WORDS
const BLOCK_WORDS = 2 * LINE_WORDS
export const BLOCK_OWNER = 0
export const BLOCK_FLAG = 1
export const BLOCK_WAKES = 2
export const BLOCK_FALLBACK_WAKES = 3

/** Bytes of a lot for so many threads. */
export function lotBytes(maxThreads: number): number {
  return 4 * (FIRST_BLOCK + maxThreads * BLOCK_WORDS)
}

/** The first word of a parker's block. */
export function blockAt(index: number): number {
  return FIRST_BLOCK + index * BLOCK_WORDS
}

/** Where the count of a block's sleeps is, in bytes. */
export function sleepsByte(index: number): number {
  return 4 * blockAt(index) + LINE_BYTES
}
