import { LINE_BYTES, LINE_WORDS } from '../memory/cells.ts'

/**
 * The memory of a work pool. Word offsets count 32 bits; a line is 128 bytes.
 *
 * ```
 *  line 0, read mostly: magic, version, max workers, opened, closed
 *  line 1: the work sequence, a SharedSequence: everything up to it is claimed
 *  line 2: a SharedSequence: everything up to it may be claimed
 *  line 3: word 0 the thread that tends the pool, or 0; 1 whether to tend it once more; 2 how many claims have nobody
 *  then a line for each worker: word 0 state, 1 its thread, 2 and 3 its claim: the event that it is at, and the last one; low 32 bits
 * ```
 * `opened` counts the workers' lines that were ever taken: nobody looks at the others.
 */
export const POOL_MAGIC = 0x4458_5750
export const POOL_VERSION = 1
export const MAX_WORKERS = 2
export const OPENED = 3
export const CLOSED = 4
export const WORK_BYTE = LINE_BYTES
/** The low 32 bits of the work sequence. */
export const WORK = LINE_WORDS
export const READY_BYTE = 2 * LINE_BYTES
export const TENDER = 3 * LINE_WORDS
export const AGAIN = TENDER + 1
export const ORPHANS = TENDER + 2
export const STATE = 0
export const THREAD = 1
export const AT = 2
export const LAST = 3

/** Values of a worker's state. From `INTENT` on its claim is not released. */
export const FREE = 0
export const IDLE = 1
/** It is about to claim: the range is written, and the work sequence perhaps not yet moved. */
export const INTENT = 2
export const CLAIMED = 3
/** A claim that its worker left behind. */
export const ORPHANED = 4

/** Bytes of a pool of so many workers. */
export function poolBytes(maxWorkers: number): number {
  return (4 + maxWorkers) * LINE_BYTES
}

/** The first word of a worker's line. */
export function workerLine(worker: number): number {
  return (4 + worker) * LINE_WORDS
}
