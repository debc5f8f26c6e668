/**
 * Every offset of the journal's files in one place. All numbers are little-endian; `u64` holds whole numbers up to 2^53 - 1.
 *
 * A segment file:
 * ```
 *  0                4096                                                     segment bytes
 *  +----------------+---------------+---------------------+---------+--------+
 *  | segment header | batch         | batch               | batch   | unused |   each batch starts and ends on a sector
 *  +----------------+---------------+---------------------+---------+--------+
 * ```
 * Segment header, one sector:
 * ```
 *  0          8         12          16           32           40              48          56      60         64            4092
 *  +----------+---------+-----------+------------+------------+---------------+-----------+-------+----------+-------------+-----+
 *  | DXWALSEG | version | log count | journal id | segment id | segment bytes | first LSN | epoch | reserved | log table   | CRC |
 *  +----------+---------+-----------+------------+------------+---------------+-----------+-------+----------+-------------+-----+
 *
 *  log table, 32 bytes a log:   0        4          8             16           24
 *                               +--------+----------+-------------+------------+-----------+
 *                               | log id | reserved | first index | last index | last term |     as they stood before this segment
 *                               +--------+----------+-------------+------------+-----------+
 * ```
 * Batch header, followed by the records and by zeros up to the next sector:
 * ```
 *  0       4         8            24           32          40            48      52            56       60      64         120        124
 *  +-------+---------+------------+------------+-----------+-------------+-------+-------------+--------+-------+----------+----------+------------+
 *  | magic | version | journal id | segment id | first LSN | durable LSN | count | body length | sector | epoch | reserved | body CRC | header CRC |
 *  +-------+---------+------------+------------+-----------+-------------+-------+-------------+--------+-------+----------+----------+------------+
 * ```
 * Record, aligned to 8:
 * ```
 *  0        4      8        12         16      24     32
 *  +--------+------+--------+----------+-------+------+------+------------+
 *  | length | kind | log id | reserved | index | term | data | zeros to 8 |
 *  +--------+------+--------+----------+-------+------+------+------------+
 * ```
 */
export const FORMAT_VERSION = 1
/** Unit of every write. No later write touches the sector of an acknowledged one. */
export const SECTOR_BYTES = 4096
export const LEAST_SEGMENT_BYTES = 64 * 1024
export const MOST_SEGMENT_BYTES = 1024 ** 3

/** "DXWA" and "LSEG" */
export const SEGMENT_MAGIC_LOW = 0x4157_5844
export const SEGMENT_MAGIC_HIGH = 0x4745_534c
export const SEGMENT_VERSION = 8
export const SEGMENT_LOG_COUNT = 12
export const SEGMENT_JOURNAL_ID = 16
export const SEGMENT_ID = 32
export const SEGMENT_BYTES = 40
export const SEGMENT_FIRST_LSN = 48
export const SEGMENT_EPOCH = 56
export const SEGMENT_LOGS = 64
export const SEGMENT_CRC = SECTOR_BYTES - 4
export const LOG_ENTRY_BYTES = 32
export const LOG_ID = 0
export const LOG_FIRST_INDEX = 8
export const LOG_LAST_INDEX = 16
export const LOG_LAST_TERM = 24
/** What the log table of one sector holds. */
export const MOST_LOGS = Math.floor((SEGMENT_CRC - SEGMENT_LOGS) / LOG_ENTRY_BYTES)

/** "DXBT" */
export const BATCH_MAGIC_VALUE = 0x5442_5844
export const BATCH_MAGIC = 0
export const BATCH_VERSION = 4
export const BATCH_JOURNAL_ID = 8
export const BATCH_SEGMENT_ID = 24
export const BATCH_FIRST_LSN = 32
export const BATCH_DURABLE_LSN = 40
export const BATCH_COUNT = 48
export const BATCH_BODY_LENGTH = 52
/** Offset of the batch in its segment, in sectors. */
export const BATCH_SECTOR = 56
export const BATCH_EPOCH = 60
export const BATCH_BODY_CRC = 120
export const BATCH_HEADER_CRC = 124
export const BATCH_HEADER_BYTES = 128

export const RECORD_LENGTH = 0
export const RECORD_KIND = 4
export const RECORD_LOG_ID = 8
export const RECORD_INDEX = 16
export const RECORD_TERM = 24
export const RECORD_HEADER_BYTES = 32
const RECORD_ALIGNMENT = 8

/** An entry of a log: index, term, data. */
export const KIND_ENTRY = 1
/** Everything up to index (of this term) lives elsewhere; the next entry is index + 1. */
export const KIND_RESET = 2
/** The journal was opened; from here on batches carry a higher epoch. */
export const KIND_OPENED = 3
/** The journal was closed in good order: its header proves everything before it durable. */
export const KIND_CLOSED = 4

const TWO_32 = 2 ** 32

/** Reads a `u64`. NaN when it is over 2^53 - 1, so that every comparison with it fails. */
export function readU64(view: DataView, offset: number): number {
  const value = view.getUint32(offset, true) + view.getUint32(offset + 4, true) * TWO_32
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN
}

/** Writes a whole number up to 2^53 - 1 as a `u64`. */
export function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value >>> 0, true)
  view.setUint32(offset + 4, value / TWO_32, true)
}

/** The next multiple of the sector. */
export function padToSector(bytes: number): number {
  return Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES
}

/** Bytes that a record with `length` bytes of data takes in a batch. */
export function recordBytes(length: number): number {
  return (RECORD_HEADER_BYTES + length + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT
}
