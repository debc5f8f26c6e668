import { LINE_BYTES, LINE_WORDS, roundUp } from '../memory/cells.ts'

/**
 * The memory of a slot pool. Offsets without a unit are in 32-bit words.
 *
 * ```
 *  word 0        1         2             3          4                32        33
 *  +-------+---------+-------------+----------+------------+--------+-------+------------+-----
 *  | magic | version | layout hash | capacity | slot bytes | ...    | taken | high water | ...
 *  +-------+---------+-------------+----------+------------+--------+-------+------------+-----
 *  line 0: never written again                                      line 1
 *  then, in whole lines each:
 *  +--------------------------------------+------------------------------------------+-------+
 *  | marks: a bit per slot, 1 = may be    | owners: a word per slot                  | slots |
 *  | free; where to look                  | 0 free, t in use, -t in a cache of t     |       |
 *  +--------------------------------------+------------------------------------------+-------+
 * ```
 * `t` is the number of a thread, from 1 to 2^31 - 1. A word of marks stands for 32 slots, whose owners are one line.
 */
export const POOL_MAGIC = 0x4458_534f
export const POOL_VERSION = 1
export const LAYOUT_HASH = 2
export const CAPACITY = 3
export const SLOT_BYTES = 4
/** How many slots are marked as not free: in use, in caches, or on their way. At least the true number; more only after threads died. */
export const TAKEN = LINE_WORDS
/** The most that `taken` ever was. */
export const HIGH_WATER = LINE_WORDS + 1
export const MARKS = 2 * LINE_WORDS

/** How many slots a word of marks stands for. */
export const MARK_BITS = 32

/** The owner of a slot that is free. */
export const FREE = 0

export const MOST_SLOTS = 2 ** 20
/** Slots take at most this much, so that every offset is a small integer. */
export const MOST_BYTES = 2 ** 30

/** Where everything is. */
export interface SlotPoolOffsets {
  readonly markWords: number
  readonly owners: number
  readonly slotsByte: number
  readonly totalBytes: number
}

/** Lays a pool out. */
export function slotPoolOffsets(capacity: number, slotBytes: number): SlotPoolOffsets {
  const markWords = Math.ceil(capacity / MARK_BITS)
  const ownersByte = 4 * MARKS + roundUp(4 * markWords, LINE_BYTES)
  const slotsByte = ownersByte + roundUp(4 * capacity, LINE_BYTES)
  return { markWords, owners: ownersByte / 4, slotsByte, totalBytes: slotsByte + capacity * slotBytes }
}
